"""Buckets that tell queues of their events: who may send to a queue, and what the bucket has to know of it."""

from collections.abc import Mapping, Sequence

import pulumi

from components.contracts import DataStore, Notice
from components.data.object_store import ObjectStore
from components.data.queue import Queue
from settings.buckets import BucketSettings


def senders(
    queue: str, buckets: Mapping[str, BucketSettings], built: Mapping[str, DataStore]
) -> Sequence[pulumi.Input[str]]:
    """ARNs of the buckets that tell this queue, which are built before it."""
    return [
        store.bucket.arn
        for name, settings in buckets.items()
        if queue in settings.tells and isinstance(store := built.get(name), ObjectStore)
    ]


def tell(buckets: Mapping[str, BucketSettings], built: Mapping[str, DataStore]) -> None:
    """Gives each bucket the queues that it tells."""
    for name, settings in buckets.items():
        store = built[name]
        assert isinstance(store, ObjectStore), "buckets are object stores"
        store.notices = {queue: _notice(settings, queue, built[queue]) for queue in sorted(settings.tells)}


def _notice(settings: BucketSettings, name: str, queue: DataStore) -> Notice:
    assert isinstance(queue, Queue), "settings have seen to it that it is a queue"
    told = settings.tells[name]
    return Notice(queue_arn=queue.ready_arn, events=told.events, prefix=told.prefix, suffix=told.suffix)
