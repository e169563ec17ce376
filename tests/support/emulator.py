"""One LocalStack for all tests of a session, and leases on it; an account of its own for each."""

from __future__ import annotations

import itertools
import secrets
import tempfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from pytest_lsqm import emulators
from pytest_lsqm.emulators.pool import Lease

if TYPE_CHECKING:
    from pytest_lsqm.emulators.base import Instance

_SHARED = pytest.StashKey["Instance"]()
_ACCOUNTS = itertools.count(100_000_000_000 + secrets.randbelow(800_000_000_000))


def shared_localstack(config: pytest.Config) -> Instance:
    """Return the session's LocalStack, started at the first call and stopped when pytest ends."""
    if _SHARED not in config.stash:
        emulator = emulators.create("localstack-host")
        emulator.prepare(lambda _: None)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", None)  # it outlives this test, whose own folder does not
            config.stash[_SHARED] = instance = emulator.start(ahead=True)
        config.add_cleanup(instance.stop)
    return config.stash[_SHARED]


def new_account() -> str:
    return str(next(_ACCOUNTS))


class Lent:
    """Leases on an instance that runs already; it remembers what was given back, and how."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.leases: list[Lease] = []
        self.released: list[bool] = []
        """Whether each lease came back dirty."""

    def lease(self, *, fresh: bool = False) -> Lease:
        number = len(self.leases)
        lease = Lease(
            self.instance.endpoint, new_account(), self.instance.facts, self.instance.log_size(), 0, number
        )
        self.leases.append(lease)
        return lease

    def release(self, lease: Lease, *, dirty: bool) -> None:
        assert lease in self.leases
        self.released.append(dirty)

    def healthy(self, lease: Lease) -> bool:
        return self.instance.is_healthy()

    def logs(self, lease: Lease) -> str:
        return self.instance.logs(lease.log_position)

    def obituary(self, lease: Lease) -> str:
        return self.instance.obituary()

    def queues(self) -> list[str]:
        """Return the URLs of the queues in the account of the last lease."""
        sqs = client("sqs", self.leases[-1].endpoint, self.leases[-1].account)
        found: list[str] = sqs.list_queues().get("QueueUrls", [])
        return found


def client(service: str, endpoint: str, account: str, region: str = "us-east-1") -> Any:
    """Return a boto3 client for one account of an emulator."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        aws_access_key_id=account,
        aws_secret_access_key="test",
        region_name=region,
        config=Config(retries={"max_attempts": 1}, proxies={}),
    )
