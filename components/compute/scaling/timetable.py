"""Bounds that change by the clock."""

from collections.abc import Mapping

from components.compute.scaling.target import Scalable
from settings.scaling import ScheduleSettings


def make(scalable: Scalable, schedules: Mapping[str, ScheduleSettings]) -> None:
    """A scheduled action for each schedule, named after it."""
    for name, schedule in schedules.items():
        scalable.schedule(f"schedule-{name}", schedule.when, schedule.timezone, schedule.min, schedule.max)
