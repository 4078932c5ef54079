"""What outlives every deployment: databases, buckets and queues, by the names that services use for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.contracts import Signal, Site, Store
from components.data.database import Database, DatabaseArgs
from components.data.object_store import ObjectStore, ObjectStoreArgs
from components.data.queue import Queue, QueueArgs
from settings.data import DataSettings
from settings.location import Location


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


class Data(pulumi.ComponentResource):
    """All stores of the stack, each with its own access rules; none waits for another or for a way out."""

    stores: Mapping[str, Store]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: DataArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:data:Data", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        databases = {
            store: Database(
                f"{name}-{store}",
                DatabaseArgs(
                    store=store,
                    settings=settings,
                    vpc_id=args.site.vpc_id,
                    subnet_ids=args.site.data_subnet_ids,
                    availability_zones=args.availability_zones,
                    key_arn=args.key_arn,
                    log_key_arn=args.log_key_arn,
                    log_retention_days=args.log_retention_days,
                    location=args.location,
                    protected=args.protected,
                ),
                child,
            )
            for store, settings in args.settings.databases.items()
        }
        buckets = {
            store: ObjectStore(
                f"{name}-{store}",
                ObjectStoreArgs(
                    store=store,
                    settings=settings,
                    key_arn=args.key_arn,
                    log_bucket=args.log_bucket,
                    location=args.location,
                    protected=args.protected,
                ),
                child,
            )
            for store, settings in args.settings.buckets.items()
        }
        queues = {
            store: Queue(
                f"{name}-{store}",
                QueueArgs(
                    store=store,
                    settings=settings,
                    key_arn=args.key_arn,
                    location=args.location,
                    protected=args.protected,
                ),
                child,
            )
            for store, settings in args.settings.queues.items()
        }
        self.stores = {**databases, **buckets, **queues}
        self.signals = [
            *(signal for database in databases.values() for signal in database.signals),
            *(signal for queue in queues.values() for signal in queue.signals),
        ]
        self.register_outputs({})
