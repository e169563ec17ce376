"""Operations over a run."""

from __future__ import annotations

from pytest_lsqm.history import service_operations
from tests.corpus.records import A, B, C, result, run


def test_each_service_is_told_by_operation_and_outcome_over_all_architectures_and_phases() -> None:
    one = {"deploy": {"sqs.CreateQueue": {"200": 1}}, "test": {"sqs.SendMessage": {"200": 3, "500": 1}}}
    other = {"test": {"sqs.SendMessage": {"200": 2}, "s3.GetObject": {"404 NoSuchKey": 1}}}
    made = run(1, emulator="moto")
    found = service_operations(made, [result(A, operations=one), result(B, operations=other)])
    assert [(each.service_name, each.architecture_count, each.operations) for each in found] == [
        ("s3", 1, {"s3.GetObject": {"404 NoSuchKey": 1}}),
        ("sqs", 2, {"sqs.CreateQueue": {"200": 1}, "sqs.SendMessage": {"200": 5, "500": 1}}),
    ]
    assert {(each.run_id, each.emulator) for each in found} == {(made.run_id, "moto")}


def test_what_an_error_called_says_nothing_about_a_service() -> None:
    assert service_operations(run(1), [result(C, "ERROR", operations={"test": {"sqs.X": {"200": 1}}})]) == []
