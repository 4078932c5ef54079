"""The settings of databases: engine, version, size, and everything that a plain one does without."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings import database_readers, reserved
from settings.database_parts import (
    LOGS,
    TAKEN_PREFIXES,
    TAKEN_USERS,
    BackupDays,
    DatabaseName,
    InstanceClass,
    Log,
    ProxySettings,
    StartSettings,
    UserName,
    Version,
    WindowSettings,
)
from settings.database_versions import (
    judge_capacity,
    judge_class,
    judge_insights,
    judge_pausing,
    judge_proxied,
    judge_version,
)
from settings.errors import named, several
from settings.secrets import SecretName
from settings.section import Findings, Mistake, Section, rule

DATABASE_VARIABLES = ("HOST", "READER_HOST", "PORT", "DATABASE", "TLS_MODE", "USERNAME", "PASSWORD", "SECRET_ARN")
# Where gp3 takes more than what it comes with (UserGuide, chap-storage, 2026-04).
STRIPED_GIB = 400
BASE_IOPS, BASE_MIBPS = 12_000, 500


class _DatabaseSettings(Section):
    """What every database may have beside its size. Without them it is as plain as it can be."""

    kind: ClassVar[str] = "database"
    levels: ClassVar[tuple[str, ...]] = ("connect", "write")
    variables: ClassVar[tuple[str, ...]] = DATABASE_VARIABLES

    engine: str
    version: Version
    windows: Annotated[
        WindowSettings | None, Field(description="Times of backup and maintenance; null for Sunday night.")
    ] = None
    rotate_after_days: Annotated[
        Annotated[int, Field(ge=1, le=1000)] | None,
        Field(description="Days between two passwords of the master; null for AWS's own seven.", examples=[30]),
    ] = None
    iam_user: Annotated[
        UserName | None,
        Field(
            description="The user as which services sign in that use the database with `connect`: with a token of their"
            " role, without a password. Somebody makes it once inside the database.",
            examples=["app"],
        ),
    ] = None
    proxy: Annotated[ProxySettings | None, Field(description="RDS Proxy in front of it; null for none.")] = None
    logs: Annotated[
        Annotated[tuple[Log, ...], Field(strict=False)] | None,
        Field(
            description="The logs that go to CloudWatch; null for those that the engine writes anyway.", examples=[None]
        ),
    ] = None
    insights: Annotated[
        Literal["standard", "advanced"],
        Field(
            description="How much Database Insights keeps: standard is free and keeps 7 days, advanced keeps 15 months"
            " and costs by the vCPU.",
            examples=["standard"],
        ),
    ] = "standard"
    allow_major_upgrade: Annotated[
        bool,
        Field(
            description="Whether a new major `version` may be applied: true for that one change, then false again.",
            examples=[False],
        ),
    ] = False
    start_from: Annotated[
        StartSettings | None,
        Field(description="What a new database starts from; null for an empty one. Never changes one that exists."),
    ] = None
    database_name: Annotated[
        DatabaseName | None,
        Field(
            description="Name of the first database inside; null for the store's own. Changing it replaces the store.",
            examples=[None],
        ),
    ] = None

    @property
    def secret_names(self) -> frozenset[str]:
        """The values of groundwork:secrets that it needs."""
        return frozenset()

    @rule
    def _version_is_offered(self) -> Findings:
        yield from judge_version(self.engine, self.version)

    @rule
    def _logs_are_those_of_the_engine(self) -> Findings:
        for position, log in enumerate(self.logs or ()):
            if log not in LOGS[self.engine]:
                yield Mistake(
                    key=("logs", position),
                    problem=f"is no log of {self.engine}",
                    given=f'"{log}"',
                    allowed=several(LOGS[self.engine]),
                    change=f"take it out, or name {LOGS[self.engine][0]}",
                )
            elif log in (self.logs or ())[:position]:
                yield Mistake(
                    key=("logs", position),
                    problem="is in the list already",
                    given=f'"{log}"',
                    allowed="each log once",
                    change="take it out",
                )

    @rule
    def _user_is_nobody_elses(self) -> Findings:
        user = self.iam_user
        if user is not None and (user in TAKEN_USERS or user.startswith(TAKEN_PREFIXES)):
            yield Mistake(
                key=("iamUser",),
                problem="is a user that the engine or AWS keeps for itself, or the master",
                given=f'"{user}"',
                allowed="any other name",
                change="choose one, for example app",
            )

    @rule
    def _proxy_takes_the_version(self) -> Findings:
        if self.proxy is not None:
            yield from judge_proxied(self.engine, self.version)

    @rule
    def _database_is_called_by_no_word_of_the_engine(self) -> Findings:
        name = self.database_name
        # `postgres` is there in any case, and RDS lets it be named.
        if self.start_from is None and name in reserved.words(self.engine) - {"postgres"}:
            yield Mistake(
                key=("databaseName",),
                problem="is a word, or a database, that the engine keeps for itself",
                given=named(str(name)),
                allowed="any other name",
                change=f"choose one, for example {name}_db",
            )

    @rule
    def _proxy_takes_tokens(self) -> Findings:
        if self.proxy is not None and self.engine == "mariadb" and self.iam_user is not None:
            yield Mistake(
                key=("iamUser",),
                problem="has no effect behind a proxy: for MariaDB, RDS Proxy signs in with passwords only",
                given=f'"{self.iam_user}" (proxy: given)',
                allowed="null beside a proxy of MariaDB",
                change="take iamUser or proxy out",
            )


class AuroraSettings(_DatabaseSettings):
    """Aurora for PostgreSQL or MySQL: a writer and readers over one storage, whose capacity follows the load
    (`minCapacity`, `maxCapacity`) or is fixed (`instanceClass`)."""

    engine: Annotated[
        Literal["aurora-postgresql", "aurora-mysql"], Field(description="Aurora, compatible with PostgreSQL or MySQL.")
    ]
    min_capacity: Annotated[
        Annotated[float, Field(ge=0, le=256, multiple_of=0.5)] | None,
        Field(
            description="Least capacity in ACU (2 GiB of memory each, about 0.12 USD an hour in us-east-1, 2026)."
            " 0 pauses the database when idle.",
            examples=[0.5],
        ),
    ] = None
    max_capacity: Annotated[
        Annotated[float, Field(ge=1, le=256, multiple_of=0.5)] | None,
        Field(
            description="Most capacity in ACU for each instance; also fixes how many connections are possible.",
            examples=[16],
        ),
    ] = None
    pause_after_seconds: Annotated[
        Annotated[int, Field(ge=300, le=86400)] | None,
        Field(
            description="Idle seconds after which the database pauses, with minCapacity 0; null otherwise. Waking"
            " takes about 15"
            " seconds. Refused in a protected stack.",
            examples=[None],
        ),
    ] = None
    instance_class: Annotated[
        InstanceClass | None,
        Field(description="Size of each instance, in place of minCapacity and maxCapacity.", examples=["db.r8g.large"]),
    ] = None
    instances: Annotated[
        int,
        Field(
            ge=1,
            le=15,
            description="Writer and readers together, in different zones; 2 or more in a protected stack.",
            examples=[2],
        ),
    ]
    reader_endpoint: Annotated[
        bool,
        Field(
            description="Whether services also get READER_HOST, which leads to the readers, or to the writer while"
            " there are none.",
            examples=[False],
        ),
    ] = False
    backup_days: BackupDays

    @property
    def capacity(self) -> tuple[float, float] | None:
        """Least and most ACU; None where the size is fixed."""
        least, most = self.min_capacity, self.max_capacity
        return (least, most) if least is not None and most is not None else None

    @property
    def pauses(self) -> bool:
        """Whether it goes down to nothing when it is idle."""
        return self.min_capacity == 0

    @rule
    def _has_one_size(self) -> Findings:
        given = {"minCapacity": self.min_capacity, "maxCapacity": self.max_capacity}
        for key, value in given.items():
            if value is None and self.instance_class is None:
                yield Mistake(
                    key=(key,),
                    problem="is missing",
                    given="nothing",
                    allowed="both minCapacity and maxCapacity in ACU, or an instanceClass instead",
                    change=f"add it: {key}: {0.5 if key == 'minCapacity' else 16}",
                )
            elif value is not None and self.instance_class is not None:
                yield Mistake(
                    key=(key,),
                    problem="stands beside an instanceClass, whose size is fixed",
                    given=f"{value:g} (instanceClass: {self.instance_class})",
                    allowed="null with an instanceClass",
                    change="take one of the two out",
                )

    @rule
    def _capacities_are_in_order(self) -> Findings:
        if self.capacity is not None and self.capacity[0] > self.capacity[1]:
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
        elif self.min_capacity != 0 and self.pause_after_seconds is not None:
            least = "null" if self.min_capacity is None else f"{self.min_capacity:g}"
            yield Mistake(
                key=("pauseAfterSeconds",),
                problem="has no effect: only a database with minCapacity 0 pauses",
                given=f"{self.pause_after_seconds} (minCapacity: {least})",
                allowed="null with a minCapacity above 0, or with an instanceClass",
                change="set pauseAfterSeconds to null, or minCapacity to 0",
            )

    @rule
    def _version_can_pause(self) -> Findings:
        if self.min_capacity == 0:
            yield from judge_pausing(self.engine, self.version)

    @rule
    def _version_grows_so_far(self) -> Findings:
        if self.max_capacity is not None:
            yield from judge_capacity(self.engine, self.version, self.max_capacity)

    @rule
    def _instance_class_is_offered(self) -> Findings:
        if self.instance_class is not None:
            yield from judge_class(self.engine, self.instance_class)
        yield from judge_insights(self.engine, self.instance_class, self.insights)


class RdsSettings(_DatabaseSettings):
    """Plain RDS for PostgreSQL, MySQL or MariaDB: one instance of a fixed size, with a standby when multiAz."""

    engine: Annotated[Literal["postgres", "mysql", "mariadb"], Field(description="RDS, of fixed size.")]
    instance_class: Annotated[InstanceClass, Field(description="Size of the instance.", examples=["db.t4g.micro"])]
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
    iops: Annotated[
        Annotated[int, Field(ge=12_000, le=64_000)] | None,
        Field(
            description="I/O operations a second beyond what gp3 comes with, from 400 GiB on; null for these.",
            examples=[None],
        ),
    ] = None
    throughput_mibps: Annotated[
        Annotated[int, Field(ge=500, le=4000)] | None,
        Field(description="MiB a second beyond what gp3 comes with, from 400 GiB on; null for these.", examples=[None]),
    ] = None
    multi_az: Annotated[
        bool,
        Field(
            description="A standby in another zone, at twice the price; needed in a protected stack.", examples=[False]
        ),
    ]
    backup_days: BackupDays
    readers: Annotated[
        int,
        Field(
            ge=0,
            le=database_readers.MOST,
            description="Read replicas, whose addresses services get as READER_HOST; with a masterPassword.",
            examples=[0],
        ),
    ] = 0
    reader_class: Annotated[
        InstanceClass | None,
        Field(description="Size of each reader; null for that of the instance.", examples=[None]),
    ] = None
    master_password: Annotated[
        SecretName | None,
        Field(
            description="Value of groundwork:secrets that is the master's password (8 to 41 characters without spaces"
            " and / @ \" '), kept in Secrets Manager; null for one that AWS makes. For readers and blueGreenUpdate.",
            examples=[None],
        ),
    ] = None
    blue_green_update: Annotated[
        bool,
        Field(
            description="Whether changes that take time are made on a copy, which then takes over within seconds. While"
            " they are, the database is there twice. With a masterPassword.",
            examples=[False],
        ),
    ] = False

    @property
    def secret_names(self) -> frozenset[str]:
        """The values of groundwork:secrets that it needs."""
        return frozenset(filter(None, (self.master_password,)))

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
        elif self.storage_gib < self.max_storage_gib < -(-self.storage_gib * 11 // 10):
            # CreateDBInstance, MaxAllocatedStorage: at least 10 % above (UserGuide, storage autoscaling, 2026-04).
            least = -(-self.storage_gib * 11 // 10)
            yield Mistake(
                key=("maxStorageGib",),
                problem="is less than a tenth above storageGib, which AWS does not grow to",
                given=f"{self.max_storage_gib} (storageGib: {self.storage_gib})",
                allowed=f"{self.storage_gib} (never grow), or {least} and more",
                change=f"set maxStorageGib to {least} or more",
            )

    @rule
    def _speed_goes_with_the_size(self) -> Findings:
        for key, value in (("iops", self.iops), ("throughputMibps", self.throughput_mibps)):
            if value is not None and self.storage_gib < STRIPED_GIB:
                yield Mistake(
                    key=(key,),
                    problem="cannot be set for so little storage: gp3 has 3000 IOPS and 125 MiB/s then",
                    given=f"{value} (storageGib: {self.storage_gib})",
                    allowed=f"null, or a storageGib of {STRIPED_GIB} or more",
                    change="take it out, or raise storageGib",
                )
        iops = self.iops or BASE_IOPS
        if self.storage_gib >= STRIPED_GIB and (self.throughput_mibps or 0) * 4 > iops:
            yield Mistake(
                key=("throughputMibps",),
                problem="is more than a quarter of the IOPS",
                given=f"{self.throughput_mibps} (iops: {iops})",
                allowed=f"at most {iops // 4}",
                change="lower throughputMibps or raise iops",
            )

    @rule
    def _instance_class_is_offered(self) -> Findings:
        yield from judge_class(self.engine, self.instance_class)
        yield from judge_insights(self.engine, self.instance_class, self.insights)

    _password_is_kept_by_one = rule(database_readers.password)
    _readers_have_a_password = rule(database_readers.replicable)
    _readers_are_alone = rule(database_readers.beside)
    _reader_class_is_offered = rule(database_readers.size)


DatabaseSettings = Annotated[AuroraSettings | RdsSettings, Field(discriminator="engine")]
