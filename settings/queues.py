"""The settings of queues: how long messages are hidden and kept, and when somebody is told."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from settings.errors import RefusedError
from settings.section import Findings, Mistake, Section, rule

QUEUE_VARIABLES = ("QUEUE",)


_LONGEST_DAYS = 13  # a dead letter keeps the age that it had, and is kept for 14 days, the longest that SQS has


def _leaves_time_for_dead_letters(value: object) -> object:
    if isinstance(value, int) and value > _LONGEST_DAYS:
        raise RefusedError(
            "is too large: a dead letter keeps the age that it had, and SQS keeps nothing for more than 14 days, so the"
            " last of them would be gone at once",
            f"use retentionDays: {_LONGEST_DAYS} or less, which leaves a dead letter a day",
        )
    return value


class QueueSettings(Section):
    """A queue of messages, each of which is handled once or more often. What cannot be handled goes to a queue of its
    own."""

    kind: ClassVar[str] = "queue"
    levels: ClassVar[tuple[str, ...]] = ("send", "receive")
    variables: ClassVar[tuple[str, ...]] = QUEUE_VARIABLES

    fifo: Annotated[
        bool,
        Field(
            description="Whether messages of one group are handled one after the other, each once. Producers then give"
            " each message a group. Changing it replaces the queue.",
            examples=[False],
        ),
    ]
    visibility_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=43200,
            description="Seconds for which a message that was received is hidden from other receivers; longer than"
            " handling one takes.",
            examples=[120],
        ),
    ]
    max_receives: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="How often a message is received before it is set aside as a dead letter.",
            examples=[5],
        ),
    ]
    retention_days: Annotated[
        int,
        Field(
            ge=1,
            le=_LONGEST_DAYS,
            description="Days until a message that nobody handled is lost. Dead letters are kept for 14 days, the most"
            " that SQS has, counted from when they were sent: with 14 here too the last of them would be gone at once.",
            examples=[4],
        ),
        BeforeValidator(_leaves_time_for_dead_letters),
    ]
    alarm_age_seconds: Annotated[
        int,
        Field(
            ge=60,
            le=1_123_200,
            description="Age of the oldest waiting message, in seconds, from which somebody is told.",
            examples=[900],
        ),
    ]

    @rule
    def _somebody_is_told_in_time(self) -> Findings:
        lost = self.retention_days * 86400
        if self.alarm_age_seconds >= lost:
            yield Mistake(
                key=("alarmAgeSeconds",),
                problem="no message gets that old: it is lost before",
                given=f"{self.alarm_age_seconds} (retentionDays: {self.retention_days})",
                allowed=f"60 to {lost - 1}",
                change="lower alarmAgeSeconds or raise retentionDays",
            )
