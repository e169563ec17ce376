"""Schedules of EventBridge Scheduler: what is to be done, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_lsqm.generation.builtin.probes.sinks import storable
from pytest_lsqm.generation.builtin.registry import probe
from pytest_lsqm.generation.builtin.writing import Test

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_lsqm.generation.base import Resource
    from pytest_lsqm.generation.builtin.world import World

SETTINGS = {
    "State": "state",
    "ScheduleExpression": "schedule_expression",
    "ScheduleExpressionTimezone": "schedule_expression_timezone",
    "Description": "description",
}


@probe("aws_scheduler_schedule_group")
def group(it: Resource, world: World) -> Iterator[Test]:
    """Yield that a group of schedules is active."""
    yield Test(
        "schedule_group_{}_is_active",
        f"""
        it = {world.ref(it)}
        found = scheduler.get_schedule_group(Name=it["name"])
        assert (found["Arn"], found["State"]) == (it["arn"], "ACTIVE")
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )


@probe("aws_scheduler_schedule")
def schedule(it: Resource, world: World) -> Iterable[Test]:
    """Return that a schedule says when, and does what, was asked for."""
    wanted = {api: value for api, name in SETTINGS.items() if (value := world.asked(it, name))}
    given = world.asked(it, "target", 0, "input")
    mode = world.asked(it, "flexible_time_window", 0, "mode")
    test = Test(
        "schedule_{}_says_what_was_asked_for",
        f"""
        it = {world.ref(it)}
        found = scheduler.get_schedule(Name=it["name"], GroupName=it["group_name"])
        wanted = {wanted!r}
        assert {{name: found.get(name) for name in wanted}} == wanted
        assert found["Target"]["Arn"] == it["target"][0]["arn"]
        assert found["Target"]["RoleArn"] == it["target"][0]["role_arn"]
        {f'assert found["Target"]["Input"] == {given!r}' if given else ""}
        {f'assert found["FlexibleTimeWindow"]["Mode"] == {mode!r}' if mode else ""}
        """,
        (it.address,),
        world.label(it),
        world.other_region(it),
    )
    return storable([test])
