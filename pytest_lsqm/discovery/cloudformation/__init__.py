"""CloudFormation and SAM templates as Terraform, by tables that say what each type is there.

What no table knows is lost, and said to be; nothing is guessed.
"""

from __future__ import annotations

from pytest_lsqm.discovery.cloudformation.converting import Converted, convert
from pytest_lsqm.discovery.cloudformation.reading import is_template, read

__all__ = ["Converted", "convert", "is_template", "read"]
