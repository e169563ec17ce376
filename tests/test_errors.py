from __future__ import annotations

import inspect

import pytest

from pytest_lsqm import errors
from pytest_lsqm.errors import EmulatorError, EnvironmentProblem, LsqmError, ProviderError, StoreError, UsageError

ALL = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, BaseException) and found.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_caught_as_one_of_ours_and_says_its_message(error: type[LsqmError]) -> None:
    with pytest.raises(LsqmError) as caught:
        raise error("what is wrong; what to do")
    assert str(caught.value) == "what is wrong; what to do"


@pytest.mark.parametrize("error", ALL)
def test_no_error_of_ours_is_one_of_pythons_that_other_code_may_catch(error: type[LsqmError]) -> None:
    assert not issubclass(error, OSError | ValueError | RuntimeError | LookupError | AssertionError)


def test_what_the_emulator_and_the_providers_lack_is_the_environments_fault() -> None:
    assert issubclass(EmulatorError, EnvironmentProblem)
    assert issubclass(ProviderError, EnvironmentProblem)


def test_a_wrong_call_and_a_broken_store_are_not_the_environments_fault() -> None:
    assert not issubclass(UsageError, EnvironmentProblem)
    assert not issubclass(StoreError, EnvironmentProblem | UsageError)
