"""The settings of logical dumps: databases in their vendor's own format, to be restored anywhere."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from settings.containers import SizeSettings
from settings.jobs import JobScheduleSettings, JobSettings
from settings.section import Findings, Mistake, Section, StoreName, rule

STORE = "dumps"
"""What the jobs call the bucket of the dumps: no store of the stack file has this name where there are dumps."""
LEVEL = "append"
"""How they use it."""
JOB = "dump-{}"
"""What the job of a database is called: no service of the stack file has this name."""
BUILD = "services/dump"
PROGRAM = ("python3", "-I", "-B", "/srv/dump.py")
# A day, so that a dump is not deleted on the very day that its lock ends.
_AFTER_LOCK = 1


class DumpSettings(Section):
    """Dumps by pg_dump or mysqldump, which need neither AWS nor this stack to be restored."""

    databases: Annotated[
        tuple[StoreName, ...],
        Field(strict=False, min_length=1, description="The databases that are dumped.", examples=[["main"]]),
    ]
    schedule: Annotated[JobScheduleSettings, Field(description="When they are dumped.")]
    locked_days: Annotated[
        int,
        Field(
            ge=1,
            le=36500,
            description="Days in which nobody deletes or overwrites a dump (object lock in governance mode: only who is"
            " let to s3:BypassGovernanceRetention could).",
            examples=[30],
        ),
    ]
    keep_days: Annotated[int, Field(ge=2, le=36500, description="Days after which a dump is deleted.", examples=[90])]
    archive_after_days: Annotated[
        Annotated[int, Field(ge=1, le=36500)] | None,
        Field(
            description="Days after which dumps move to Glacier Deep Archive: reading takes hours, and 180 days are"
            " billed. Absent, or null: never.",
            examples=[30],
        ),
    ] = None
    stop_after_seconds: Annotated[
        Annotated[int, Field(ge=60, le=86400)] | None,
        Field(
            description="Seconds after which a dump that is still running has failed; 14400 when not given. null for"
            " never, which a network without NAT takes.",
            examples=[14400],
        ),
    ] = 14400
    size: Annotated[SizeSettings, Field(description="Size of the task that dumps, while it runs.")]

    @rule
    def _databases_are_named_once(self) -> Findings:
        for position, name in enumerate(self.databases):
            if name in self.databases[:position]:
                yield Mistake(
                    key=("databases", position),
                    problem="is named twice",
                    given=f'"{name}"',
                    allowed="every database once",
                    change="take it out",
                )

    @rule
    def _the_lock_ends_first(self) -> Findings:
        if self.keep_days < self.locked_days + _AFTER_LOCK:
            yield Mistake(
                key=("keepDays",),
                problem="is over while the dump is still locked",
                given=f"{self.keep_days} (lockedDays: {self.locked_days})",
                allowed=f"{self.locked_days + _AFTER_LOCK} days or more",
                change=f"raise keepDays to {self.locked_days + _AFTER_LOCK}, or lower lockedDays",
            )

    @rule
    def _archived_dumps_are_worth_it(self) -> Findings:
        if self.archive_after_days is not None and self.archive_after_days >= self.keep_days:
            yield Mistake(
                key=("archiveAfterDays",),
                problem="comes after the dump is deleted",
                given=f"{self.archive_after_days} (keepDays: {self.keep_days})",
                allowed=f"less than {self.keep_days}",
                change="lower archiveAfterDays, raise keepDays, or take archiveAfterDays out",
            )

    def jobs(self, engines: Mapping[str, str]) -> dict[str, JobSettings]:
        """The job of each database by its name; `engines` are those of the databases there are."""
        return {JOB.format(name): self._job(name, engines[name]) for name in self.databases if name in engines}

    def _job(self, database: str, engine: str) -> JobSettings:
        return JobSettings(
            kind="job",
            build=BUILD,
            command=(*PROGRAM, "postgres" if "postgres" in engine else "mysql", database),
            schedule=self.schedule,
            stop_after_seconds=self.stop_after_seconds,
            size=self.size,
            environment={},
            uses={database: "write", STORE: LEVEL},
        )
