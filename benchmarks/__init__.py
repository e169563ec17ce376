"""Measurements; each is a script of its own, and none is a test."""
