from __future__ import annotations

from tests.validation.conftest import engine, mirror, temporary

__all__ = ["engine", "mirror", "temporary"]
