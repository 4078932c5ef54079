"""The settings of a route: which requests reach a service, how they are spread over its tasks, how health is asked."""

import re
from typing import Annotated, Literal

from pydantic import Field

from settings.errors import shown
from settings.section import Findings, Mistake, Section, rule

ROUTE_MOST = 128  # characters of a host or path pattern, elastic load balancing API
WILDCARDS_MOST = 6  # in all conditions of one listener rule, not adjustable
STICKY_MOST = 604800  # seconds: a week, for cookies of either kind
DRAIN_SECONDS = 30
SLOW_START = (30, 900)  # seconds, or 0 for none
# Names that the load balancer gives to its own cookies.
RESERVED_COOKIES = ("AWSALBAPP", "AWSALBTG", "AWSALB")

Algorithm = Literal["round-robin", "least-outstanding-requests", "weighted-random"]
Protocol = Literal["http1", "http2", "grpc"]

# What a health check may answer: HTTP status codes (application load balancer), and those of gRPC.
CODES: dict[str, tuple[int, int]] = {"http1": (200, 499), "http2": (200, 499), "grpc": (0, 99)}


class StickySettings(Section):
    """Requests of one client go to one task, for as long as a cookie lives and the task does."""

    seconds: Annotated[
        int,
        Field(
            ge=0,
            le=STICKY_MOST,
            description="Seconds that the load balancer's cookie lives. 0 switches stickiness off: a key that is taken"
            " out changes nothing at AWS.",
            examples=[86400],
        ),
    ]
    cookie: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[A-Za-z0-9!#%^_~.-]+$",
                max_length=128,
                json_schema_extra={"patternErrorMessage": "the name of a cookie: letters, digits and _ . - ! # % ^ ~"},
            ),
        ]
        | None,
        Field(
            description="Cookie of the application that begins a session; without it, the first request does.",
            examples=["SESSION"],
        ),
    ] = None

    @rule
    def _cookie_is_not_the_balancers(self) -> Findings:
        reserved = next((name for name in RESERVED_COOKIES if (self.cookie or "").startswith(name)), None)
        if reserved is not None:
            yield Mistake(
                key=("cookie",),
                problem=f"the load balancer keeps names that begin with {reserved} for its own cookies",
                given=shown(self.cookie),
                allowed="the name of the application's cookie; nothing that begins with AWSALB",
                change="name the cookie that the application sets, or take the key out",
            )


class RouteSettings(Section):
    """Which requests reach a service, and how they are spread over its tasks."""

    path: Annotated[
        str,
        Field(
            pattern=rf"^/[A-Za-z0-9_\-.$/~\"'@:+&*?]{{0,{ROUTE_MOST - 1}}}$",
            description="Path pattern; * stands for any text, ? for one character.",
            examples=["/*"],
            json_schema_extra={
                "patternErrorMessage": f"a path that begins with /, at most {ROUTE_MOST} characters, * and ? as"
                " wildcards"
            },
        ),
    ]
    priority: Annotated[
        int,
        Field(
            ge=1,
            le=50000,
            description="Order in which routes are tried, lowest first; unique on its load balancer. Given by hand, so"
            " that no service moves another's.",
            examples=[100],
        ),
    ]
    host: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[a-z0-9*?]([a-z0-9.*?-]*[a-z0-9*?])?$",
                max_length=ROUTE_MOST,
                json_schema_extra={"patternErrorMessage": "a host name in lower case, * and ? as wildcards"},
            ),
        ]
        | None,
        Field(description="Host name pattern, when the route is for one host only.", examples=["app.example.com"]),
    ] = None
    internal: Annotated[
        bool,
        Field(
            description="true puts the route on the internal load balancer, which is made for it and which the internet"
            " cannot reach; false if left out.",
            examples=[True],
        ),
    ] = False
    sticky: Annotated[
        StickySettings | None,
        Field(description="Requests of one client go to one task. Absent: they do not.", examples=[{"seconds": 86400}]),
    ] = None
    drain_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=3600,
            description="Seconds that open requests get before a task is told to stop; 30 if left out.",
            examples=[DRAIN_SECONDS],
        ),
    ] = DRAIN_SECONDS
    slow_start_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=SLOW_START[1],
            description="Seconds over which a new task gets its full share of requests: 30 to 900, or 0 for at once,"
            " as if left out. Only with round-robin.",
            examples=[60],
        ),
    ] = 0
    algorithm: Annotated[
        Algorithm | None,
        Field(
            description="How the next task is chosen. Absent: round-robin; to go back to it, write it, since a key that"
            " is taken out changes nothing at AWS.",
            examples=["least-outstanding-requests"],
        ),
    ] = None

    @rule
    def _wildcards_are_few(self) -> Findings:
        count = sum(map((self.path + (self.host or "")).count, "*?"))
        if count > WILDCARDS_MOST:
            yield Mistake(
                key=("path",),
                problem="has more wildcards than a load balancer takes in one rule",
                given=f"{count} in {shown(self.path)}" + (f" and {shown(self.host)}" if self.host else ""),
                allowed=f"{WILDCARDS_MOST} of * and ? in path and host together",
                change="take some out; one * at the end covers everything below a path",
            )

    @rule
    def _host_ends_in_letters(self) -> Findings:
        """As the load balancer's API has it (HostHeaderConditionConfig, read 2026-11)."""
        if self.host is None:
            return
        _, dot, last = self.host.rpartition(".")
        if not dot or not last.isalpha():
            yield Mistake(
                key=("host",),
                problem="is no host that a load balancer takes in a rule",
                given=shown(self.host),
                allowed="a full stop at least, and nothing but letters behind the last one; wildcards before it",
                change="write for example *.example.com, or take host out, which means any",
            )

    @rule
    def _slow_start_is_none_or_long_enough(self) -> Findings:
        if 0 < self.slow_start_seconds < SLOW_START[0]:
            yield Mistake(
                key=("slowStartSeconds",),
                problem="is shorter than a load balancer takes",
                given=f"{self.slow_start_seconds}",
                allowed=f"{SLOW_START[0]} to {SLOW_START[1]}, or 0 for none",
                change=f"set it to {SLOW_START[0]} or 0",
            )

    @rule
    def _slow_start_goes_with_round_robin(self) -> Findings:
        if self.slow_start_seconds and self.algorithm not in {None, "round-robin"}:
            yield Mistake(
                key=("slowStartSeconds",),
                problem=f"a load balancer that chooses by {self.algorithm} has no slow start",
                given=f"{self.slow_start_seconds} (algorithm: {self.algorithm})",
                allowed="0, or the algorithm round-robin",
                change="take slowStartSeconds out, or set algorithm to round-robin",
            )


class HealthCheckSettings(Section):
    """How the load balancer asks a task for its health. What is left out is asked every 10 seconds for 5 seconds; two
    good answers let a task in, three bad ones leave it out."""

    interval_seconds: Annotated[
        int, Field(ge=5, le=300, description="Seconds from one check to the next; 10 if left out.", examples=[10])
    ] = 10
    timeout_seconds: Annotated[
        int,
        Field(
            ge=2,
            le=120,
            description="Seconds in which a check must be answered; less than intervalSeconds, 5 if left out.",
            examples=[5],
        ),
    ] = 5
    good_checks: Annotated[
        int, Field(ge=2, le=10, description="Good checks in a row that let a task in; 2 if left out.", examples=[2])
    ] = 2
    bad_checks: Annotated[
        int, Field(ge=2, le=10, description="Bad checks in a row that leave a task out; 3 if left out.", examples=[3])
    ] = 3
    codes: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*$",
                max_length=200,
                json_schema_extra={"patternErrorMessage": "codes and ranges in quotes, for example 200-299 or 200,302"},
            ),
        ]
        | None,
        Field(
            description="Codes of a good answer, in quotes. Absent: 200-299, with gRPC 0 (OK).", examples=["200-299"]
        ),
    ] = None
    grace_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=7200,
            description="Seconds after its start in which a task may fail its checks without being replaced; 60 if"
            " left out.",
            examples=[60],
        ),
    ] = 60

    @rule
    def _answer_comes_before_the_next_check(self) -> Findings:
        if self.timeout_seconds >= self.interval_seconds:
            yield Mistake(
                key=("timeoutSeconds",),
                problem="is not shorter than the time to the next check",
                given=f"{self.timeout_seconds} (intervalSeconds: {self.interval_seconds})",
                allowed=f"2 to {self.interval_seconds - 1}",
                change="lower timeoutSeconds, or raise intervalSeconds",
            )

    def codes_of(self, protocol: Protocol) -> str:
        """What counts as a good answer."""
        return self.codes or ("0" if protocol == "grpc" else "200-299")

    def misfits(self, protocol: Protocol) -> Findings:
        """Codes that do not exist in this protocol, or ranges that are empty; keys relative to this section."""
        low, high = CODES[protocol]
        for part in re.split(",", self.codes_of(protocol)):
            first, _, last = part.partition("-")
            ends = int(first), int(last or first)
            if not low <= ends[0] <= ends[1] <= high:
                yield Mistake(
                    key=("codes",),
                    problem=f"has a code that no check of {protocol} is answered with"
                    if ends[0] <= ends[1]
                    else "has a range that ends before it begins",
                    given=f"{part} in {shown(self.codes)} (protocol: {protocol})",
                    allowed=f"codes from {low} to {high}",
                    change='write for example codes: "0"'
                    if protocol == "grpc"
                    else 'write for example codes: "200-299"',
                )
                return
