"""The settings of databases: Aurora, and plain RDS, with what they have in common in `any_database`."""

from typing import Annotated, Literal

from pydantic import Field

from settings import database_readers
from settings.any_database import AnyDatabaseSettings
from settings.database_parts import BackupDays, InstanceClass
from settings.database_versions import judge_capacity, judge_class, judge_insights, judge_pausing
from settings.secrets import SecretName
from settings.section import Findings, Mistake, rule

# Where gp3 takes more than what it comes with (UserGuide, chap-storage, 2026-04).
STRIPED_GIB = 400
BASE_IOPS = 12_000


class AuroraSettings(AnyDatabaseSettings):
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


class RdsSettings(AnyDatabaseSettings):
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
