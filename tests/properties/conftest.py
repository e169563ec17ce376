"""Hypothesis, so that a run says the same each time in CI and never depends on how fast a machine is."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "lsqm",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("lsqm")
