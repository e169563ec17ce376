"""moto's server, really running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from pytest_lsqm import emulators

from .aws import ONE, OTHER, client, create_table

if TYPE_CHECKING:
    from pytest_lsqm.emulators.base import Instance

pytestmark = pytest.mark.slow


def test_accounts_are_not_apart_which_is_why_it_is_never_shared(moto: Instance) -> None:
    client("iam", moto.endpoint, ONE).create_role(RoleName="same", AssumeRolePolicyDocument="{}")
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        client("iam", moto.endpoint, OTHER).create_role(RoleName="same", AssumeRolePolicyDocument="{}")


def test_a_reset_drops_everything(moto: Instance) -> None:
    tables = client("dynamodb", moto.endpoint)
    create_table(tables, "gone-soon")
    moto.reset()
    assert tables.list_tables()["TableNames"] == []


def test_lambda_is_a_limit_because_it_wants_containers() -> None:
    assert "containers" in emulators.create("moto").limits()["lambda"]
