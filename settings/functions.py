"""The settings of a function: what Lambda runs, what calls it, how much of it runs at once."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import Field

from settings import tables
from settings.containers import ProgramSettings
from settings.egress import EgressSettings
from settings.errors import Doubt, Findings, named, nearest, several, shown
from settings.function_triggers import (
    BucketTriggerSettings,
    EventRetrySettings,
    QueueTriggerSettings,
    TableTriggerSettings,
)
from settings.jobs import JobScheduleSettings
from settings.routes import RouteSettings
from settings.section import Mistake, Section, rule

SECRET_FIELD = "SECRET_ARN"  # noqa: S105 - the end of a variable's name
"""Nobody puts secrets into the variables of a function: `PAYMENT_KEY` becomes `PAYMENT_KEY_SECRET_ARN`."""
# Set by Lambda in every function (its guide, read 2026-11); it refuses a function that brings one of them.
# What every service is refused already (`ProgramSettings`) is not among them.
_SET_BY_LAMBDA = re.compile(
    r"AWS_(ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(RUNTIME_DIR|TASK_ROOT)"
    r"|AWS_LAMBDA_(FUNCTION_(MEMORY_SIZE|NAME|VERSION)|INITIALIZATION_TYPE|LOG_(GROUP|STREAM)_NAME|RUNTIME_API)"
)
_TOO_SHORT = re.compile(r"_\w*|[A-Za-z]", re.ASCII)  # Lambda wants a letter first, and one more character
# What a route to a function can say; its targets have no sessions, no slow start, nothing to drain (ELB API, 2026-11).
_OF_A_ROUTE = frozenset({"path", "priority", "host", "internal"})


class FunctionSizeSettings(Section):
    """How big one run is. CPU comes with the memory: one vCPU at 1769 MiB. arm64 costs about 20 % less."""

    memory: Annotated[int, Field(ge=128, le=10240, description="Memory in MiB.", examples=[256])]
    architecture: Annotated[
        Literal["x86_64", "arm64"], Field(description="What the program is built for.", examples=["arm64"])
    ]
    storage: Annotated[
        int,
        Field(
            ge=512,
            le=10240,
            description="MiB under /tmp, the only place to write to; 512, which cost nothing, when not given.",
            examples=[512],
        ),
    ] = 512


class FunctionSettings(ProgramSettings):
    """A program that AWS Lambda runs whenever something happens: a message, a time, an object, a request."""

    kind: Annotated[
        Literal["function"],
        Field(description="function: runs on AWS Lambda, when it is called.", examples=["function"]),
    ]
    runtime: Annotated[
        str | None,
        Field(
            description="Runtime of the program in the build folder. Without it, the folder holds a Dockerfile.",
            examples=["python3.13"],
        ),
    ] = None
    handler: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[^\s]{1,128}$",
                json_schema_extra={"patternErrorMessage": "module.function, without spaces, at most 128 characters"},
            ),
        ]
        | None,
        Field(description="What the runtime calls, with runtime: module.function.", examples=["receipt.handler"]),
    ] = None
    size: Annotated[FunctionSizeSettings, Field(description="How big one run is.")]
    timeout_seconds: Annotated[
        int, Field(ge=1, le=900, description="Seconds after which a run is ended and has failed.", examples=[30])
    ]
    queue: Annotated[
        QueueTriggerSettings | None,
        Field(
            description="Queue of groundwork:data whose messages it handles; brings `receive`.",
            examples=[{"name": "jobs", "batchSize": 10}],
        ),
    ] = None
    schedule: Annotated[
        JobScheduleSettings | None,
        Field(
            description="When it runs by the clock.",
            examples=[{"when": "cron(30 2 * * ? *)", "timezone": "Europe/Berlin"}],
        ),
    ] = None
    bucket: Annotated[
        BucketTriggerSettings | None,
        Field(
            description="Bucket of groundwork:data whose events call it; brings `read`.",
            examples=[{"name": "uploads", "prefix": "inbox/"}],
        ),
    ] = None
    table: Annotated[
        TableTriggerSettings | None,
        Field(
            description="Table of groundwork:data whose changes call it; brings `follow`.",
            examples=[{"name": "profiles"}],
        ),
    ] = None
    route: Annotated[
        RouteSettings | None,
        Field(
            description="Requests that it answers, through the load balancer: path, priority, host and internal.",
            examples=[{"path": "/receipts*", "priority": 120}],
        ),
    ] = None
    concurrency: Annotated[
        Annotated[int, Field(ge=1, le=10000)] | None,
        Field(
            description="Runs at a time, kept for this function and never exceeded; null leaves it to the account,"
            " whose other functions then share the rest (1000 in all, of which 100 cannot be kept).",
            examples=[10],
        ),
    ] = None
    retry: Annotated[
        EventRetrySettings | None,
        Field(
            description="What happens to an event of the clock or a bucket whose run failed. Absent: two more tries,"
            " within six hours.",
            examples=[{"attempts": 2, "maxAgeSeconds": 21600}],
        ),
    ] = None
    vpc: Annotated[
        bool,
        Field(
            description="Whether it runs in the private tier; false: in a network of Lambda's own, with a way to the"
            " internet and none to databases. true when not given.",
            examples=[True],
        ),
    ] = True

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """Every store that the function gets access to, with the levels: its queue at `receive`, its table at `follow`,
        its bucket at `read` unless it may write."""
        needed = super().needs
        if self.queue is not None:
            needed[self.queue.name] = ("receive", *needed.get(self.queue.name, ()))
        if self.table is not None:
            needed[self.table.name] = ("follow", *needed.get(self.table.name, ()))
        if self.bucket is not None:
            needed.setdefault(self.bucket.name, ("read",))
        return needed

    @property
    def reached(self) -> dict[str, tuple[str, ...]]:
        """Lambda itself takes the messages from the queue, and the changes from the table, from outside of the private
        tier."""
        if not self.vpc:
            return {}
        own = {trigger.name for trigger in (self.queue, self.table) if trigger is not None}
        return {store: levels for store, levels in self.needs.items() if store not in own or store in self.uses}

    @property
    def zipped(self) -> bool:
        """Whether the build folder itself is the program, for a runtime of Lambda's, and not what an image is made
        from."""
        return self.runtime is not None

    @property
    def asynchronous(self) -> bool:
        """Whether Lambda itself keeps its events and tries again: all but messages, changes of a table, which stay
        where they are, and requests, whose senders try again."""
        others = self.queue is not None or self.table is not None or self.route is not None
        return self.schedule is not None or self.bucket is not None or not others

    @property
    def consumers(self) -> int | None:
        """How many runs at a time handle messages at most; never more than there may be of the function."""
        given = self.queue.max_concurrency if self.queue is not None else None
        return given if given is not None or self.concurrency is None else min(self.concurrency, 1000)

    @rule
    def _runtime_and_handler_go_with_a_folder(self) -> Findings:
        for key, value in (("runtime", self.runtime), ("handler", self.handler)):
            if self.image is not None and value is not None:
                yield Mistake(
                    key=(key,),
                    problem="belongs to a program in a folder, and an image brings its own",
                    given=f"{shown(value)} (image: {shown(self.image)})",
                    allowed="nothing with image",
                    change="take it out, or name a folder in build instead of the image",
                )
        if self.image is not None or (self.runtime is None) == (self.handler is None):
            return
        missing, other = ("handler", "runtime") if self.handler is None else ("runtime", "handler")
        yield Mistake(
            key=(missing,),
            problem=f"is not given, although {other} is: Lambda would not know what to run",
            given=f"nothing ({other}: {shown(getattr(self, other))})",
            allowed="both for a program in a folder, neither for a folder with a Dockerfile",
            change=f"add {missing}: {'module.function' if missing == 'handler' else 'python3.13'}, or take {other} out",
        )

    @rule
    def _runtime_is_offered(self) -> Findings:
        if self.runtime is None:
            return
        known = tables.runtimes()
        if self.runtime not in known:
            guess = nearest(self.runtime, sorted(known, reverse=True))
            yield Mistake(
                key=("runtime",),
                problem=f"is no runtime that AWS offers for new functions (table of {tables.as_of('lambda')})",
                given=shown(self.runtime),
                allowed=several(sorted(known)),
                change=f"did you mean {guess}?" if guess else "choose one of them, or build an image of your own",
            )
        elif known[self.runtime] < _today():
            yield Doubt(
                key=("runtime",),
                text=f"AWS has not patched {shown(self.runtime)} since {known[self.runtime]} (table of"
                f" {tables.as_of('lambda')}), and soon refuses functions with it; move to a newer one",
            )

    @rule
    def _variables_fit_into_a_function(self) -> Findings:
        for source, name in [
            *(("environment", name) for name in self.environment),
            *(("secrets", name) for name in self.secrets),
        ]:
            if _SET_BY_LAMBDA.fullmatch(name):
                problem, change = "is set by Lambda itself in every function", "take it out"
            elif _TOO_SHORT.fullmatch(name):
                problem, change = "is no name that Lambda takes", "rename it, for example to LOG_LEVEL"
            else:
                continue
            yield Mistake(
                key=(source, name),
                problem=problem,
                given=f"the name {named(name)}",
                allowed="two letters, digits and _ or more, a letter first; not a name that Lambda sets",
                change=change,
            )

    @rule
    def _queue_and_reserve_agree(self) -> Findings:
        if self.queue is None or self.concurrency is None:
            return
        if self.concurrency < 2:
            yield Mistake(
                key=("concurrency",),
                problem="is less than what takes messages from a queue, and what cannot run comes back until it is a"
                " dead letter",
                given=f"{self.concurrency} (queue: {self.queue.name})",
                allowed="2 or more with a queue, or null",
                change="raise it to 2, and handle one message after the other by a FIFO queue with one group",
            )
        elif (wanted := self.queue.max_concurrency) is not None and wanted > self.concurrency:
            yield Mistake(
                key=("queue", "maxConcurrency"),
                problem="is more than may run, and what cannot run comes back until it is a dead letter",
                given=f"{wanted} (concurrency: {self.concurrency})",
                allowed=f"2 to {self.concurrency}",
                change="lower it or leave it out, or raise concurrency",
            )

    @rule
    def _table_and_reserve_agree(self) -> Findings:
        if self.table is None or self.concurrency is None or self.table.parallel <= self.concurrency:
            return
        yield Mistake(
            key=("table", "parallel"),
            problem="is more than may run, and what cannot run counts as an attempt",
            given=f"{self.table.parallel} (concurrency: {self.concurrency})",
            allowed=f"1 to {min(self.concurrency, 10)}",
            change="lower it, or raise concurrency",
        )

    @rule
    def _table_is_said_once(self) -> Findings:
        if self.table is not None and self.uses.get(self.table.name) == "follow":
            yield Mistake(
                key=("uses", self.table.name),
                problem="is the function's own table, whose changes it is told of anyway",
                given="follow",
                allowed="read or write, if it also reads or changes items",
                change="take it out",
            )

    @rule
    def _queue_is_said_once(self) -> Findings:
        if self.queue is not None and self.uses.get(self.queue.name) == "receive":
            yield Mistake(
                key=("uses", self.queue.name),
                problem="is the function's own queue, from which it receives anyway",
                given="receive",
                allowed="send, if it also sends to its own queue",
                change="take it out",
            )

    @rule
    def _route_fits_a_function(self) -> Findings:
        if self.route is None:
            return
        for name, field in type(self.route).model_fields.items():
            if name in _OF_A_ROUTE or (value := getattr(self.route, name)) == field.get_default():
                continue
            yield Mistake(
                key=("route", field.alias or name),
                problem="is for tasks behind the load balancer, and a function has none: each request is a run",
                given=shown(value) if isinstance(value, int | str) else "a map",
                allowed="path, priority, host and internal",
                change="take it out",
            )

    @rule
    def _retry_is_of_events(self) -> Findings:
        if self.retry is not None and not self.asynchronous:
            yield Mistake(
                key=("retry",),
                problem="has no effect: a queue brings a message again by itself, a table has attempts of its own, and"
                " a request is its client's to repeat",
                given="a map",
                allowed="nothing without schedule or bucket",
                change="take it out",
            )

    @rule
    def _egress_is_of_the_private_tier(self) -> Findings:
        if not self.vpc and self.egress != EgressSettings():
            yield Mistake(
                key=("egress",),
                problem="has no effect: only in the private tier does a security group stand before the function",
                given="a map (vpc: false)",
                allowed="nothing with vpc: false",
                change="take it out, or set vpc to true",
            )

    @rule
    def _somebody_calls_it(self) -> Findings:
        if not any((self.queue, self.schedule, self.bucket, self.table, self.route)):
            yield Doubt(
                key=("kind",),
                text="nothing of this stack calls the function: it has no queue, schedule, bucket, table or route",
            )

    @rule
    def _it_does_not_change_its_own_table(self) -> Findings:
        if self.table is not None and self.uses.get(self.table.name) == "write":
            yield Doubt(
                key=("table",),
                text=f"every change in {self.table.name} calls the function, which may change items there: unless its"
                " program sees to it, it calls itself without end",
            )

    @rule
    def _it_does_not_call_itself(self) -> Findings:
        bucket = self.bucket
        if bucket is None or "created" not in bucket.events or bucket.prefix or bucket.suffix:
            return
        if self.uses.get(bucket.name) == "write":
            yield Doubt(
                key=("bucket",),
                text=f"every object in {bucket.name} calls the function, which may write objects there: unless its"
                " program sees to it, it calls itself without end; give a prefix or suffix",
            )


def _today() -> date:
    return datetime.now(UTC).date()
