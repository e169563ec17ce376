"""Terraform as a command: which engine, which providers, what is added, what it did."""
