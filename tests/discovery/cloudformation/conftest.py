from __future__ import annotations

# Terraform, its mirror and LocalStack are the ones of the tests of `terraform/`.
from tests.terraform.conftest import engine, localstack, mirror, project

__all__ = ["engine", "localstack", "mirror", "project"]
