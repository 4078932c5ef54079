"""The settings of what calls a function, as far as no other kind of service has it: queue, bucket, table, retries."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from settings.errors import Findings
from settings.section import Mistake, Section, StoreName, rule

BIG_BATCH = 10  # messages; a bigger batch has to be waited for, and a FIFO queue has none (Lambda API, read 2026-11)
Part = Annotated[
    str,
    Field(
        max_length=1024,
        pattern=r"^[A-Za-z0-9!_.'()/-]*$",  # all others would have to be URL-encoded (S3 guide, read 2026-11)
        json_schema_extra={
            "patternErrorMessage": "the beginning or the end of keys, taken literally: letters, digits and"
            " ! _ . ' ( ) / -, without wildcards, at most 1024 characters"
        },
    ),
]
WindowSeconds = Annotated[
    int,
    Field(
        ge=0,
        le=300,
        description="Seconds to wait for a full batch; 0, when not given, hands over what there is.",
        examples=[0],
    ),
]


class QueueTriggerSettings(Section):
    """Messages of a queue, some at a time. A run says which of them it could not handle; only those come back."""

    name: Annotated[StoreName, Field(description="Queue of groundwork:data.", examples=["jobs"])]
    batch_size: Annotated[
        int, Field(ge=1, le=10000, description="Most messages for one run; 10 when not given.", examples=[10])
    ] = 10
    window_seconds: WindowSeconds = 0
    max_concurrency: Annotated[
        Annotated[int, Field(ge=2, le=1000)] | None,
        Field(
            description="Most runs at a time for this queue. Absent: as many as concurrency allows, or as Lambda finds"
            " right.",
            examples=[10],
        ),
    ] = None

    @rule
    def _big_batches_are_waited_for(self) -> Findings:
        if self.batch_size > BIG_BATCH and self.window_seconds < 1:
            yield Mistake(
                key=("windowSeconds",),
                problem=f"is 0, and Lambda waits for more than {BIG_BATCH} messages or does not take them",
                given=f"{self.window_seconds} (batchSize: {self.batch_size})",
                allowed=f"1 to 300 with more than {BIG_BATCH} messages",
                change=f"set windowSeconds to 1 or more, or batchSize to {BIG_BATCH} or less",
            )


def _once(events: Sequence[str], allowed: str) -> Findings:
    for position, event in enumerate(events):
        if event in events[:position]:
            yield Mistake(
                key=("events", position),
                problem="is listed twice",
                given=event,
                allowed=allowed,
                change="take one of the two out",
            )


class EventFilterSettings(Section):
    """Which events of a bucket are told: objects that are made or removed, under keys of a form."""

    prefix: Annotated[Part, Field(description="Only keys that begin so.", examples=["inbox/"])] = ""
    suffix: Annotated[Part, Field(description="Only keys that end so.", examples=[".jpg"])] = ""
    events: Annotated[
        tuple[Literal["created", "removed"], ...],
        Field(
            strict=False,
            description="What has happened to them; created when not given.",
            examples=[["created"]],
        ),
    ] = ("created",)

    @property
    def words(self) -> str:
        """The filter as messages show it."""
        return f"{', '.join(self.events)} of keys {self.prefix}*{self.suffix}"

    def overlaps(self, other: "EventFilterSettings") -> bool:
        """Whether one event could fit both, which S3 refuses (its guide, notification-how-to-filtering)."""
        return (
            not set(self.events).isdisjoint(other.events)
            and (self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix))
            and (self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix))
        )

    @rule
    def _some_event_is_named(self) -> Findings:
        if not self.events:
            yield Mistake(
                key=("events",),
                problem="is empty, so nobody would ever be told",
                given="an empty list",
                allowed="created, removed or both",
                change="write [created], or leave it out",
            )

    @rule
    def _each_event_is_named_once(self) -> Findings:
        yield from _once(self.events, "each of created and removed once")


class BucketTriggerSettings(EventFilterSettings):
    """Objects of a bucket that are made or removed, each an event."""

    name: Annotated[StoreName, Field(description="Bucket of groundwork:data.", examples=["uploads"])]


class TableTriggerSettings(Section):
    """Changes of a table's items, some at a time and those of one item in order. A run says from which on it could not
    go on; only those come back, in halves, until they are given up and told of in the function's own queue."""

    name: Annotated[StoreName, Field(description="Table of groundwork:data, with a stream.", examples=["profiles"])]
    events: Annotated[
        tuple[Literal["created", "changed", "removed"], ...],
        Field(
            strict=False,
            min_length=1,
            description="What has happened to an item; all three when not given. Others cost no run.",
            examples=[["created", "changed"]],
        ),
    ] = ("created", "changed", "removed")
    start: Annotated[
        Literal["newest", "oldest"],
        Field(
            description="Where a new trigger begins: newest, with what happens from now on; oldest, with the last 24"
            " hours. newest when not given; another one makes the trigger anew.",
            examples=["newest"],
        ),
    ] = "newest"
    batch_size: Annotated[
        int, Field(ge=1, le=10000, description="Most changes for one run; 100 when not given.", examples=[100])
    ] = 100
    window_seconds: WindowSeconds = 0
    parallel: Annotated[
        int,
        Field(
            ge=1,
            le=10,
            description="Runs at a time for each part of the table; those of one item stay in order. 1 when not given.",
            examples=[1],
        ),
    ] = 1
    attempts: Annotated[
        int,
        Field(
            ge=0,
            le=10000,
            description="Further runs after one that failed, before its changes are given up; until then the others of"
            " its part of the table wait. 5 when not given.",
            examples=[5],
        ),
    ] = 5
    max_age_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=86400,  # after which DynamoDB itself has forgotten them
            description="Age at which changes are given up; 86400, a day, when not given.",
            examples=[86400],
        ),
    ] = 86400

    @rule
    def _each_event_is_named_once(self) -> Findings:
        yield from _once(self.events, "each of created, changed and removed once")


class EventRetrySettings(Section):
    """How often, and for how long, Lambda tries again when a run failed or could not begin."""

    attempts: Annotated[
        int, Field(ge=0, le=2, description="Further runs after one that failed; 2 when not given.", examples=[2])
    ] = 2
    max_age_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=21600,
            description="Seconds after which an event is given up; 21600, six hours, when not given.",
            examples=[21600],
        ),
    ] = 21600
