"""The settings of everything that keeps data: databases, buckets and queues, by name."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings import tables
from settings.errors import Doubt, nearest, several, shown
from settings.queues import QueueSettings
from settings.section import Findings, Mistake, Section, StoreName, rule

# The level that every store has in a stack that is not protected, beside those of its kind.
ADMIN = "admin"
POSTGRES_VARIABLES = ("HOST", "PORT", "DATABASE", "TLS_MODE", "USERNAME", "PASSWORD", "SECRET_ARN")
BUCKET_VARIABLES = ("BUCKET", "REGION")

Version = Annotated[
    str,
    Field(
        pattern=r"^\d{2}\.\d{1,2}$",
        description="Major and minor version of PostgreSQL, in quotes.",
        examples=["17.7"],
        json_schema_extra={"patternErrorMessage": 'major and minor version in quotes, for example "17.7"'},
    ),
]
BackupDays = Annotated[
    int,
    Field(
        ge=1, le=35, description="Days that automatic backups are kept; 7 or more in a protected stack.", examples=[7]
    ),
]


def variable(store: str, field: str) -> str:
    """The environment variable with `field` of a store, as containers get it: `main-db`, `HOST` -> `MAIN_DB_HOST`."""
    return f"{store.replace('-', '_').upper()}_{field}"


class AuroraSettings(Section):
    """Aurora PostgreSQL, serverless: capacity follows the load."""

    kind: ClassVar[str] = "database"
    levels: ClassVar[tuple[str, ...]] = ("write",)
    variables: ClassVar[tuple[str, ...]] = POSTGRES_VARIABLES

    engine: Annotated[Literal["aurora-postgresql"], Field(description="Aurora PostgreSQL, serverless.")]
    version: Version
    min_capacity: Annotated[
        float,
        Field(
            ge=0,
            le=256,
            multiple_of=0.5,
            description="Least capacity in ACU (2 GiB of memory each, about 0.12 USD an hour in us-east-1, 2026)."
            " 0 pauses the"
            " database when idle.",
            examples=[0.5],
        ),
    ]
    max_capacity: Annotated[
        float,
        Field(
            ge=1,
            le=256,
            multiple_of=0.5,
            description="Most capacity in ACU for each instance; also fixes how many connections are possible.",
            examples=[16],
        ),
    ]
    pause_after_seconds: Annotated[
        Annotated[int, Field(ge=300, le=86400)] | None,
        Field(
            description="Idle seconds after which the database pauses, with minCapacity 0; null otherwise. Waking"
            " takes about 15"
            " seconds. Refused in a protected stack.",
            examples=[None],
        ),
    ]
    instances: Annotated[
        int,
        Field(
            ge=1,
            le=15,
            description="Writer and readers together, in different zones; 2 or more in a protected stack.",
            examples=[2],
        ),
    ]
    backup_days: BackupDays

    @rule
    def _capacities_are_in_order(self) -> Findings:
        if self.min_capacity > self.max_capacity:
            yield Mistake(
                key=("maxCapacity",),
                problem="is below minCapacity",
                given=f"{self.max_capacity:g} (minCapacity: {self.min_capacity:g})",
                allowed=f"{self.min_capacity:g} to 256 ACU",
                change="raise maxCapacity or lower minCapacity",
            )

    @rule
    def _pausing_goes_with_no_capacity(self) -> Findings:
        if self.min_capacity == 0 and self.pause_after_seconds is None:
            yield Mistake(
                key=("pauseAfterSeconds",),
                problem="is null although minCapacity is 0",
                given="null (minCapacity: 0)",
                allowed="300 to 86400 seconds with minCapacity 0",
                change="give the idle seconds, for example 300, or raise minCapacity to 0.5",
            )
        if self.min_capacity > 0 and self.pause_after_seconds is not None:
            yield Mistake(
                key=("pauseAfterSeconds",),
                problem="has no effect: only a database with minCapacity 0 pauses",
                given=f"{self.pause_after_seconds} (minCapacity: {self.min_capacity:g})",
                allowed="null with a minCapacity above 0",
                change="set pauseAfterSeconds to null, or minCapacity to 0",
            )

    @rule
    def _version_is_offered(self) -> Findings:
        yield from _judge_version(self.engine, self.version)

    @rule
    def _version_can_pause(self) -> Findings:
        major, minor = _parts(self.version)
        first = tables.first_pausing_minor(major)
        if self.min_capacity == 0 and minor < first:
            yield Mistake(
                key=("minCapacity",),
                problem=f"0 is not possible with version {self.version}: it cannot pause",
                given="0",
                allowed=f"0.5 or more; 0 from version {major}.{first} on",
                change=f'raise minCapacity to 0.5, or version to "{major}.{first}" or newer',
            )


class RdsSettings(Section):
    """Plain RDS for PostgreSQL: one instance of a fixed size, with a standby when multiAz."""

    kind: ClassVar[str] = "database"
    levels: ClassVar[tuple[str, ...]] = ("write",)
    variables: ClassVar[tuple[str, ...]] = POSTGRES_VARIABLES

    engine: Annotated[Literal["postgres"], Field(description="RDS for PostgreSQL, of fixed size.")]
    version: Version
    instance_class: Annotated[
        str,
        Field(
            pattern=r"^db\.[a-z]+\d+[a-z]*\.(micro|small|medium|(\d+x|x)?large)$",
            description="Size of the instance.",
            examples=["db.t4g.micro"],
            json_schema_extra={
                "patternErrorMessage": "an RDS instance class, for example db.t4g.micro or db.r8g.large"
            },
        ),
    ]
    storage_gib: Annotated[
        int, Field(ge=20, le=65536, description="Storage in GiB (gp3); can only grow.", examples=[20])
    ]
    max_storage_gib: Annotated[
        int,
        Field(
            ge=20,
            le=65536,
            description="GiB up to which storage grows by itself; storageGib to never grow.",
            examples=[100],
        ),
    ]
    multi_az: Annotated[
        bool,
        Field(
            description="A standby in another zone, at twice the price; needed in a protected stack.", examples=[False]
        ),
    ]
    backup_days: BackupDays

    @rule
    def _storage_is_in_order(self) -> Findings:
        if self.storage_gib > self.max_storage_gib:
            yield Mistake(
                key=("maxStorageGib",),
                problem="is below storageGib",
                given=f"{self.max_storage_gib} (storageGib: {self.storage_gib})",
                allowed=f"{self.storage_gib} to 65536 GiB",
                change="raise maxStorageGib (the same number as storageGib means: never grow)",
            )

    @rule
    def _version_is_offered(self) -> Findings:
        yield from _judge_version(self.engine, self.version)

    @rule
    def _instance_class_is_offered(self) -> Findings:
        known = tables.instance_classes()
        if self.instance_class in known:
            return
        if _newer_than_all(self.instance_class, known):
            yield Doubt(
                key=("instanceClass",),
                text=f"{shown(self.instance_class)} is newer than our table of {tables.as_of('rds')}; not checked"
                " (the table: settings/tables/rds.json)",
            )
            return
        families = sorted({name.split(".")[1] for name in known})
        guess = nearest(self.instance_class, list(known))
        yield Mistake(
            key=("instanceClass",),
            problem=f"is no instance class of RDS for PostgreSQL (table of {tables.as_of('rds')})",
            given=shown(self.instance_class),
            allowed=f"db.<family>.<size> with a family of {several(families)}, and a size that AWS offers of it",
            change=(f"did you mean {guess}?" if guess else "choose one, for example db.t4g.micro")
            + " A class that AWS does offer belongs into settings/tables/rds.json.",
        )


DatabaseSettings = Annotated[AuroraSettings | RdsSettings, Field(discriminator="engine")]


class BucketSettings(Section):
    """A private bucket, and when its objects move to cheaper storage. Days are counted from upload."""

    kind: ClassVar[str] = "bucket"
    levels: ClassVar[tuple[str, ...]] = ("read", "write")
    variables: ClassVar[tuple[str, ...]] = BUCKET_VARIABLES

    infrequent_access_after_days: Annotated[
        int,
        Field(
            ge=30,
            le=36500,
            description="Days until objects move to Standard-IA (S3 asks for 30 or more).",
            examples=[30],
        ),
    ]
    archive_after_days: Annotated[
        int,
        Field(
            ge=60,
            le=36500,
            description="Days until objects move to Glacier Deep Archive (reading takes hours, billed for 180 days"
            " at least);"
            " 30 or more after Standard-IA.",
            examples=[90],
        ),
    ]
    abort_uploads_after_days: Annotated[
        int, Field(ge=1, le=36500, description="Days until unfinished uploads are deleted.", examples=[7])
    ]
    expire_noncurrent_after_days: Annotated[
        int,
        Field(
            ge=1, le=36500, description="Days until overwritten and deleted versions are gone for good.", examples=[180]
        ),
    ]

    @rule
    def _storage_classes_are_in_order(self) -> Findings:
        # S3 keeps an object 30 days in Standard-IA before it may move on (AWS knowledge centre, read 2026-11).
        earliest = self.infrequent_access_after_days + 30
        if self.archive_after_days < earliest:
            yield Mistake(
                key=("archiveAfterDays",),
                problem="is less than 30 days after infrequentAccessAfterDays",
                given=f"{self.archive_after_days} (infrequentAccessAfterDays: {self.infrequent_access_after_days})",
                allowed=f"{earliest} or more",
                change=f"raise archiveAfterDays to {earliest}, or lower infrequentAccessAfterDays",
            )


class DataSettings(Section):
    """Everything that keeps data. Names are unique across the kinds, because `uses` of a service refers to them."""

    databases: Annotated[
        Mapping[StoreName, DatabaseSettings], Field(description="Relational databases by name.", examples=[{}])
    ]
    buckets: Annotated[Mapping[StoreName, BucketSettings], Field(description="Private buckets by name.", examples=[{}])]
    queues: Annotated[Mapping[StoreName, QueueSettings], Field(description="Queues by name.", examples=[{}])] = Field(
        default_factory=dict
    )

    @property
    def stores(self) -> dict[str, AuroraSettings | RdsSettings | BucketSettings | QueueSettings]:
        """Every store by name, whatever its kind."""
        return {**self.databases, **self.buckets, **self.queues}

    @rule
    def _names_are_unique_across_kinds(self) -> Findings:
        owners: dict[str, str] = {}
        for kind, names in (("database", self.databases), ("bucket", self.buckets), ("queue", self.queues)):
            for name in names:
                if (other := owners.setdefault(name, kind)) != kind:
                    yield Mistake(
                        key=(f"{kind}s", name),
                        problem=f"is also the name of a {other}; `uses` could not tell them apart",
                        given=f'"{name}"',
                        allowed="a name that no other store has",
                        change="rename one of the two",
                    )


def _judge_version(engine: str, version: str) -> Findings:
    offered = tables.postgres_minors(engine)
    major, minor = _parts(version)
    if major > max(offered) or (major in offered and minor > max(offered[major])):
        yield Doubt(
            key=("version",),
            text=f'"{version}" of {engine} is newer than our table of {tables.as_of("rds")}; not checked'
            " (the table: settings/tables/rds.json)",
        )
    elif major not in offered:
        yield Mistake(
            key=("version",),
            problem=f"{engine} {major} is past the end of its standard support",
            given=f'"{version}"',
            allowed=f"a version of {several([*sorted(offered)])}, for example"
            f" {max(offered)}.{max(offered[max(offered)])}",
            change=f'set version to "{min(offered)}.{max(offered[min(offered)])}" or newer',
        )
    elif minor not in offered[major]:
        yield Mistake(
            key=("version",),
            problem=f"no new {engine} database can be made with this version (table of {tables.as_of('rds')})",
            given=f'"{version}"',
            allowed=several([f"{major}.{known}" for known in offered[major]]),
            change=f'set version to "{major}.{max(offered[major])}"',
        )


def _parts(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)


def _newer_than_all(instance_class: str, known: Iterable[str]) -> bool:
    """Whether a class is of a later generation than all known ones of its letter: `db.m9g.large` when m8g is the
    latest."""
    letter, generation = _family(instance_class)
    generations = [number for other, number in map(_family, known) if other == letter]
    return bool(generations) and generation > max(generations)


def _family(instance_class: str) -> tuple[str, int]:
    found = re.match(r"db\.([a-z]+)(\d+)", instance_class)
    return (found[1], int(found[2])) if found else ("", 0)
