"""Whatever a record holds, it comes back as it was, and what is none is refused with the file's name."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_lsqm.corpus import files
from pytest_lsqm.errors import StoreError
from pytest_lsqm.masking import Masker
from pytest_lsqm.models import ValidationResult
from tests.properties.strategies import JSON, results


@given(results())
def test_a_result_is_read_as_it_was_written(result: ValidationResult) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "result.json")
        files.write(path, result)
        again = files.read(path, ValidationResult)
        assert files.dump(again) == files.dump(result)
        assert [other.name for other in Path(folder).iterdir()] == ["result.json"]


@given(results())
def test_a_result_that_travelled_is_the_one_that_was_sent(result: ValidationResult) -> None:
    assert ValidationResult.model_validate(json.loads(json.dumps(result.model_dump(mode="json")))) == result


@given(results(), st.lists(st.text(min_size=1, max_size=30), max_size=4))
def test_a_masked_result_is_a_result_and_is_masked_once(result: ValidationResult, secrets: list[str]) -> None:
    masker = Masker(secrets)
    masked = masker.record(result)
    assert masker.record(masked) == masked
    assert ValidationResult.model_validate_json(masked.model_dump_json()) == masked
    assert (masked.status, masked.arch_hash, masked.run_id) == (result.status, result.arch_hash, result.run_id)
    assert (masked.services, masked.operations) == (result.services, result.operations)


@given(st.text(max_size=300), st.text("abcXYZ0189", min_size=12, max_size=30), st.text(max_size=300))
def test_a_known_secret_is_gone_whatever_stands_around_it(before: str, secret: str, after: str) -> None:
    if secret.isdigit():
        secret += "x"
    assert secret not in Masker([secret]).text(before + secret + after)


@given(results(), st.sampled_from(["arch_hash", "run_id", "status", "started_at", "duration_seconds"]), JSON)
def test_a_field_that_is_none_of_its_kind_is_refused_and_the_file_stays(
    result: ValidationResult, field: str, wrong: Any
) -> None:
    data = {**files.dump(result), field: wrong}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "result.json")
        files.write_json(path, data)
        before = path.read_bytes()
        try:
            found = files.read(path, ValidationResult)
        except StoreError as error:
            assert str(path) in str(error)
            with pytest.raises(StoreError):
                files.write(path, result)
            assert path.read_bytes() == before
        else:
            # Only what says the same in another way is taken.
            assert ValidationResult.model_validate(files.dump(found)) == found


@given(st.binary(max_size=200))
def test_bytes_that_are_no_record_are_a_sentence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "result.json")
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"result\.json"):
            files.read(path, ValidationResult)
        assert path.read_bytes() == content


@given(results(), st.integers(0, 10_000))
def test_a_result_that_was_torn_at_any_byte_is_named_and_not_replaced(result: ValidationResult, cut: int) -> None:
    whole = files.encode(files.dump(result))
    torn = whole[: cut % (len(whole) - 2)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "result.json")
        path.write_bytes(torn)
        with pytest.raises(StoreError, match="torn"):
            files.write(path, result)
        assert path.read_bytes() == torn
