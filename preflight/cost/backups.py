"""Raters of backups: what AWS Backup keeps of the stores that a plan selects."""

from collections.abc import Iterator
from decimal import Decimal

from preflight.cost.meters import Unpriced
from preflight.cost.raters import Context, Line, monthly, rates
from preflight.cost.view import Entry, inputs, maps, number

_PLAN = "aws:backup/plan:Plan"
# Type of a store -> meter of its backups, figure of usage with its size. Of databases and files only what has changed
# is added after the first backup; of a table every backup is a whole copy (pricing of AWS Backup, read 2026-11).
_STORES = {
    "aws:rds/cluster:Cluster": ("backup.aurora.warm", "database_gigabytes"),
    "aws:rds/instance:Instance": ("backup.rds.warm", "database_gigabytes"),
    "aws:efs/fileSystem:FileSystem": ("backup.efs.warm", "file_gigabytes"),
    "aws:dynamodb/table:Table": ("backup.dynamodb.warm", "table_gigabytes"),
}
_WHOLE = "backup.dynamodb.warm"


@rates("aws:backup/selection:Selection")
def selection(entry: Entry, context: Context) -> Iterator[Line]:
    """One whole copy of each store, and of a table one for each day that backups are kept; all of it warm."""
    rule = next((rule for plan in context.view.behind(entry, "planId", _PLAN) for rule in _rules(plan)), {})
    for token, (meter, figure) in _STORES.items():
        stores = context.view.behind(entry, "resources", token)
        if not stores:
            continue
        size = Decimal(getattr(context.usage, figure)) * len(stores)
        kept = _days(rule) if meter == _WHOLE else Decimal(1)
        what = "backups, each a whole copy, one a day" if meter == _WHOLE else "the first backup of each"
        yield monthly(meter, size * kept, what)
    if context.view.behind(entry, "resources", "aws:s3/bucket:Bucket"):
        raise Unpriced(
            "no list price of backups of buckets is known, nor how much of the others changes from day to day"
        )
    raise Unpriced("how much of the stores changes from one backup to the next is not asked for")


def _rules(plan: Entry) -> Iterator[dict[str, object]]:
    for rule in maps(inputs(plan).get("rules")):
        yield dict(rule)


def _days(rule: dict[str, object]) -> Decimal:
    lifecycle = next(maps(rule.get("lifecycle")), {})
    return number(lifecycle, "deleteAfter")


@rates("aws:backup/restoreTestingSelection:RestoreTestingSelection")
def restore_tests(_entry: Entry, _context: Context) -> list[Line]:
    """What is restored is charged as a store of its kind for as long as it is there, and each test."""
    raise Unpriced("no list price of restore tests is known")
