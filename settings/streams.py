"""The settings of streams: Kafka that AWS runs, without servers or on brokers of a size."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings import tables
from settings.errors import Doubt, nearest, several, shown
from settings.section import Findings, Mistake, Section, rule

STREAM_VARIABLES = ("BOOTSTRAP", "REGION")
# A cluster stands in two or three zones, and no more (MSK API, BrokerNodeGroupInfo, read 2026-11).
MOST_ZONES = 3
# Brokers of a cluster with KRaft and with ZooKeeper (MSK developer guide, limits, read 2026-09).
MOST_BROKERS = {"kraft": 60, "zookeeper": 30}
BURSTING = "kafka.t3.small"


LagAlarm = Annotated[
    Annotated[int, Field(ge=60, le=604_800)] | None,
    Field(
        description="Seconds that a consumer group may be behind, whichever it is, before somebody is told; null for as"
        " long as it likes.",
        examples=[900],
    ),
]


class ServerlessStreamSettings(Section):
    """Kafka without brokers to size: 200 MB in and 400 MB out a second, 2400 partitions. About 550 USD a month while
    nobody uses it."""

    kind: ClassVar[str] = "stream"
    levels: ClassVar[tuple[str, ...]] = ("read", "write")
    variables: ClassVar[tuple[str, ...]] = STREAM_VARIABLES

    mode: Annotated[Literal["serverless"], Field(description="Without brokers to size.")]
    lag_alarm_seconds: LagAlarm = None


class ProvisionedStreamSettings(Section):
    """Kafka on brokers of a size, the same number of them in each zone."""

    kind: ClassVar[str] = "stream"
    levels: ClassVar[tuple[str, ...]] = ("read", "write")
    variables: ClassVar[tuple[str, ...]] = STREAM_VARIABLES

    mode: Annotated[Literal["provisioned"], Field(description="On brokers of a size.")]
    version: Annotated[
        str,
        Field(
            pattern=r"^[0-9]+\.[0-9]+\.(x|[0-9]+)(\.kraft)?$",
            description="Version of Kafka as MSK names it; later a higher one only, with .kraft if it began so:"
            " AWS refuses any other.",
            examples=["3.9.x.kraft"],
            json_schema_extra={"patternErrorMessage": "a version as MSK names it, for example 3.9.x.kraft"},
        ),
    ]
    broker: Annotated[
        str,
        Field(
            pattern=r"^kafka\.[a-z]+[0-9]+[a-z]*\.(small|([0-9]+x|x)?large)$",
            description="Size of a broker.",
            examples=["kafka.m7g.large"],
            json_schema_extra={"patternErrorMessage": "a standard broker of MSK, for example kafka.m7g.large"},
        ),
    ]
    brokers_per_zone: Annotated[
        int,
        Field(
            ge=1, le=30, description="Brokers in each zone of the stack, of which there are at most 3.", examples=[1]
        ),
    ]
    zones: Annotated[
        Literal[2, 3] | None,
        Field(
            description="In how many zones of the stack, the first ones of its list; null for as many as there are, up"
            " to 3. Never changed: another number replaces the cluster, so give it before a stack of two zones gets a"
            " third.",
            examples=[None],
        ),
    ] = None
    storage_gib: Annotated[
        int, Field(ge=1, le=16384, description="Storage of each broker in GiB; can only grow.", examples=[100])
    ]
    max_storage_gib: Annotated[
        int,
        Field(
            ge=1,
            le=16384,
            description="GiB up to which the storage of each broker grows by itself; storageGib to never grow.",
            examples=[500],
        ),
    ]
    retention_hours: Annotated[
        int,
        Field(
            ge=1,
            le=87600,
            description="Hours that messages are kept, where a topic does not say otherwise.",
            examples=[168],
        ),
    ]

    lag_alarm_seconds: LagAlarm = None

    @property
    def kraft(self) -> bool:
        """Whether the cluster keeps its own metadata; from Kafka 4 on there is nothing else."""
        return self.version.endswith(".kraft")

    @rule
    def _storage_is_in_order(self) -> Findings:
        if self.storage_gib > self.max_storage_gib:
            yield Mistake(
                key=("maxStorageGib",),
                problem="is below storageGib",
                given=f"{self.max_storage_gib} (storageGib: {self.storage_gib})",
                allowed=f"{self.storage_gib} to 16384 GiB",
                change="raise maxStorageGib (the same number as storageGib means: never grow)",
            )

    @rule
    def _version_is_offered(self) -> Findings:
        offered = tables.kafka_versions()
        if self.version in offered:
            return
        as_of = tables.as_of("kafka")
        if _number(self.version) > max(map(_number, offered)):
            yield Doubt(
                key=("version",),
                text=f"{shown(self.version)} is newer than our table of {as_of}; not checked"
                " (the table: settings/tables/kafka.json)",
            )
            return
        guess = nearest(self.version, list(offered))
        yield Mistake(
            key=("version",),
            problem=f"MSK makes no new cluster of this version (table of {as_of})",
            given=shown(self.version),
            allowed=several([*offered]),
            change=f"did you mean {guess}?" if guess else f"set version to {offered[-1]}",
        )

    @rule
    def _broker_is_offered(self) -> Findings:
        offered = tables.kafka_brokers()
        if self.broker not in offered:
            guess = nearest(self.broker, list(offered))
            yield Mistake(
                key=("broker",),
                problem=f"is no standard broker of MSK (table of {tables.as_of('kafka')})",
                given=shown(self.broker),
                allowed=several([*offered]),
                change=(f"did you mean {guess}?" if guess else "choose one, for example kafka.m7g.large")
                + " A size that MSK does offer belongs into settings/tables/kafka.json.",
            )


StreamSettings = Annotated[ServerlessStreamSettings | ProvisionedStreamSettings, Field(discriminator="mode")]


def _number(version: str) -> tuple[int, int]:
    major, minor, *_ = version.split(".")
    return int(major), int(minor)
