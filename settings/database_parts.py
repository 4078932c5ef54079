"""What the settings of all databases have in common: windows, the proxy, where a new one starts from, its logs."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from settings import windows
from settings.errors import shown
from settings.section import Findings, Mistake, Section, rule
from settings.windows import DailyWindow, WeeklyWindow

# Every kind of log that an engine hands to CloudWatch (API model of RDS, botocore 1.44.5, 2026-11-17). `audit` of MySQL
# and MariaDB is left out: it needs an option group; so is `upgrade`, which is no log of a running database.
LOGS: dict[str, tuple[str, ...]] = {
    "aurora-postgresql": ("postgresql", "instance", "iam-db-auth-error"),
    "aurora-mysql": ("error", "slowquery", "general", "audit", "instance", "iam-db-auth-error"),
    "postgres": ("postgresql", "iam-db-auth-error"),
    "mysql": ("error", "slowquery", "general", "iam-db-auth-error"),
    "mariadb": ("error", "slowquery", "general", "iam-db-auth-error"),
}
Log = Literal["postgresql", "error", "slowquery", "general", "audit", "instance", "iam-db-auth-error"]

_WINDOW_MINUTES = 30  # the least that RDS takes (API model, 2026-11-17)
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

# Users that the engines or AWS have already, and beginnings that are theirs; `platform` is the master.
TAKEN_USERS = frozenset({"platform", "postgres", "root", "admin", "rdsadmin", "rdsrepladmin", "rdsproxyadmin"})
TAKEN_PREFIXES = ("rds_", "pg_", "mysql")

Version = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,2}\.[0-9]{1,2}(\.(mysql_aurora\.[0-9]{1,2}\.[0-9]{1,2}\.)?[0-9]{1,2})?$",
        description="Major and minor version of the engine, in quotes.",
        examples=["17.7"],
        json_schema_extra={
            "patternErrorMessage": 'major and minor version in quotes, for example "17.7" of PostgreSQL, "8.4.9" of'
            ' MySQL, "11.8.9" of MariaDB, "8.0.mysql_aurora.3.10.6" of Aurora MySQL'
        },
    ),
]
InstanceClass = Annotated[
    str,
    Field(
        pattern=r"^db\.[a-z]+[0-9]+[a-z]*\.(micro|small|medium|([0-9]+x|x)?large)$",
        json_schema_extra={"patternErrorMessage": "an RDS instance class, for example db.t4g.micro or db.r8g.large"},
    ),
]
BackupDays = Annotated[
    int,
    Field(
        ge=1, le=35, description="Days that automatic backups are kept; 7 or more in a protected stack.", examples=[7]
    ),
]
UserName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=32,  # of MySQL, the shortest
        json_schema_extra={
            "patternErrorMessage": "lower-case letters, digits and underscores, a letter first, at most 32 characters"
        },
    ),
]
DatabaseName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=63,  # of PostgreSQL, the shortest
        json_schema_extra={
            "patternErrorMessage": "lower-case letters, digits and underscores, a letter first, at most 63 characters"
        },
    ),
]


class WindowSettings(Section):
    """When AWS makes the daily backup and does maintenance, in UTC; apart from each other."""

    backup: Annotated[DailyWindow, Field(description="Times of each day, in UTC.", examples=["02:00-03:00"])]
    maintenance: Annotated[
        WeeklyWindow, Field(description="Times of a week, in UTC.", examples=["sun:04:00-sun:05:00"])
    ]

    @rule
    def _they_are_apart(self) -> Findings:
        yield from windows.judge(("backup", self.backup), ("maintenance", self.maintenance), _WINDOW_MINUTES)


class ProxySettings(Section):
    """RDS Proxy in front of the database: many short connections of services share few of the database."""

    max_connections_percent: Annotated[
        int,
        Field(
            ge=1, le=100, description="Share of the database's connections that it may take, in percent.", examples=[90]
        ),
    ]
    idle_client_seconds: Annotated[
        int, Field(ge=1, le=28800, description="After so long an idle client is put off.", examples=[1800])
    ] = 1800
    borrow_timeout_seconds: Annotated[
        int, Field(ge=0, le=300, description="So long a client waits for a free connection.", examples=[120])
    ] = 120


class StartSettings(Section):
    """What a new database starts from: a snapshot, or the state of another at some time.

    It counts when the database is made and never again: one that exists already stays as it is.
    """

    snapshot: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^(arn:[a-z-]+:rds:[a-z0-9-]+:[0-9]{12}:(cluster-)?snapshot:)?((rds|awsbackup):)?[a-zA-Z](-?[a-zA-Z0-9])*$",
                max_length=320,
                json_schema_extra={"patternErrorMessage": "the name or the ARN of a snapshot of RDS"},
            ),
        ]
        | None,
        Field(
            description="Name or ARN of a snapshot, of the same kind of engine.",
            examples=["data-main-1a2b3c4-final"],
        ),
    ] = None
    source: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[a-zA-Z](-?[a-zA-Z0-9])*$",
                max_length=63,
                json_schema_extra={"patternErrorMessage": "the identifier of a cluster or an instance of RDS"},
            ),
        ]
        | None,
        Field(
            description="Identifier of a database of the same account and region, as AWS shows it.",
            examples=["data-main-1a2b3c4"],
        ),
    ] = None
    at: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
                json_schema_extra={"patternErrorMessage": "a time in UTC, for example 2026-11-21T03:00:00Z"},
            ),
        ]
        | None,
        Field(
            description="State of `source` at this time, in UTC; null for the latest there is.",
            examples=["2026-11-21T03:00:00Z"],
        ),
    ] = None

    @rule
    def _it_starts_from_one_thing(self) -> Findings:
        if (self.snapshot is None) == (self.source is None):
            yield Mistake(
                key=("snapshot",) if self.snapshot is not None else ("source",),
                problem="stands beside the other one" if self.snapshot is not None else "is missing, as snapshot is",
                given="snapshot and source" if self.snapshot is not None else "neither",
                allowed="either snapshot or source",
                change="keep the one that the new database is to start from"
                if self.snapshot is not None
                else "name a snapshot or a source, or take startFrom out",
            )

    @rule
    def _the_time_is_one_of_the_source(self) -> Findings:
        if self.at is None:
            return
        if self.source is None:
            yield Mistake(
                key=("at",),
                problem="has no effect: a snapshot has a time of its own",
                given=shown(self.at),
                allowed="a time beside source only",
                change="take it out, or name a source instead of a snapshot",
            )
        try:
            datetime.strptime(self.at, _TIME_FORMAT)  # noqa: DTZ007 - only whether there is such a day and hour
        except ValueError:
            yield Mistake(
                key=("at",),
                problem="is no time that there is",
                given=shown(self.at),
                allowed="a time in UTC, for example 2026-11-21T03:00:00Z",
                change="correct it",
            )
