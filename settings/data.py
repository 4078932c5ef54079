"""Everything that keeps data, by kind and name. A new kind of store is one more module and one more field here."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from settings.backups import BackupSettings
from settings.buckets import BucketSettings
from settings.caches import CacheSettings
from settings.databases import AuroraSettings, DatabaseSettings, RdsSettings
from settings.dumps import DumpSettings
from settings.dynamo_tables import TableSettings
from settings.files import FileSystemSettings
from settings.kept_secrets import KeptSecretSettings
from settings.queues import QueueSettings
from settings.secrets import SecretName
from settings.section import Findings, Mistake, Section, StoreName, alias, rule
from settings.streams import ProvisionedStreamSettings, ServerlessStreamSettings, StreamSettings

StoreSettings = (
    AuroraSettings
    | RdsSettings
    | CacheSettings
    | BucketSettings
    | QueueSettings
    | TableSettings
    | ServerlessStreamSettings
    | ProvisionedStreamSettings
    | FileSystemSettings
)


class DataSettings(Section):
    """Everything that keeps data. Names are unique across the kinds, because `uses` of a service refers to them."""

    databases: Annotated[
        Mapping[StoreName, DatabaseSettings], Field(description="Relational databases by name.", examples=[{}])
    ]
    caches: Annotated[Mapping[StoreName, CacheSettings], Field(description="Caches by name.", examples=[{}])] = Field(
        default_factory=dict
    )
    buckets: Annotated[Mapping[StoreName, BucketSettings], Field(description="Private buckets by name.", examples=[{}])]
    queues: Annotated[Mapping[StoreName, QueueSettings], Field(description="Queues by name.", examples=[{}])] = Field(
        default_factory=dict
    )
    tables: Annotated[
        Mapping[StoreName, TableSettings], Field(description="DynamoDB tables by name.", examples=[{}])
    ] = Field(default_factory=dict)
    streams: Annotated[
        Mapping[StoreName, StreamSettings], Field(description="Kafka clusters by name.", examples=[{}])
    ] = Field(default_factory=dict)
    files: Annotated[
        Mapping[StoreName, FileSystemSettings],
        Field(description="File systems that services mount, by name.", examples=[{}]),
    ] = Field(default_factory=dict)

    secrets: Annotated[
        Mapping[SecretName, KeptSecretSettings],
        Field(description="Application secrets that are more than a value of groundwork:secrets.", examples=[{}]),
    ] = Field(default_factory=dict)
    backups: Annotated[
        BackupSettings | None,
        Field(
            description="Backups of all stores, and tests of their restore. Absent, or null: only what each keeps"
            " itself."
        ),
    ] = None
    dump: Annotated[
        DumpSettings | None,
        Field(description="Dumps of databases in their vendor's own format. Absent, or null: none."),
    ] = None

    @property
    def stores(self) -> dict[str, StoreSettings]:
        """Every store by name, whatever its kind."""
        return {name: store for _, stores in self._by_kind() for name, store in stores.items()}

    def _by_kind(self) -> Iterator[tuple[str, Mapping[str, StoreSettings]]]:
        """Each map of stores, with the key that it has in the stack file, in the order of the fields."""
        for field in STORES:
            yield alias(type(self), field), getattr(self, field)

    @rule
    def _names_are_unique_across_kinds(self) -> Findings:
        owners: dict[str, str] = {}
        for key, stores in self._by_kind():
            for name in stores:
                if (other := owners.setdefault(name, key)) != key:
                    yield Mistake(
                        key=(key, name),
                        problem=f"is also the name of a {STORES[other]}; `uses` could not tell them apart",
                        given=f'"{name}"',
                        allowed="a name that no other store has",
                        change="rename one of the two",
                    )


# Field of `DataSettings` -> what one store of it is called.
STORES: Mapping[str, str] = {
    "databases": "database",
    "caches": "cache",
    "buckets": "bucket",
    "queues": "queue",
    "tables": "table",
    "streams": "stream",
    "files": "file system",
}
