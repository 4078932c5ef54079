"""What outlives every deployment: the stores of the stack, by the names that services use for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.contracts import DataStore, Recoverable, Signal, Site
from components.data import notices
from components.data.cache import Cache
from components.data.database import Database
from components.data.dump_store import DumpStore, DumpStoreArgs
from components.data.file_system import FileSystem
from components.data.object_store import ObjectStore
from components.data.queue import Queue
from components.data.store import StoreArgs
from components.data.stream import Stream
from components.data.table import Table
from components.recovery import Backups, BackupsArgs
from settings import dumps
from settings.buckets import BucketSettings
from settings.caches import CacheSettings
from settings.data import DataSettings, StoreSettings
from settings.databases import AuroraSettings, RdsSettings
from settings.dynamo_tables import TableSettings
from settings.files import FileSystemSettings
from settings.location import Location
from settings.queues import QueueSettings
from settings.section import Section
from settings.streams import ProvisionedStreamSettings, ServerlessStreamSettings

# What builds a store of a kind. A new kind is one more module and one more line here.
KINDS: Mapping[type[Section], Callable[..., DataStore]] = {
    AuroraSettings: Database,
    RdsSettings: Database,
    CacheSettings: Cache,
    BucketSettings: ObjectStore,
    QueueSettings: Queue,
    TableSettings: Table,
    ServerlessStreamSettings: Stream,
    ProvisionedStreamSettings: Stream,
    FileSystemSettings: FileSystem,
}


@dataclass(frozen=True, kw_only=True)
class DataArgs:
    """Which stores, where they live, and what they are encrypted and logged with."""

    settings: DataSettings
    site: Site
    key_arn: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    log_bucket: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool
    availability_zones: Sequence[str] = ()
    """Zones over which database instances are spread, in this order; none leaves the choice to AWS."""
    secret_values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """The application secrets of the stack by name, as Pulumi secrets."""


class Data(pulumi.ComponentResource):
    """All stores of the stack, each with its own access rules; none waits for another or for a way out."""

    stores: dict[str, DataStore]
    signals: Sequence[Signal]
    recoverables: Sequence[Recoverable]
    """What AWS Backup is to keep; stores that hold nothing it could bring back are left out."""

    def __init__(self, name: str, args: DataArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:Data", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.stores = {}
        for store, settings in args.settings.stores.items():
            described = _described(store, settings, args, self.stores)
            self.stores[store] = KINDS[type(settings)](f"{name}-{store}", described, child)
        notices.tell(args.settings.buckets, self.stores)
        self.stores |= _dumps(name, args, child)
        self.signals = [signal for store in self.stores.values() for signal in store.signals]
        kept = [store.recoverable for store in self.stores.values()]
        self.recoverables = [recoverable for recoverable in kept if recoverable is not None]
        self.signals += _backups(f"{name}-backups", args, self.recoverables, child)
        self.register_outputs({})


def _dumps(name: str, args: DataArgs, opts: pulumi.ResourceOptions) -> dict[str, DataStore]:
    """The bucket of the dumps, by the name that the jobs that dump use."""
    if args.settings.dump is None:
        return {}
    described = DumpStoreArgs(
        settings=args.settings.dump,
        key_arn=args.key_arn,
        log_bucket=args.log_bucket,
        location=args.location,
        protected=args.protected,
    )
    return {dumps.STORE: DumpStore(f"{name}-{dumps.STORE}", described, opts)}


def _backups(
    name: str, args: DataArgs, recoverables: Sequence[Recoverable], opts: pulumi.ResourceOptions
) -> Sequence[Signal]:
    """What is worth watching on the backups; nothing without any."""
    if args.settings.backups is None or not recoverables:
        return []
    return Backups(
        name,
        BackupsArgs(
            settings=args.settings.backups,
            recoverables=recoverables,
            site=args.site,
            log_key_arn=args.log_key_arn,
            log_retention_days=args.log_retention_days,
            location=args.location,
            protected=args.protected,
        ),
        opts,
    ).signals


def _described(
    store: str, settings: StoreSettings, args: DataArgs, built: Mapping[str, DataStore]
) -> StoreArgs[StoreSettings]:
    return StoreArgs(
        store=store,
        settings=settings,
        site=args.site,
        key_arn=args.key_arn,
        log_key_arn=args.log_key_arn,
        log_bucket=args.log_bucket,
        log_retention_days=args.log_retention_days,
        location=args.location,
        protected=args.protected,
        backed_up=args.settings.backups is not None,
        told_by=notices.senders(store, args.settings.buckets, built),
        availability_zones=args.availability_zones,
        secret_values=args.secret_values,
    )
