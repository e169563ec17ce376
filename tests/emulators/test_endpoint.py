"""Emulators that somebody else runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_lsqm.emulators.base import Isolation
from pytest_lsqm.emulators.endpoint import Endpoint, accounts_are_apart
from pytest_lsqm.errors import EmulatorError, UsageError

if TYPE_CHECKING:
    from pytest_lsqm.emulators.base import Instance

    from .conftest import LittleEmulator


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1", "http://", "http://127.0.0.1:port", "http://127.0.0.1:4566/path", "unix:///run/x", "://x"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is not the URL of an emulator"):
        Endpoint(url)


@pytest.mark.parametrize(
    "url", ["https://s3.amazonaws.com", "https://sts.us-east-1.amazonaws.com:443/", "https://X.AMAZONAWS.COM.CN"]
)
def test_aws_itself_is_no_emulator(url: str) -> None:
    with pytest.raises(UsageError, match="AWS itself"):
        Endpoint(url)


def test_nobody_there_is_said_with_the_address() -> None:
    with pytest.raises(EmulatorError, match=r"nobody answers at http://127\.0\.0\.1:9"):
        Endpoint("http://127.0.0.1:9").prepare(lambda _: None)


def test_an_emulator_that_keeps_nothing_apart_is_refused(little: LittleEmulator) -> None:
    with pytest.raises(EmulatorError, match="neither keeps 12-digit accounts apart"):
        Endpoint(little.start().endpoint).prepare(lambda _: None)


@pytest.mark.slow
def test_a_running_localstack_is_recognised(localstack_host: Instance) -> None:
    _is_recognised(localstack_host, "localstack", localstack_host.facts.version, Isolation.ACCOUNT)


@pytest.mark.slow
def test_a_running_ministack_is_recognised(ministack: Instance) -> None:
    _is_recognised(ministack, "ministack", ministack.facts.version, Isolation.ACCOUNT)


@pytest.mark.slow
def test_a_running_moto_is_recognised_and_needs_resets(moto: Instance) -> None:
    _is_recognised(moto, "moto", "unknown", Isolation.RESET)


def _is_recognised(running: Instance, name: str, version: str, isolation: Isolation) -> None:
    endpoint = Endpoint(running.endpoint)
    instance = endpoint.start()
    assert (endpoint.name, endpoint.version, endpoint.isolation) == (name, version, isolation)
    assert (instance.facts.name, instance.facts.version) == (name, version)
    assert endpoint.foreseen() is None
    instance.stop()
    assert running.is_healthy(), "it is not ours to stop"


@pytest.mark.slow
def test_moto_does_not_keep_accounts_apart_and_localstack_does(moto: Instance, localstack_host: Instance) -> None:
    assert not accounts_are_apart(moto.endpoint)
    assert accounts_are_apart(localstack_host.endpoint)
