"""Rules that look from a database or a cache at the rest of the stack file: protection, region, who uses it and how."""

from typing import TYPE_CHECKING, Any

from settings import secret_values, tables
from settings.backup_rules import PROTECTED_BACKUP_DAYS
from settings.caches import CacheSettings
from settings.databases import AuroraSettings, RdsSettings
from settings.errors import Doubt, Finding, Findings, Key, Mistake, below, named, nearest, several, shown
from settings.runtime import LastingSettings
from settings.section import skipping
from settings.services import ServiceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from settings.rules import Stack

PROTECTED_INSTANCES = 2
PROTECTED = "groundwork:protection.protected: true"


def of_the_stack(stack: "Stack") -> "Iterator[Finding]":
    """What there is to say about each database and each cache."""
    data = vars(stack.settings).get("data")  # not by attribute: it may be missing from a mistaken file
    found = vars(data) if data else {}
    for field, rules in _OF_A_STORE.items():
        for name, store in found.get(field, {}).items():
            for check in rules:
                yield from (below(("data", field, name), one) for one in skipping(check, stack, name, store))


def _database_survives(stack: "Stack", _: str, database: AuroraSettings | RdsSettings) -> Findings:
    if not stack.protected:
        return
    if isinstance(database, AuroraSettings):
        yield from skipping(_aurora_never_pauses, database)
        yield from skipping(_aurora_has_a_second_instance, database)
    elif isinstance(database, RdsSettings) and not database.multi_az:
        yield Mistake(
            key=("multiAz",),
            problem="a protected stack's database needs a standby in another zone",
            given=f"false ({PROTECTED})",
            allowed="true",
            change="set multiAz to true",
        )


def _aurora_never_pauses(database: AuroraSettings) -> Findings:
    if database.min_capacity == 0:
        yield Mistake(
            key=("minCapacity",),
            problem="a protected stack's database must not pause: the first request after a pause waits for it",
            given=f"0 (pauseAfterSeconds: {database.pause_after_seconds or 'null'}, {PROTECTED})",
            allowed="0.5 to 256 ACU, with pauseAfterSeconds null",
            change="set minCapacity to 0.5 or more and pauseAfterSeconds to null",
        )


def _aurora_has_a_second_instance(database: AuroraSettings) -> Findings:
    if database.instances < PROTECTED_INSTANCES:
        yield Mistake(
            key=("instances",),
            problem="a protected stack's database needs an instance in a second zone",
            given=f"{database.instances} ({PROTECTED})",
            allowed=f"{PROTECTED_INSTANCES} to 15",
            change=f"set instances to {PROTECTED_INSTANCES}",
        )


def _database_is_backed_up(stack: "Stack", _: str, database: AuroraSettings | RdsSettings) -> Findings:
    if stack.protected and database.backup_days < PROTECTED_BACKUP_DAYS:
        yield Mistake(
            key=("backupDays",),
            problem="a protected stack keeps backups for a week or longer",
            given=f"{database.backup_days} ({PROTECTED})",
            allowed=f"{PROTECTED_BACKUP_DAYS} to 35",
            change=f"set backupDays to {PROTECTED_BACKUP_DAYS} or more",
        )


def _region_has_the_class(stack: "Stack", _: str, database: AuroraSettings | RdsSettings) -> Findings:
    region, reader_class = stack.region.code, database.reader_class if isinstance(database, RdsSettings) else None
    for key, size in (("instanceClass", database.instance_class), ("readerClass", reader_class)):
        if size is None or not tables.lacks_class(
            region, family := size.split(".")[1], aurora=isinstance(database, AuroraSettings)
        ):
            continue
        yield Doubt(
            key=(key,),
            text=f"{region} had no {family} for {database.engine} on {tables.as_of('rds')}; if it still has none,"
            " the database cannot be made",
        )


def _major_upgrade_is_for_once(_: "Stack", __: str, database: AuroraSettings | RdsSettings) -> Findings:
    if database.allow_major_upgrade:
        yield Doubt(
            key=("allowMajorUpgrade",),
            text="a new major version may be applied, which cannot be taken back; set it to false again afterwards",
        )


def _start_is_within_reach(stack: "Stack", _: str, database: AuroraSettings | RdsSettings) -> Findings:
    """A snapshot given by its ARN is of the stack's region; one of another region is copied first."""
    start = database.start_from
    if start is None or start.snapshot is None or not start.snapshot.startswith("arn:"):
        return
    _, partition, _, region, _, kind, _ = start.snapshot.split(":", 6)
    if (partition, region) != (stack.region.partition, stack.region.code):
        yield Mistake(
            key=("startFrom", "snapshot"),
            problem="lies in another region or partition than the stack",
            given=shown(start.snapshot),
            allowed=f"arn:{stack.region.partition}:rds:{stack.region.code}:...",
            change="copy the snapshot to the stack's region, and name the copy",
        )
    elif kind == "cluster-snapshot" and isinstance(database, RdsSettings):
        yield Mistake(
            key=("startFrom", "snapshot"),
            problem="is of an Aurora cluster, from which no instance of plain RDS can start",
            given=shown(start.snapshot),
            allowed="a snapshot of an instance: arn:...:snapshot:...",
            change="name one, or make the database an Aurora",
        )


def _nothing_keeps_it_awake(stack: "Stack", name: str, database: AuroraSettings | RdsSettings) -> Findings:
    """What AWS says of it: any open connection, also an idle one (AuroraUserGuide, auto-pause, 2026-04)."""
    if not isinstance(database, AuroraSettings) or not database.pauses:
        return
    if database.proxy is not None:
        yield Doubt(
            key=("proxy",),
            text="keeps connections open, so the database never pauses in spite of pauseAfterSeconds",
        )
    awake = [
        service
        for service, settings in stack.settings.services.items()
        if name in settings.needs and isinstance(settings, LastingSettings) and _never_sleeps(settings)
    ]
    if awake:
        yield Doubt(
            key=("pauseAfterSeconds",),
            text=f"{several(awake, 'and')} never {'sleep' if len(awake) > 1 else 'sleeps'} (scale.min): a task that"
            " keeps asking the database, or holds a connection by asking it now and then, keeps it from pausing",
        )


def _never_sleeps(settings: Any) -> bool:
    return settings.scale.min > 0 and all(schedule.min > 0 for schedule in settings.scale.schedules.values())


def _cache_survives(stack: "Stack", _: str, cache: CacheSettings) -> Findings:
    if stack.protected and cache.nodes is not None and cache.nodes < PROTECTED_INSTANCES:
        yield Mistake(
            key=("nodes",),
            problem="a protected stack's cache needs a replica in a second zone",
            given=f"{cache.nodes} ({PROTECTED})",
            allowed=f"{PROTECTED_INSTANCES} to 6",
            change=f"set nodes to {PROTECTED_INSTANCES}",
        )


def _cache_is_kept(stack: "Stack", _: str, cache: CacheSettings) -> Findings:
    if stack.protected and cache.snapshot_days < 1:
        yield Mistake(
            key=("snapshotDays",),
            problem="a protected stack's cache keeps snapshots, or all it holds goes with a wrong command",
            given=f"{cache.snapshot_days} ({PROTECTED})",
            allowed="1 to 35",
            change="set snapshotDays to 1 or more",
        )


def _region_has_the_node(stack: "Stack", _: str, cache: CacheSettings) -> Findings:
    if cache.node_type is not None and tables.lacks_cache_node(stack.region.code, cache.node_type.split(".")[1]):
        yield Doubt(
            key=("nodeType",),
            text=f"{stack.region.code} had no {cache.node_type.split('.')[1]} on {tables.as_of('elasticache')}; if it"
            " still has none, the cache cannot be made",
        )


def _passwords_are_set(stack: "Stack", _: str, cache: CacheSettings) -> Findings:
    if cache.passwords is not None:
        for key, value in (("write", cache.passwords.write), ("read", cache.passwords.read)):
            yield from _password_is_set(stack, ("passwords", key), value, "cache")


def _master_password_is_set(stack: "Stack", _: str, database: AuroraSettings | RdsSettings) -> Findings:
    if isinstance(database, RdsSettings):
        yield from _password_is_set(stack, ("masterPassword",), database.master_password, database.engine)


def _password_is_set(stack: "Stack", key: Key, value: str | None, whose: str) -> Findings:
    """`whose`: of secret_values.PASSWORDS."""
    known = stack.secret_names
    if value is None or known is None:
        return
    if value not in known:
        guess = nearest(value, sorted(known))
        yield Mistake(
            key=key,
            problem=f"no value of this name is set in {secret_values.KEY}",
            given=f"the name {named(value)}",
            allowed=several(sorted(known)) if known else f"nothing: {secret_values.KEY} has no value",
            change=(f"did you mean {guess}? Or set it: " if guess else "") + secret_values.setting(value, stack.name),
        )
    elif whose not in stack.passwords.get(value, {whose}):
        yield Mistake(
            key=key,
            problem=f"the value {secret_values.KEY}.{value} is no password that AWS takes here",
            given=secret_values.HIDDEN,
            allowed=secret_values.PASSWORDS[whose].spoken(),
            change=f"set another one: {secret_values.setting(value, stack.name)}",
        )


def _levels_have_a_user(stack: "Stack", service: ServiceSettings) -> Findings:
    data = stack.settings.data
    for name, level in service.uses.items():
        if level == "connect" and name in data.databases:
            yield from skipping(_database_has_a_user, name, data.databases[name])
        elif level == "read" and name in data.caches:
            yield from skipping(_cache_has_a_reader, name, data.caches[name])


def _database_has_a_user(name: str, database: AuroraSettings | RdsSettings) -> Findings:
    if database.iam_user is None:
        yield Mistake(
            key=("uses", name),
            problem="there is no user to sign in as without a password",
            given=f"connect (groundwork:data.databases.{name}.iamUser: null)",
            allowed="connect with an iamUser; write without one",
            change=f"give groundwork:data.databases.{name} an iamUser, or write {name}: write",
        )


def _cache_has_a_reader(name: str, cache: CacheSettings) -> Findings:
    if cache.passwords is not None and cache.passwords.read is None:
        yield Mistake(
            key=("uses", name),
            problem="there is no user that only reads",
            given=f"read (groundwork:data.caches.{name}.passwords.read: null)",
            allowed="read with a password of its own; write without one",
            change=f"give groundwork:data.caches.{name}.passwords a read, or write {name}: write",
        )


_OF_A_STORE: dict[str, tuple[Any, ...]] = {
    "databases": (
        _database_survives,
        _database_is_backed_up,
        _region_has_the_class,
        _major_upgrade_is_for_once,
        _start_is_within_reach,
        _master_password_is_set,
        _nothing_keeps_it_awake,
    ),
    "caches": (_cache_survives, _cache_is_kept, _region_has_the_node, _passwords_are_set),
}
OF_A_SERVICE = (_levels_have_a_user,)
"""Takes the stack and one service, keys are relative to the service."""
