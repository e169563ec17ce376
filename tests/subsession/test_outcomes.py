"""What an app's own session counts, seen in real sub-sessions, and the status that follows from it."""

from __future__ import annotations

import pytest

from tests.support.apps import Runner, counts, judge, outcomes


def test_an_app_whose_tests_all_pass_is_passed(apps: Runner) -> None:
    report = apps.run(
        """
        import app

        def test_one() -> None:
            assert app.VALUE == 42

        def test_two() -> None:
            pass
        """,
        app="VALUE = 42\n",
    )
    assert outcomes(report) == {"test_one": "passed", "test_two": "passed"}
    assert (counts(report), report.results.exit_code) == ((2, 2, 0, 0), 0)
    assert (report.problem, report.cut_short, report.timed_out) == (None, None, False)
    assert judge(report).status == "PASSED"


def test_one_failing_test_among_passing_ones_makes_it_partial(apps: Runner) -> None:
    report = apps.run(
        """
        def test_good() -> None:
            pass

        def test_bad() -> None:
            assert "queue" == "topic", "the message went astray"
        """
    )
    assert counts(report) == (2, 1, 1, 0)
    assert judge(report).status == "PARTIAL"
    bad = next(test for test in report.results.tests if test.name == "test_bad")
    assert "the message went astray" in str(bad.message)


def test_an_app_whose_tests_all_fail_is_failed(apps: Runner) -> None:
    report = apps.run("def test_a(): assert 0\ndef test_b(): raise OSError('no queue')\n")
    assert counts(report) == (2, 0, 2, 0)
    assert judge(report).status == "FAILED"


def test_an_app_without_tests_is_an_error_that_says_so(apps: Runner) -> None:
    report = apps.run("VALUE = 1\n")
    assert counts(report) == (0, 0, 0, 0)
    assert "no tests" in str(report.problem)
    assert judge(report).status == "ERROR"


@pytest.mark.parametrize(
    ("test_app", "reason"),
    [
        ("import a_module_that_is_not_there\ndef test_it(): pass\n", "a_module_that_is_not_there"),
        ("def test_it(:\n    pass\n", "SyntaxError"),
        ("raise OSError('broken while it was imported')\n", "broken while it was imported"),
    ],
    ids=["import error", "syntax error", "failing at import"],
)
def test_an_app_that_cannot_be_collected_is_an_error_that_names_the_reason(
    apps: Runner, test_app: str, reason: str
) -> None:
    report = apps.run(test_app)
    assert counts(report) == (0, 0, 0, 0)
    assert reason in str(report.problem)
    assert judge(report).status == "ERROR"


def test_a_broken_conftest_is_an_error_that_names_the_reason(apps: Runner) -> None:
    report = apps.run("def test_it(): pass\n", conftest="raise RuntimeError('the wrong region')\n")
    assert counts(report) == (0, 0, 0, 0)
    assert "the wrong region" in str(report.problem)
    assert judge(report).status == "ERROR"


def test_a_missing_fixture_is_never_passed(apps: Runner) -> None:
    report = apps.run("def test_it(no_such_fixture): pass\n")
    assert outcomes(report) == {"test_it": "error"}
    assert counts(report) == (1, 0, 1, 0)
    assert judge(report).status == "FAILED"


def test_a_fixture_that_breaks_in_its_setup_is_a_failure_of_its_test_only(apps: Runner) -> None:
    report = apps.run(
        """
        import pytest

        @pytest.fixture
        def broken():
            raise KeyError("queue_url")

        def test_with(broken): pass
        def test_without(): pass
        """
    )
    assert outcomes(report) == {"test_with": "error", "test_without": "passed"}
    assert judge(report).status == "PARTIAL"


def test_a_fixture_that_breaks_in_its_teardown_is_a_failure_though_the_test_passed(apps: Runner) -> None:
    report = apps.run(
        """
        import pytest

        @pytest.fixture
        def broken():
            yield
            raise KeyError("message lost")

        def test_it(broken): pass
        """
    )
    assert outcomes(report) == {"test_it": "error"}
    assert "message lost" in str(report.results.tests[0].message)
    assert judge(report).status == "FAILED"


def test_an_app_that_skips_all_of_its_tests_is_an_error(apps: Runner) -> None:
    report = apps.run(
        """
        import pytest

        @pytest.mark.skip(reason="not today")
        def test_one(): pass

        def test_two(): pytest.skip("not here")
        """
    )
    assert counts(report) == (2, 0, 0, 2)
    assert "all 2 tests skipped themselves" in str(report.problem)
    assert judge(report).status == "ERROR"


def test_an_app_that_skips_itself_as_a_module_is_an_error(apps: Runner) -> None:
    report = apps.run("import pytest\npytest.skip('never', allow_module_level=True)\n")
    assert counts(report) == (0, 0, 0, 0)
    assert judge(report).status == "ERROR"


def test_a_skipped_test_beside_a_passing_one_is_counted_and_leaves_it_passed(apps: Runner) -> None:
    report = apps.run("import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('needs a queue')\n")
    assert counts(report) == (2, 1, 0, 1)
    assert report.results.tests[1].message == "Skipped: needs a queue"
    assert judge(report).status == "PASSED"


def test_a_skipped_test_beside_a_failing_one_does_not_make_it_partial(apps: Runner) -> None:
    report = apps.run("import pytest\ndef test_a(): assert 0\ndef test_b(): pytest.skip('x')\n")
    assert counts(report) == (2, 0, 1, 1)
    assert judge(report).status == "FAILED"


def test_a_test_that_fails_as_expected_counts_as_skipped(apps: Runner) -> None:
    report = apps.run("import pytest\ndef test_a(): pass\n@pytest.mark.xfail\ndef test_b(): assert 0\n")
    assert counts(report) == (2, 1, 0, 1)


def test_a_test_that_was_expected_to_fail_and_passes_is_a_failure_when_it_is_strict(apps: Runner) -> None:
    report = apps.run(
        """
        import pytest

        @pytest.mark.xfail(strict=True)
        def test_strict(): pass

        @pytest.mark.xfail(strict=False)
        def test_lenient(): pass
        """
    )
    assert outcomes(report) == {"test_strict": "failed", "test_lenient": "passed"}
    assert judge(report).status == "PARTIAL"


def test_a_failing_subtest_fails_its_test(apps: Runner) -> None:
    report = apps.run(
        """
        def test_it(subtests):
            for number in range(2):
                with subtests.test(number=number):
                    assert number
        """
    )
    assert outcomes(report) == {"test_it": "failed"}
    assert judge(report).status == "FAILED"


def test_a_conftest_that_deselects_everything_is_an_error(apps: Runner) -> None:
    report = apps.run(
        "def test_it(): pass\n",
        conftest="def pytest_collection_modifyitems(items): items.clear()\n",
    )
    assert counts(report) == (0, 0, 0, 0)
    assert judge(report).status == "ERROR"


def test_a_message_that_is_no_unicode_text_is_kept_as_far_as_it_can_be(apps: Runner) -> None:
    report = apps.run("def test_it(): raise AssertionError('half a character: \\ud83d, a line\\u2028end')\n")
    assert outcomes(report) == {"test_it": "failed"}
    assert "half a character" in report.results.model_dump_json()


def test_a_session_that_prints_more_than_is_kept_keeps_its_end(apps: Runner) -> None:
    report = apps.run("def test_it():\n    print('x' * 3_000_000 + 'THE LAST WORD')\n    assert 0\n")
    assert "THE LAST WORD" in report.results.output
    assert len(report.results.output) <= 64 * 1024
