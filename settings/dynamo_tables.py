"""The settings of tables: their keys and indexes, what they can do in a second, what they remember and forget."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings.errors import Doubt, named, several
from settings.section import Findings, Mistake, Section, rule

TABLE_VARIABLES = ("TABLE", "REGION", "STREAM_ARN")
# Quotas of a table (DynamoDB developer guide, ServiceQuotas, read 2026-11; the first can be raised by asking).
GLOBAL_INDEXES, LOCAL_INDEXES = 20, 5
# Attributes that are named for all indexes, and for one (API model, NonKeyAttributeNameList, 2026-11-17).
NAMED_ATTRIBUTES, NAMED_OF_ONE = 100, 20
MOST_UNITS = 40_000  # read or write units of one table, unless AWS has raised it

AttributeName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        pattern=r"^[^\s]+$",
        json_schema_extra={"patternErrorMessage": "the name of an attribute, without spaces, at most 255 characters"},
    ),
]
IndexName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        min_length=3,  # DynamoDB's own least
        max_length=30,
        json_schema_extra={
            "patternErrorMessage": "lower-case letters, digits and single hyphens, a letter first, from 3 to 30"
            " characters"
        },
    ),
]
Units = Annotated[int, Field(ge=1, le=MOST_UNITS)]


class KeySettings(Section):
    """One attribute of a key, and what it holds."""

    name: Annotated[AttributeName, Field(description="Name of the attribute.", examples=["userId"])]
    type: Annotated[
        Literal["string", "number", "binary"],
        Field(description="What it holds. DynamoDB never changes it for a table or index that exists."),
    ]


Projected = Annotated[
    tuple[AttributeName, ...],
    Field(
        strict=False,
        description="The attributes that the index holds beside the keys, with project: some.",
        examples=[["title"]],
    ),
]
Project = Annotated[
    Literal["all", "keys", "some"],
    Field(
        description="What of an item an index holds: all attributes, the keys of table and index alone, or these and"
        " the attributes under `attributes`.",
        examples=["all"],
    ),
]


class IndexSettings(Section):
    """What every index has: what of an item it holds."""

    project: Project
    attributes: Projected = ()

    @rule
    def _attributes_go_with_some(self) -> Findings:
        if self.project == "some" and not self.attributes:
            yield Mistake(
                key=("attributes",),
                problem="names nothing, although project is some",
                given="nothing (project: some)",
                allowed="the attributes that the index holds beside the keys",
                change="name them, or write project: keys",
            )
        if self.project != "some" and self.attributes:
            yield Mistake(
                key=("attributes",),
                problem=f"has no effect: the index holds {'everything' if self.project == 'all' else 'keys alone'}",
                given=f"a list of {len(self.attributes)} (project: {self.project})",
                allowed="attributes only with project: some",
                change="take them out, or write project: some",
            )
        if len(self.attributes) > NAMED_OF_ONE:
            yield Mistake(
                key=("attributes",),
                problem="names more than DynamoDB takes for one index",
                given=str(len(self.attributes)),
                allowed=f"{NAMED_OF_ONE} or fewer",
                change="name fewer, or write project: all",
            )
        for place, attribute in enumerate(self.attributes):
            if attribute in self.attributes[:place]:
                yield Mistake(
                    key=("attributes", place),
                    problem="is listed twice",
                    given=named(attribute),
                    allowed="each attribute once",
                    change="take one of the two out",
                )


class GlobalIndexSettings(IndexSettings):
    """Another way to find items, over the whole table: a copy under other keys that follows within a second."""

    partition_key: Annotated[KeySettings, Field(description="By what the items are found.")]
    sort_key: Annotated[
        KeySettings | None, Field(description="By what those that are found together are in order.", examples=[None])
    ] = None

    @rule
    def _keys_differ(self) -> Findings:
        yield from _two_keys(self.partition_key, self.sort_key)


class LocalIndexSettings(IndexSettings):
    """Another order of the items under one partition key. DynamoDB makes it with the table and never after: adding or
    taking out one replaces the table."""

    sort_key: Annotated[KeySettings, Field(description="By what the items under one partition key are in order.")]


class OnDemandSettings(Section):
    """Each request is paid for, and there is no capacity to plan."""

    mode: Annotated[Literal["onDemand"], Field(description="Each request is paid for.")]
    max_read_units: Annotated[
        Units | None,
        Field(
            description="Read units in a second beyond which requests are refused, so that a mistake has a price"
            " limit; null for as many as AWS allows the account.",
            examples=[None],
        ),
    ] = None
    max_write_units: Annotated[
        Units | None,
        Field(description="The same for write units.", examples=[None]),
    ] = None


class UnitsSettings(Section):
    """Between which numbers of units a second a provisioned table is kept."""

    min: Annotated[Units, Field(description="Least units, paid for day and night.", examples=[5])]
    max: Annotated[Units, Field(description="Most units; the same as min to never scale.", examples=[100])]

    @rule
    def _bounds_are_in_order(self) -> Findings:
        if self.min > self.max:
            yield Mistake(
                key=("max",),
                problem="is below min",
                given=f"{self.max} (min: {self.min})",
                allowed=f"{self.min} to {MOST_UNITS}",
                change="raise max or lower min",
            )


class ProvisionedSettings(Section):
    """Units by the hour, kept between two bounds by how much of them is used. Each index has the same bounds for
    itself."""

    mode: Annotated[Literal["provisioned"], Field(description="Units are paid for by the hour, used or not.")]
    read: Annotated[UnitsSettings, Field(description="Read units a second.")]
    write: Annotated[UnitsSettings, Field(description="Write units a second.")]
    target: Annotated[
        int,
        Field(
            ge=20,
            le=90,  # Application Auto Scaling takes no other for DynamoDB (developer guide, read 2026-11)
            description="Percent of the units that are to be in use; more of them means more units.",
            examples=[70],
        ),
    ]


CapacitySettings = Annotated[OnDemandSettings | ProvisionedSettings, Field(discriminator="mode")]


class TableSettings(Section):
    """A DynamoDB table: items found by their keys, with no server to size or patch."""

    kind: ClassVar[str] = "table"
    levels: ClassVar[tuple[str, ...]] = ("read", "write", "follow")
    variables: ClassVar[tuple[str, ...]] = TABLE_VARIABLES

    partition_key: Annotated[
        KeySettings, Field(description="By what items are found. Changing it replaces the table, and its data.")
    ]
    sort_key: Annotated[
        KeySettings | None,
        Field(
            description="By what items under one partition key are in order; null for one item each. Changing it"
            " replaces the table, and its data.",
            examples=[None],
        ),
    ] = None
    capacity: Annotated[CapacitySettings, Field(description="How requests are paid for.")]
    indexes: Annotated[
        Mapping[IndexName, GlobalIndexSettings],
        Field(description="Further ways to find items, by name.", examples=[{}]),
    ] = Field(default_factory=dict)
    local_indexes: Annotated[
        Mapping[IndexName, LocalIndexSettings],
        Field(description="Further orders of the items under one partition key, by name.", examples=[{}]),
    ] = Field(default_factory=dict)
    expires_at: Annotated[
        AttributeName | None,
        Field(
            description="Attribute with the second (Unix time, a number) from which DynamoDB deletes an item, within"
            " days; null for never.",
            examples=[None],
        ),
    ] = None
    stream: Annotated[
        Literal["keys", "new", "old", "both"] | None,
        Field(
            description="What is told of each change for a day, to services with the level follow: the keys, the item"
            " as it is, as it was, or both; null for nothing.",
            examples=[None],
        ),
    ] = None
    recovery_days: Annotated[
        Annotated[int, Field(ge=1, le=35)] | None,
        Field(
            description="Days back to any second of which the table can be restored; null for none. 7 or more in a"
            " protected stack.",
            examples=[35],
        ),
    ]
    rarely_read: Annotated[
        bool,
        Field(
            description="Storage at less than half the price, requests at a quarter more: pays when storage is most of"
            " the bill.",
            examples=[False],
        ),
    ] = False

    @property
    def keys(self) -> Iterator[tuple[tuple[str, ...], KeySettings]]:
        """Every key of the table and its indexes, each with its place below the table."""
        yield ("partitionKey",), self.partition_key
        if self.sort_key is not None:
            yield ("sortKey",), self.sort_key
        for name, index in self.indexes.items():
            yield ("indexes", name, "partitionKey"), index.partition_key
            if index.sort_key is not None:
                yield ("indexes", name, "sortKey"), index.sort_key
        for name, local in self.local_indexes.items():
            yield ("localIndexes", name, "sortKey"), local.sort_key

    @rule
    def _keys_differ(self) -> Findings:
        yield from _two_keys(self.partition_key, self.sort_key)

    @rule
    def _an_attribute_holds_one_thing(self) -> Findings:
        held: dict[str, str] = {}
        for place, key in self.keys:
            if (other := held.setdefault(key.name, key.type)) != key.type:
                yield Mistake(
                    key=(*place, "type"),
                    problem=f"another key says that {named(key.name)} is a {other}",
                    given=key.type,
                    allowed=other,
                    change="write the same type for each key of this name, or name another attribute",
                )

    @rule
    def _names_of_indexes_are_unique(self) -> Findings:
        for name in self.local_indexes:
            if name in self.indexes:
                yield Mistake(
                    key=("localIndexes", name),
                    problem="is also the name of an index under indexes",
                    given=named(name),
                    allowed="a name that no other index of the table has",
                    change="rename one of the two",
                )

    @rule
    def _there_are_not_too_many_indexes(self) -> Findings:
        for key, given, most in (
            ("indexes", len(self.indexes), GLOBAL_INDEXES),
            ("localIndexes", len(self.local_indexes), LOCAL_INDEXES),
        ):
            if given > most:
                yield Mistake(
                    key=(key,),
                    problem=f"DynamoDB has no more than {most} of these for a table",
                    given=f"{given}",
                    allowed=f"{most} or fewer",
                    change="take some out, or let one index serve several questions",
                )
        named_ = sum(len(index.attributes) for index in (*self.indexes.values(), *self.local_indexes.values()))
        if named_ > NAMED_ATTRIBUTES:
            yield Mistake(
                key=("indexes",),
                problem=f"name more than {NAMED_ATTRIBUTES} attributes together",
                given=f"{named_}",
                allowed=f"{NAMED_ATTRIBUTES} or fewer over all indexes",
                change="name fewer, or write project: all",
            )

    @rule
    def _attributes_are_not_keys_already(self) -> Findings:
        own = {self.partition_key.name, *([self.sort_key.name] if self.sort_key else [])}
        for kind, indexes in (("indexes", self.indexes), ("localIndexes", self.local_indexes)):
            for name, index in indexes.items():
                for place, attribute in enumerate(index.attributes):
                    if attribute in own | set(_own_keys(index)):
                        yield Mistake(
                            key=(kind, name, "attributes", place),
                            problem="is a key of the table or the index, which every index holds",
                            given=named(attribute),
                            allowed="attributes that are no keys",
                            change="take it out",
                        )

    @rule
    def _local_indexes_have_something_to_order(self) -> Findings:
        if self.local_indexes and self.sort_key is None:
            yield Mistake(
                key=("localIndexes",),
                problem="there is no other order of items without a sortKey: each partition key has one item",
                given=several([*self.local_indexes], "and"),
                allowed="local indexes of a table with a sortKey",
                change="give the table a sortKey, or write an index under indexes",
            )
        taken = {key.name for key in (self.partition_key, self.sort_key) if key is not None}
        for name, index in self.local_indexes.items():
            if index.sort_key.name in taken:
                yield Mistake(
                    key=("localIndexes", name, "sortKey", "name"),
                    problem="is a key of the table already, so this would be the table's own order",
                    given=named(index.sort_key.name),
                    allowed="an attribute that is no key of the table",
                    change="name another attribute, or take the index out",
                )

    @rule
    def _what_expires_is_a_number(self) -> Findings:
        for place, key in self.keys:
            if key.name == self.expires_at and key.type != "number":
                yield Mistake(
                    key=("expiresAt",),
                    problem=f"{'.'.join(place)} says that it holds no number, and only a number is a time",
                    given=f"{named(key.name)} ({'.'.join(place)}.type: {key.type})",
                    allowed="an attribute that holds Unix time in seconds",
                    change="name another attribute",
                )

    @rule
    def _scaled_indexes_start_again_after_a_refresh(self) -> Findings:
        capacity = self.capacity
        if isinstance(capacity, ProvisionedSettings) and self.indexes and _scales(capacity):
            yield Doubt(
                key=("capacity",),
                text="after `pulumi refresh` the next update sets the units of the indexes back to min, and scaling"
                " raises them again within minutes (those of the table stay as they are); onDemand has none of this",
            )


def scales(units: UnitsSettings) -> bool:
    """Whether there is anything between the bounds."""
    return units.min < units.max


def _scales(capacity: ProvisionedSettings) -> bool:
    return scales(capacity.read) or scales(capacity.write)


def _own_keys(index: GlobalIndexSettings | LocalIndexSettings) -> Iterator[str]:
    if isinstance(index, GlobalIndexSettings):
        yield index.partition_key.name
    if index.sort_key is not None:
        yield index.sort_key.name


def _two_keys(partition: KeySettings, sort: KeySettings | None) -> Findings:
    if sort is not None and sort.name == partition.name:
        yield Mistake(
            key=("sortKey", "name"),
            problem="is the attribute of partitionKey, and one attribute cannot be both",
            given=named(sort.name),
            allowed="another attribute",
            change="name another attribute, or leave sortKey out",
        )
