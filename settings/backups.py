"""The settings of backups: when they are taken and kept, where they are copied to, and how restores are tried."""

import functools
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Annotated

from pydantic import Field

from settings import schedules, tables
from settings.errors import Finding, Findings, Mistake, nearest, shown
from settings.schedules import Cron, ScheduleError
from settings.section import Section, rule

# AWS Backup keeps what it moves to cold storage there for 90 days at least (API of AWS Backup, read 2026-11).
COLD_DAYS = 90
# It starts no backup rule more often than once an hour (developer guide, creating-a-backup-plan, read 2026-11).
SHORTEST_GAP = timedelta(hours=1)
# Longest that a finished restore is listed, so longest in which one can be shown to have been proven.
LONGEST_PROOF_DAYS = 30
# A test starts within so many hours of its time; restoring and looking take the rest of a day.
TEST_STARTS_WITHIN_HOURS = 4
_TEST_TAKES = timedelta(days=1)
# Schedules are judged from here on, so that the same file means the same on every day that it is deployed.
_FIRST = datetime(2027, 1, 1)  # noqa: DTZ001 - naive like all times of schedules
_TIMES = 400  # more than a year of a daily schedule, so every gap that it has

Days = Annotated[int, Field(ge=1, le=36500)]
CronText = Annotated[str, Field(min_length=1, max_length=256)]


class CopySettings(Section):
    """A second copy of every backup in another region, with a key of its own there."""

    region: Annotated[
        str,
        Field(
            min_length=1,
            max_length=30,
            description="Region of the copies, another one than the stack's; transfer there is billed by the GB.",
            examples=["us-west-2"],
        ),
    ]
    keep_days: Annotated[Days, Field(description="Days that a copy is kept.", examples=[35])]


class BackupSettings(Section):
    """Backups of every store that AWS Backup can keep, in a vault with its own key, and the tests that restore them."""

    schedule: Annotated[
        CronText,
        Field(
            description="When backups are taken: cron(minutes hours day-of-month month day-of-week year).",
            examples=["cron(0 5 * * ? *)"],
        ),
    ]
    timezone: Annotated[
        Annotated[str, Field(min_length=1, max_length=50)],
        Field(description="Time zone of both schedules, by its IANA name; UTC when not given.", examples=["UTC"]),
    ] = "UTC"
    keep_days: Annotated[
        Days,
        Field(description="Days that a backup is kept; 7 or more in a protected stack.", examples=[35]),
    ]
    restore_test: Annotated[
        CronText | None,
        Field(
            description="When the latest backup of each store is restored, looked into and deleted again, as cron; null"
            " for never, which is refused in a protected stack.",
            examples=["cron(0 9 ? * SUN *)"],
        ),
    ]
    proven_within_days: Annotated[
        Annotated[int, Field(ge=2, le=LONGEST_PROOF_DAYS)] | None,
        Field(
            description="An alarm when no restore of a store has been proven for so many days. Absent: the longest time"
            " between two tests and two days more.",
            examples=[9],
        ),
    ] = None
    starts_within_minutes: Annotated[
        int,
        Field(
            ge=60,
            le=10080,
            description="A backup that has not started by then is missed; 60 when not given, which is the least.",
            examples=[60],
        ),
    ] = 60
    ends_within_minutes: Annotated[
        int,
        Field(
            ge=120,
            le=100800,
            description="A backup that is not done by then, counted from its time, is given up; 720 when not given.",
            examples=[720],
        ),
    ] = 720
    cold_after_days: Annotated[
        Days | None,
        Field(
            description="Days after which backups of tables and files move to cold storage, where they stay for 90 days"
            " at least; databases and buckets have none. Absent, or null: never.",
            examples=[30],
        ),
    ] = None
    buckets_continuous_days: Annotated[
        Annotated[int, Field(ge=1, le=35)] | None,
        Field(
            description="Beside the backups, buckets can be set back to any second of so many days. Absent, or null:"
            " not. Databases have that of their own (backupDays), and tables.",
            examples=[14],
        ),
    ] = None
    copy_to: Annotated[
        CopySettings | None,
        Field(
            alias="copy",
            description="A second copy of every backup in another region. Absent, or null: none.",
            examples=[{"region": "us-west-2", "keepDays": 35}],
        ),
    ] = None

    @property
    def longest_gap(self) -> timedelta:
        """The longest time between two backups, of a schedule that fires again and again; otherwise none."""
        return max(_gaps(self.schedule), default=timedelta(0))

    @property
    def late_after_hours(self) -> int:
        """The age of the newest backup at which one is missing: the gap, the time that it may take, an hour more."""
        return _hours(self.longest_gap + timedelta(minutes=self.ends_within_minutes)) + 1

    @property
    def proof_days(self) -> int:
        """For how many days a proven restore counts; 0 where restores are not tested."""
        if self.restore_test is None:
            return 0
        return self.proven_within_days or _least_proof_days(self.restore_test) + 1

    @property
    def window_days(self) -> int:
        """How old a backup may be that a test restores: any that is kept. AWS takes up to 365."""
        return min(self.keep_days, 365)

    @rule
    def _schedules_fire(self) -> Findings:
        for key, when in (("schedule", self.schedule), ("restoreTest", self.restore_test)):
            if when is None:
                continue
            for finding in schedules.findings(when, "UTC", ()):
                yield _at(key, finding)
            if when.startswith(("rate(", "at(")):
                yield Mistake(
                    key=(key,),
                    problem="is no time of day: backups and their tests keep clear of what else happens at night",
                    given=shown(when),
                    allowed="cron(...)",
                    change="write it as cron, for example cron(0 5 * * ? *)",
                )
            elif len(times(when)) == 1:
                yield Mistake(
                    key=(key,),
                    problem="fires once, and never again",
                    given=shown(when),
                    allowed="a cron expression that repeats",
                    change="write * for the year",
                )

    @rule
    def _time_zone_is_known(self) -> Findings:
        if self.timezone not in tables.time_zones():
            guess = nearest(self.timezone, tables.time_zones())
            yield Mistake(
                key=("timezone",),
                problem=f"is no time zone (table of {tables.as_of('timezones')})",
                given=shown(self.timezone),
                allowed="a name of the IANA database, for example Europe/Berlin or UTC",
                change=f"did you mean {guess}?" if guess else "write a name such as Europe/Berlin",
            )

    @rule
    def _backups_are_not_taken_too_often(self) -> Findings:
        gaps = _gaps(self.schedule)
        if gaps and min(gaps) < SHORTEST_GAP:
            yield Mistake(
                key=("schedule",),
                problem="fires more often than once an hour, which AWS Backup does not take",
                given=f"{shown(self.schedule)}: {int(min(gaps).total_seconds()) // 60} minutes apart",
                allowed="times an hour apart or more",
                change="name one minute, for example cron(0 5 * * ? *)",
            )

    @rule
    def _it_is_kept_until_the_next(self) -> Findings:
        gaps = _gaps(self.schedule)
        if gaps and timedelta(days=self.keep_days) <= max(gaps):
            yield Mistake(
                key=("keepDays",),
                problem="ends before the next backup is taken: there would be times without any",
                given=f"{self.keep_days} (schedule: up to {_days(max(gaps))} days apart)",
                allowed=f"{_days(max(gaps)) + 1} days or more",
                change=f"raise keepDays to {_days(max(gaps)) + 1}, or take backups more often",
            )

    @rule
    def _it_ends_after_it_starts(self) -> Findings:
        if self.ends_within_minutes < self.starts_within_minutes + 60:
            yield Mistake(
                key=("endsWithinMinutes",),
                problem="leaves a backup that starts late less than an hour",
                given=f"{self.ends_within_minutes} (startsWithinMinutes: {self.starts_within_minutes})",
                allowed=f"{self.starts_within_minutes + 60} or more",
                change=f"raise endsWithinMinutes to {self.starts_within_minutes + 60}",
            )

    @rule
    def _cold_storage_lasts(self) -> Findings:
        if self.cold_after_days is None:
            return
        if self.keep_days < self.cold_after_days + COLD_DAYS:
            yield Mistake(
                key=("keepDays",),
                problem="ends less than 90 days after the move to cold storage, which AWS Backup does not take",
                given=f"{self.keep_days} (coldAfterDays: {self.cold_after_days})",
                allowed=f"{self.cold_after_days + COLD_DAYS} days or more with coldAfterDays {self.cold_after_days}",
                change=f"raise keepDays to {self.cold_after_days + COLD_DAYS}, or take coldAfterDays out",
            )

    @rule
    def _cold_storage_of_copies_lasts(self) -> Findings:
        if self.cold_after_days is None or self.copy_to is None:
            return
        if self.copy_to.keep_days < self.cold_after_days + COLD_DAYS:
            yield Mistake(
                key=("copy", "keepDays"),
                problem="ends less than 90 days after the move to cold storage, which AWS Backup does not take",
                given=f"{self.copy_to.keep_days} (coldAfterDays: {self.cold_after_days})",
                allowed=f"{self.cold_after_days + COLD_DAYS} days or more with coldAfterDays {self.cold_after_days}",
                change=f"raise copy.keepDays to {self.cold_after_days + COLD_DAYS}, or take coldAfterDays out",
            )

    @rule
    def _a_proof_outlasts_the_tests(self) -> Findings:
        if self.proven_within_days is not None and self.restore_test is None:
            yield Mistake(
                key=("provenWithinDays",),
                problem="has no effect: no restore is tested",
                given=f"{self.proven_within_days} (restoreTest: null)",
                allowed="null without restoreTest",
                change="take it out, or say when restores are tested",
            )
        if self.restore_test is None or not _gaps(self.restore_test):
            return
        least = _least_proof_days(self.restore_test)
        if least + 1 > LONGEST_PROOF_DAYS:
            yield Mistake(
                key=("restoreTest",),
                problem=f"tests too seldom: AWS Backup lists restores of the last {LONGEST_PROOF_DAYS} days only, so"
                " nobody could tell",
                given=f"{shown(self.restore_test)}: up to {least - 1} days apart",
                allowed=f"{LONGEST_PROOF_DAYS - 2} days apart, or less",
                change="test every week: cron(0 9 ? * SUN *)",
            )
        elif self.proven_within_days is not None and self.proven_within_days < least:
            yield Mistake(
                key=("provenWithinDays",),
                problem="is over before the next test can have ended: the alarm would never be off for long",
                given=f"{self.proven_within_days} (restoreTest: up to {least - 1} days apart)",
                allowed=f"{least} to {LONGEST_PROOF_DAYS} days",
                change=f"raise provenWithinDays to {least} or more, or test more often",
            )


@functools.lru_cache(maxsize=64)  # several rules ask for those of the same expressions
def times(when: str, count: int = _TIMES) -> tuple[datetime, ...]:
    """The first times of a cron expression in its own time zone, from 2027 on; none of one that is mistaken."""
    try:
        schedule = schedules.parse(when)
    except ScheduleError:
        return ()
    return tuple(islice(schedule.all_after(_FIRST), count)) if isinstance(schedule, Cron) else ()


def _gaps(when: str) -> list[timedelta]:
    """Times between one and the next; none for what fires once or never."""
    return [later - earlier for earlier, later in pairwise(times(when))]


def _least_proof_days(when: str) -> int:
    return _days(max(_gaps(when)) + _TEST_TAKES)


def _days(span: timedelta) -> int:
    return -(-span // timedelta(days=1))


def _hours(span: timedelta) -> int:
    return -(-span // timedelta(hours=1))


def _at(key: str, finding: Finding) -> Finding:
    """A finding of a schedule under the key that holds its text; schedules know it as `when` of a map."""
    if isinstance(finding, Mistake):
        return replace(finding, key=(key,), allowed="cron(minutes hours day-of-month month day-of-week year)")
    return replace(finding, key=(key,))
