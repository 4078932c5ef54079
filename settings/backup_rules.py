"""Rules between backups and dumps, and the stores, the services and the place of the stack."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from settings import dumps, tables, windows
from settings.backups import BackupSettings, times
from settings.dumps import DumpSettings
from settings.errors import Doubt, Findings, Mistake, nearest, several, shown, unmistakable

if TYPE_CHECKING:
    from settings.rules import Stack

PROTECTED_BACKUP_DAYS = 7
# A restore testing plan takes 30 selections of 30 ARNs each: one selection for each database, one for each other kind
# (quotas of AWS Backup, read 2026-11).
_MOST_DATABASES = 27
_MOST_OF_A_KIND = 30
_MOST_STORES = 80  # of 100 characters each at most
# Of a database whose settings name no windows; components/data/engines.py gives them to RDS.
BACKUP_WINDOW = "02:00-03:00"
MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"
# RDS refuses to start a backup in the hour before either, and during it; Aurora takes any time (AWS Backup guide,
# plan-options-and-configuration, read 2026-03).
_BEFORE_MINUTES = 60
_YEAR = 370  # fires of a daily schedule: in summer and in winter, on every day of the week


def _backups(stack: "Stack") -> BackupSettings | None:
    return stack.settings.data.backups


def _dump(stack: "Stack") -> DumpSettings | None:
    return stack.settings.data.dump


def _kept(stack: "Stack") -> dict[str, list[str]]:
    """The names of what AWS Backup would keep, by the key of the stack file."""
    data = stack.settings.data
    maps: dict[str, Mapping[str, Any]] = {
        key: getattr(data, key) for key in ("databases", "buckets", "tables", "files") if hasattr(data, key)
    }
    return {key: list(stores) for key, stores in maps.items() if stores}


def a_protected_stack_keeps_and_tests_its_backups(stack: "Stack") -> Findings:
    """For a week or longer, and by restoring them. That there are backups at all is for the policies to say."""
    backups = _backups(stack)
    if not stack.protected or backups is None:
        return
    # A vault of a protected stack is locked: backups that are to end sooner would not even be taken.
    given = {
        ("keepDays",): backups.keep_days,
        ("copy", "keepDays"): backups.copy_to.keep_days if backups.copy_to else None,
        ("bucketsContinuousDays",): backups.buckets_continuous_days,
    }
    for key, days in given.items():
        if days is not None and days < PROTECTED_BACKUP_DAYS and timedelta(days=days) > backups.longest_gap:
            yield Mistake(
                key=("data", "backups", *key),
                problem="a protected stack keeps backups for a week or longer",
                given=f"{days} (groundwork:protection.protected: true)",
                allowed=f"{PROTECTED_BACKUP_DAYS} or more",
                change=f"set {'.'.join(key)} to {PROTECTED_BACKUP_DAYS} or more",
            )
    if backups.restore_test is None and _tests_are_offered(stack):
        yield Mistake(
            key=("data", "backups", "restoreTest"),
            problem="a protected stack tests its restores: a backup that was never restored is a hope",
            given="null (groundwork:protection.protected: true)",
            allowed="a cron expression",
            change="test every week: cron(0 9 ? * SUN *)",
        )


def _tests_are_offered(stack: "Stack") -> bool:
    # Not in China and GovCloud (AWS Backup guide, backup-feature-availability, read 2026-09).
    return stack.region.partition == "aws"


def restores_can_be_tested(stack: "Stack") -> Findings:
    """Where AWS offers it, and for as many stores as one plan takes."""
    backups = _backups(stack)
    if backups is None or backups.restore_test is None:
        return
    if not _tests_are_offered(stack):
        yield Mistake(
            key=("data", "backups", "restoreTest"),
            problem=f"AWS Backup tests no restores in {stack.region.name}",
            given=f"{shown(backups.restore_test)} (aws:region: {stack.region_code})",
            allowed=f"null in {stack.region_code}",
            change="set restoreTest to null, and try a restore by hand: docs/runbooks/restore.md",
        )
    for key, names in _kept(stack).items():
        most = _MOST_DATABASES if key == "databases" else _MOST_OF_A_KIND
        if len(names) > most:
            yield Mistake(
                key=("data", key),
                problem="are more than one restore testing plan takes",
                given=f"{len(names)} with groundwork:data.backups.restoreTest",
                allowed=f"{most} {key}",
                change="move some into another stack",
            )


def one_event_names_them_all(stack: "Stack") -> Findings:
    """What looks at backups every hour is told of all stores in one event, which takes 8,192 characters."""
    kept = [name for names in _kept(stack).values() for name in names]
    if _backups(stack) is not None and len(kept) > _MOST_STORES:
        yield Mistake(
            key=("data", "backups"),
            problem="are of more stores than one stack can look after",
            given=f"{len(kept)} databases, buckets, tables and file systems",
            allowed=f"{_MOST_STORES} in all",
            change="move some into another stack",
        )


def copies_go_elsewhere(stack: "Stack") -> Findings:
    """The region of copies exists, is another one, and can be reached from here."""
    backups = _backups(stack)
    if backups is None or backups.copy_to is None:
        return
    region = backups.copy_to.region
    known = tables.regions()
    near = [code for code, other in known.items() if other.partition == stack.region.partition]
    if region not in known:
        guess = unmistakable(region, near)
        problem, change = "is no region", f"did you mean {guess}?" if guess else "name one, for example us-west-2"
    elif region == stack.region_code:
        problem, change = "is the stack's own region: what takes one away takes both", "name another region"
    elif region not in near:
        problem, change = "is in another partition of AWS, where no backup can be copied to", "name another region"
    else:
        return
    yield Mistake(
        key=("data", "backups", "copy", "region"),
        problem=problem,
        given=f"{shown(region)} (aws:region: {stack.region_code})",
        allowed=f"another region of the partition {stack.region.partition}",
        change=change,
    )


def backups_keep_clear_of_rds(stack: "Stack") -> Findings:
    """RDS refuses backups in the hour before its own windows and during them."""
    backups = _backups(stack)
    if backups is None:
        return
    for name, database in stack.settings.data.databases.items():
        if database.engine.startswith("aurora"):
            continue
        given = database.windows
        taken = [
            ("the window of its own backups", given.backup if given else BACKUP_WINDOW),
            ("the maintenance window", given.maintenance if given else MAINTENANCE_WINDOW),
        ]
        fires = list(in_utc(backups.schedule, backups.timezone))
        hit = next(
            ((what, window) for what, window in taken for one in fires if windows.holds(window, one, _BEFORE_MINUTES)),
            None,
        )
        if hit is not None:
            what, window = hit
            yield Mistake(
                key=("data", "backups", "schedule"),
                problem=f"falls into {what} of {name}: RDS starts no backup then, nor in the hour before",
                given=f"{shown(backups.schedule)} (timezone: {backups.timezone}; {name}: {window} UTC)",
                allowed=f"times outside {window} UTC, the hour before it included",
                change="move it, for example to cron(0 5 * * ? *) in UTC, or move the window",
            )
            return


def in_utc(when: str, zone: str) -> Iterator[datetime]:
    """The times of a year, in UTC. None where the machine does not know the time zone."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return
    for moment in times(when, _YEAR):
        yield moment.replace(tzinfo=place).astimezone(UTC)


def dumps_are_of_databases(stack: "Stack") -> Findings:
    """Every dumped database exists, and the names that dumps take are free."""
    dump = _dump(stack)
    if dump is None:
        return
    databases = [*stack.settings.data.databases]
    for position, name in enumerate(dump.databases):
        if name not in databases:
            guess = nearest(name, databases)
            yield Mistake(
                key=("data", "dump", "databases", position),
                problem="there is no such database in groundwork:data.databases",
                given=shown(name),
                allowed=several(databases) if databases else "nothing: groundwork:data has no database",
                change=f"did you mean {guess}?" if guess else "name a database, or take it out",
            )
        if (job := dumps.JOB.format(name)) in stack.settings.services:
            yield Mistake(
                key=("services", job),
                problem=f"is what the dump of {name} is called",
                given=f'"{job}"',
                allowed="another name",
                change="rename the service",
            )
    if dumps.STORE in stack.settings.data.stores:
        yield Mistake(
            key=("data", "dump"),
            problem=f"needs the name {dumps.STORE} for its own bucket, and a store has it",
            given=f'a store named "{dumps.STORE}"',
            allowed="stores of other names",
            change="rename the store, or take dump out",
        )


def dumps_leave_no_database_out_unsaid(stack: "Stack") -> Findings:
    """Only what is named is dumped: a database that comes later is not."""
    dump = _dump(stack)
    left = [name for name in stack.settings.data.databases if name not in dump.databases] if dump is not None else []
    if left:
        yield Doubt(
            key=("data", "dump", "databases"),
            text=f"there is no dump of {several(left, 'and')}: add what has to outlive this account",
        )


def dumps_keep_clear_of_backups(stack: "Stack") -> Findings:
    """A dump and a backup at one time read the database twice, and a dump by the hour is no dump."""
    dump, backups = _dump(stack), _backups(stack)
    if dump is None or backups is None or not dump.schedule.when.startswith("cron("):
        return
    start = timedelta(minutes=backups.starts_within_minutes)
    nights = list(in_utc(backups.schedule, backups.timezone))[:14]
    runs = list(in_utc(dump.schedule.when, dump.schedule.timezone or "UTC"))[:14]
    hit = next((run for run in runs for night in nights if night <= run < night + start), None)
    if hit is not None:
        yield Doubt(
            key=("data", "dump", "schedule", "when"),
            text=f"{shown(dump.schedule.when)} starts while backups do (groundwork:data.backups.schedule:"
            f" {shown(backups.schedule)}): both read the database at once; a few hours apart is kinder",
        )


def dumps_have_a_timer_within_reach(stack: "Stack") -> Findings:
    """What stops a dump in time is a container beside it, with an image of its own, as in any job."""
    dump = _dump(stack)
    if dump is not None and dump.stop_after_seconds is not None and stack.settings.network.nat == "none":
        yield Mistake(
            key=("data", "dump", "stopAfterSeconds"),
            problem="the timer that stops a dump comes from the public ECR, which is out of reach without NAT",
            given=f"{dump.stop_after_seconds} (groundwork:network.nat: none)",
            allowed="null, as long as groundwork:network.nat is none",
            change="set it to null, or set groundwork:network.nat",
        )


OF_THE_STACK = (
    a_protected_stack_keeps_and_tests_its_backups,
    restores_can_be_tested,
    one_event_names_them_all,
    copies_go_elsewhere,
    backups_keep_clear_of_rds,
    dumps_are_of_databases,
    dumps_leave_no_database_out_unsaid,
    dumps_keep_clear_of_backups,
    dumps_have_a_timer_within_reach,
)
