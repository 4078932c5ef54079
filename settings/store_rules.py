"""Rules between stores, and from a store to the rest of the stack file: who uses it, who is told, where it stands."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from settings import tables
from settings.data import STORES
from settings.databases import AuroraSettings, RdsSettings
from settings.dynamo_tables import ProvisionedSettings, TableSettings
from settings.errors import Doubt, Finding, Findings, Mistake, below, named, nearest, several, shown
from settings.files import FileSystemSettings, path_of
from settings.functions import FunctionSettings
from settings.runtime import TaskSettings
from settings.section import alias, skipping
from settings.services import ServiceSettings
from settings.streams import BURSTING, MOST_BROKERS, MOST_ZONES, ProvisionedStreamSettings
from settings.workers import WorkerSettings

if TYPE_CHECKING:
    from settings.rules import Stack

PROTECTED_RECOVERY_DAYS = 7
PROTECTED = "groundwork:protection.protected: true"
# Kinds of stores that stand in the data tier, where only the private tier reaches them.
INSIDE = frozenset({"database", "cache", "stream", "file system"})


def _every_store_is_used(stack: "Stack") -> Findings:
    """Not an error: it may be the first step, or the last."""
    data = stack.settings.data
    used = {name for service in stack.settings.services.values() for name in service.needs}
    used |= {service.queue for service in stack.settings.services.values() if isinstance(service, WorkerSettings)}
    used |= {queue for bucket in data.buckets.values() for queue in bucket.tells}
    # A name that a use misspells is reported there.
    used |= {nearest(name, list(data.stores)) or "" for name in used if name not in data.stores}
    for field, kind in STORES.items():
        for name in getattr(data, field):
            if name not in used:
                yield Doubt(
                    key=("data", alias(type(data), field), name),
                    text=f"no service uses this {kind}, and it may cost money all the same",
                )


def _parts_have_names_of_their_own(stack: "Stack") -> Findings:
    """A store names its parts after itself, and no other store of its kind may be called like one of these parts."""
    data = stack.settings.data
    for field, parts in _PARTS.items():
        stores = getattr(data, field)
        for name in stores:
            for behind, what in parts(stores[name]):
                other = f"{name}-{behind}"
                if other in stores and _is_of_one_name(stores[other], behind):
                    yield Mistake(
                        key=("data", field, other),
                        problem=f"is what {what} of {named(name)} is called",
                        given=f"the name {named(other)}",
                        allowed="a name that no part of another store has",
                        change="rename one of the two",
                    )


def _is_of_one_name(store: Any, behind: str) -> bool:
    """Alarms of an instance of Aurora are called like those of an instance of plain RDS; other kinds differ."""
    if behind.isdigit():
        return isinstance(store, RdsSettings)
    return not isinstance(store, TableSettings) or isinstance(store.capacity, ProvisionedSettings)


def _dead_letters(_: Any) -> Iterator[tuple[str, str]]:
    yield "dead", "the queue of the dead letters"


def _copies(bucket: Any) -> Iterator[tuple[str, str]]:
    if bucket.replication is not None:
        yield "copy", "the copy"


def _scaled(table: TableSettings) -> Iterator[tuple[str, str]]:
    if isinstance(table.capacity, ProvisionedSettings):
        yield from ((index, f"the index {named(index)}") for index in table.indexes)


def _members(database: Any) -> Iterator[tuple[str, str]]:
    if isinstance(database, AuroraSettings):
        yield from ((str(number), f"instance {number}") for number in range(1, database.instances + 1))


def _of_each(stack: "Stack") -> Iterator[Finding]:
    data = stack.settings.data
    for field, checks in _OF_A_STORE.items():
        for name, store in getattr(data, field).items():
            for check in checks:
                yield from (below(("data", field, name), found) for found in skipping(check, stack, name, store))


def _queues_that_are_told_exist(stack: "Stack", _: str, bucket: Any) -> Findings:
    queues = stack.settings.data.queues
    for name in bucket.tells:
        if name not in queues:
            guess = nearest(name, list(queues))
            yield Mistake(
                key=("tells", name),
                problem="there is no such queue in groundwork:data",
                given=f"the name {named(name)}",
                allowed=several([*queues]) if queues else "nothing: groundwork:data has no queue",
                change=f"did you mean {guess}?"
                if guess
                else "name a queue, or add this one under groundwork:data.queues",
            )
        else:
            yield from skipping(_queue_is_standard, name, queues[name])


def _queue_is_standard(name: str, queue: Any) -> Findings:
    if queue.fifo:
        yield Mistake(
            key=("tells", name),
            problem="is a FIFO queue, to which S3 tells nothing",
            given=f"the name {named(name)} (groundwork:data.queues.{name}.fifo: true)",
            allowed="standard queues",
            change="set fifo of the queue to false (which replaces it), or name another queue",
        )


def _functions_and_queues_are_told_apart(stack: "Stack", name: str, bucket: Any) -> Findings:
    for service, function in stack.settings.services.items():
        if not isinstance(function, FunctionSettings) or function.bucket is None or function.bucket.name != name:
            continue
        for queue, told in bucket.tells.items():
            if told.overlaps(function.bucket):
                yield Mistake(
                    key=("tells", queue),
                    problem=f"an event would call groundwork:services.{service} as well, and S3 tells each to one only",
                    given=f"{told.words} ({service}: {function.bucket.words})",
                    allowed="prefixes of which none begins with the other, or suffixes of which none ends with the"
                    " other, or other events",
                    change="give the two prefixes that lie apart, for example inbox/ and archive/",
                )


def _copy_is_elsewhere(stack: "Stack", _: str, bucket: Any) -> Findings:
    if bucket.replication is None:
        return
    here, there = stack.region, bucket.replication.region
    known = [code for code, region in tables.regions().items() if region.partition == here.partition]
    others = [code for code in known if code != here.code]
    if there not in others:
        guess = nearest(there, others)
        yield Mistake(
            key=("replication", "region"),
            problem="is the stack's own region" if there == here.code else f"is no region that {here.code} can copy to",
            given=shown(there),
            allowed=f"another region of {here.partition}, for example {guess or others[0]}",
            change=f"did you mean {guess}?" if guess else "name another region",
        )


def _what_is_locked_can_go_with_its_stack(stack: "Stack", _: str, bucket: Any) -> Findings:
    lock = bucket.object_lock
    if lock is not None and lock.mode == "compliance" and not stack.protected:
        yield Mistake(
            key=("objectLock", "mode"),
            problem="nobody could delete the bucket, and with it the stack, before the last lock is over",
            given="compliance (groundwork:protection.protected: false)",
            allowed="governance in a stack that is not protected",
            change="write governance",
        )


def _pages_are_known(stack: "Stack", _: str, bucket: Any) -> Findings:
    for place, rule in enumerate(bucket.cors):
        plain = [origin for origin in rule.origins if origin == "*" or origin.startswith("http://")]
        if plain and stack.protected:
            yield Doubt(
                key=("cors", place, "origins"),
                text=f"{several(plain, 'and')} lets pages of anybody use a signed URL that they have got hold of, or"
                " pages that anybody on the way can change",
            )


def _tables_can_be_restored(stack: "Stack", _: str, table: TableSettings) -> Findings:
    days = table.recovery_days
    if stack.protected and (days is None or days < PROTECTED_RECOVERY_DAYS):
        yield Mistake(
            key=("recoveryDays",),
            problem="a protected stack's tables can be restored to any second of a week or longer",
            given=f"{'null' if days is None else days} ({PROTECTED})",
            allowed=f"{PROTECTED_RECOVERY_DAYS} to 35",
            change="set recoveryDays to 35",
        )


def _brokers_fit(stack: "Stack", _: str, stream: Any) -> Findings:
    if not isinstance(stream, ProvisionedStreamSettings):
        return
    there = len(stack.settings.network.availability_zones)
    if stream.zones is not None and stream.zones > there:
        yield Mistake(
            key=("zones",),
            problem="is more than the stack has",
            given=f"{stream.zones} (groundwork:network.availabilityZones: {there})",
            allowed="2, or null",
            change="set it to 2, or add a zone",
        )
    zones = min(stream.zones or MOST_ZONES, there)
    kind = "kraft" if stream.kraft else "zookeeper"
    most = MOST_BROKERS[kind] // zones
    if stream.brokers_per_zone > most:
        yield Mistake(
            key=("brokersPerZone",),
            problem=f"makes more than the {MOST_BROKERS[kind]} brokers that a cluster of {stream.version} has at most",
            given=f"{stream.brokers_per_zone} (in {zones} zones)",
            allowed=f"1 to {most}",
            change="take larger brokers, or make a second stream",
        )
    if stream.broker == BURSTING and stack.protected:
        yield Doubt(
            key=("broker",),
            text=f"{BURSTING} takes 4 new connections a second and computes at full speed for a while only; AWS has it"
            " for development",
        )


def _levels_have_what_they_need(stack: "Stack", service: ServiceSettings) -> Findings:
    tables_ = stack.settings.data.tables
    for name, level in service.uses.items():
        if level == "follow" and name in tables_:
            yield from skipping(_table_has_a_stream, name, tables_[name])
            yield from skipping(_changes_are_within_reach, stack, service, name)


def _changes_are_within_reach(stack: "Stack", service: ServiceSettings, name: str) -> Findings:
    """What tables tell has an address of its own, which the gateway endpoint of DynamoDB does not lead to (DynamoDB
    developer guide, vpc-endpoints-dynamodb, read 2026-11)."""
    if isinstance(service, FunctionSettings) and not service.vpc:
        return
    closed = service.egress.internet == "none"
    if closed or stack.settings.network.nat == "none":
        yield Mistake(
            key=("uses", name),
            problem="what a table tells of its changes is reached over the internet only, and there is no way out",
            given="follow " + ("(egress.internet: none)" if closed else "(groundwork:network.nat: none)"),
            allowed="follow with NAT, in a service that reaches the internet",
            change="set egress.internet to https"
            if closed
            else "set groundwork:network.nat, or make it a function with vpc: false",
        )


def _table_has_a_stream(name: str, table: TableSettings) -> Findings:
    if table.stream is None:
        yield Mistake(
            key=("uses", name),
            problem="nothing is told of the changes of this table",
            given=f"follow (groundwork:data.tables.{name}.stream: null)",
            allowed="follow with a stream; read or write without one",
            change=f"give groundwork:data.tables.{name} a stream, for example stream: both",
        )


def _files_can_be_mounted(stack: "Stack", service: ServiceSettings) -> Findings:
    used = _used_files(stack, service)
    if not used:
        return
    names = several([*used], "and")
    if isinstance(service, FunctionSettings) and len(used) > 1:
        yield Mistake(
            key=("uses", [*used][1]),
            problem="Lambda mounts one file system at most",
            given=names,
            allowed="one of files under uses of a function",
            change="take all but one out, or make it a job",
        )


def _folders_are_free(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, TaskSettings):
        return
    for name in _used_files(stack, service):
        path = path_of(name)
        for folder in service.scratch:
            if folder == path or folder.startswith(f"{path}/") or path.startswith(f"{folder.rstrip('/')}/"):
                yield Mistake(
                    key=("scratch", folder),
                    problem=f"is where the files {name} are mounted, or around it",
                    given=f"the folder {named(folder)} ({path})",
                    allowed="folders apart from the files that are mounted",
                    change="name another folder",
                )


def _used_files(stack: "Stack", service: ServiceSettings) -> Mapping[str, FileSystemSettings]:
    files = stack.settings.data.files
    return {name: files[name] for name in service.uses if name in files}


_PARTS: Mapping[str, Callable[[Any], Iterator[tuple[str, str]]]] = {
    "databases": _members,
    "buckets": _copies,
    "queues": _dead_letters,
    "tables": _scaled,
}
_OF_A_STORE: Mapping[str, tuple[Any, ...]] = {
    "buckets": (
        _queues_that_are_told_exist,
        _functions_and_queues_are_told_apart,
        _copy_is_elsewhere,
        _what_is_locked_can_go_with_its_stack,
        _pages_are_known,
    ),
    "tables": (_tables_can_be_restored,),
    "streams": (_brokers_fit,),
}
OF_THE_STACK = (_every_store_is_used, _parts_have_names_of_their_own, _of_each)
OF_A_SERVICE = (_levels_have_what_they_need, _files_can_be_mounted, _folders_are_free)
"""In the order of the messages; each takes the stack and one service, keys are relative to the service."""
