"""What goes together with readers of plain RDS, and with a master password that AWS does not keep.

AWS makes no read replica, and no blue/green copy, of a database whose master password it keeps in Secrets Manager
itself (UserGuide, rds-secrets-manager, "Limitations", read 2026-11: all engines but SQL Server).
"""

from typing import TYPE_CHECKING

from settings import tables
from settings.database_versions import judge_class, judge_insights
from settings.errors import Doubt, shown
from settings.section import Findings, Mistake

if TYPE_CHECKING:
    from settings.databases import RdsSettings

MOST = 15  # of one instance; MySQL, MariaDB and PostgreSQL alike (UserGuide, USER_ReadRepl, read 2026-11)


def size(database: "RdsSettings") -> Findings:
    """The class of the readers, which the engine is offered on."""
    if database.reader_class is None:
        return
    yield from judge_class(database.engine, database.reader_class, "readerClass")
    yield from judge_insights(database.engine, database.reader_class, database.insights, "readerClass")
    if not database.readers:
        yield Mistake(
            key=("readerClass",),
            problem="is of readers, and there are none",
            given=f"{database.reader_class} (readers: 0)",
            allowed="null without readers",
            change="take it out, or set readers to 1 or more",
        )
    elif database.engine == "postgres" and 0 < _memory(database.reader_class) < _memory(database.instance_class):
        yield Doubt(
            key=("readerClass",),
            text=f"has less memory than {database.instance_class}, so fewer connections: a reader of PostgreSQL"
            " that may have fewer than the instance does not start reading (max_connections, hot standby)",
        )


def _memory(name: str) -> int:
    """In GiB; 0 for a class that the table does not have."""
    known = tables.instance_classes().get(name)
    return known.memory_gib if known is not None else 0


def replicable(database: "RdsSettings") -> Findings:
    """Whether AWS makes copies of the database at all, to read from or to change."""
    if database.master_password is not None:
        return
    for key, given, plain in (
        ("readers", database.readers, "0"),
        ("blueGreenUpdate", database.blue_green_update, "false"),
    ):
        if given:
            yield Mistake(
                key=(key,),
                problem="takes a copy of the database, and AWS makes none of one whose password it keeps itself",
                given=f"{shown(given)} (masterPassword: null)",
                allowed=f"{plain} without a masterPassword",
                change="give it a masterPassword: the name of a value of groundwork:secrets, which the stack keeps",
            )


def password(database: "RdsSettings") -> Findings:
    """Whether only one changes it."""
    if database.master_password is not None and database.rotate_after_days is not None:
        yield Mistake(
            key=("rotateAfterDays",),
            problem="is of a password that AWS keeps, and this one comes from groundwork:secrets",
            given=f"{database.rotate_after_days} (masterPassword: given)",
            allowed="null with a masterPassword",
            change="take it out and set a new value from time to time, or take masterPassword out",
        )


def beside(database: "RdsSettings") -> Findings:
    """What readers do not go with."""
    if not database.readers:
        return
    if database.proxy is not None:
        # UserGuide, rds-proxy, "Limitations" (read 2026-11): a proxy goes with the writer, never with a read replica.
        yield Mistake(
            key=("proxy",),
            problem="leads to the writer alone, and services would have to get past it to the readers",
            given=f"given (readers: {database.readers})",
            allowed="null with readers",
            change="take proxy or readers out, or make the database an Aurora, whose proxy leads to readers too",
        )
    if database.blue_green_update:
        # "Low-downtime updates": not with instances that have replicas (documentation of the provider, 2026-11).
        yield Mistake(
            key=("blueGreenUpdate",),
            problem="is not possible for a database with readers",
            given=f"true (readers: {database.readers})",
            allowed="false with readers",
            change="set it to false, or readers to 0",
        )
    if database.allow_major_upgrade and database.engine != "postgres":
        # UserGuide, USER_UpgradeDBInstance.MySQL and .MariaDB (read 2026-11): replicas first. An update here has to
        # change what they are made from first. PostgreSQL takes its readers of the same region along.
        yield Mistake(
            key=("allowMajorUpgrade",),
            problem=f"readers of {database.engine} have to be upgraded before their source, which nobody here does",
            given=f"true (readers: {database.readers})",
            allowed=f"false with readers of {database.engine}",
            change="set readers to 0 for the update with the new version, then make them anew",
        )
