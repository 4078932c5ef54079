"""What differs between the engines of databases: port, TLS, logs, parameters. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from settings import reserved
from settings.database_versions import major_of

USERNAME = "platform"
CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"
# Past the end of standard support AWS would charge for extended support, unasked, if this were not said.
NO_EXTENDED_SUPPORT = "open-source-rds-extended-support-disabled"
# UTC. They must not overlap; backups come first, so that maintenance always starts from a fresh one.
BACKUP_WINDOW = "02:00-03:00"
MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"
# Mode of Database Insights -> days that it keeps: what comes without charge, and what the advanced mode asks for (RDS
# user guide, USER_DatabaseInsights, 2026-09).
INSIGHTS_DAYS: Mapping[str, int] = {"standard": 7, "advanced": 465}

Apply = Literal["immediate", "pending-reboot"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of an engine. A static one can only wait for a reboot; that is valid for a dynamic one too, and
    makes no difference when a database is made."""

    name: str
    value: str
    apply: Apply = "pending-reboot"


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One engine of RDS or Aurora. `sort` is what it is compatible with."""

    sort: Literal["PostgreSQL", "MySQL", "MariaDB"]
    port: int
    tls: Parameter
    tls_mode: str
    """How a client is told to check the certificate and the name of the server, in the engine's own words."""
    logs: Sequence[str]
    """What goes to CloudWatch when nothing is said."""
    family: str
    """Of RDS Proxy, which counts MariaDB among MySQL."""


_POSTGRES = Engine(
    sort="PostgreSQL",
    port=5432,
    tls=Parameter(name="rds.force_ssl", value="1"),
    tls_mode="verify-full",
    logs=["postgresql"],
    family="POSTGRESQL",
)
_MYSQL = Engine(
    sort="MySQL",
    port=3306,
    # Dynamic (UserGuide, mysql-ssl-connections, 2026-09).
    tls=Parameter(name="require_secure_transport", value="ON", apply="immediate"),
    tls_mode="VERIFY_IDENTITY",
    logs=["error", "slowquery"],
    family="MYSQL",
)
_MARIADB = Engine(
    sort="MariaDB",
    port=3306,
    tls=Parameter(name="require_secure_transport", value="1", apply="immediate"),
    tls_mode="VERIFY_IDENTITY",
    logs=["error", "slowquery"],
    family="MYSQL",
)
ENGINES: Mapping[str, Engine] = {
    "aurora-postgresql": _POSTGRES,
    "aurora-mysql": _MYSQL,
    "postgres": _POSTGRES,
    "mysql": _MYSQL,
    "mariadb": _MARIADB,
}


def parameter_family(engine: str, version: str) -> str:
    """Family of the parameter groups: the engine and its major version."""
    return f"{engine}{major_of(engine, version)}"


def parameters(engine: str, logs: Sequence[str], pause_after_seconds: int | None = None) -> list[Parameter]:
    """What the parameter group of a database says: TLS only, logs that are off by themselves, the end of idle sessions
    where these would keep it from pausing."""
    known = ENGINES[engine]
    return [known.tls, *_logging(engine, logs), *_idling(known, pause_after_seconds)]


def _logging(engine: str, logs: Sequence[str]) -> list[Parameter]:
    """MySQL and MariaDB write neither of these unless told to, and into tables unless told otherwise."""
    if ENGINES[engine].sort == "PostgreSQL":
        return []
    found = []
    if "slowquery" in logs:
        found.append(Parameter(name="slow_query_log", value="1", apply="immediate"))
    if "general" in logs:
        found.append(Parameter(name="general_log", value="1", apply="immediate"))
    if found:
        found.append(Parameter(name="log_output", value="FILE", apply="immediate"))
    if "audit" in logs:
        found += [
            Parameter(name="server_audit_logging", value="1", apply="immediate"),
            Parameter(name="server_audit_events", value="CONNECT,QUERY_DCL,QUERY_DDL", apply="immediate"),
        ]
    return found


def _idling(engine: Engine, seconds: int | None) -> list[Parameter]:
    # Dynamic, and nobody reboots a database for it: pending, a new value would never hold.
    if seconds is None:
        return []
    if engine.sort == "PostgreSQL":
        return [Parameter(name="idle_session_timeout", value=str(seconds * 1000), apply="immediate")]
    names = ("interactive_timeout", "wait_timeout")
    return [Parameter(name=name, value=str(seconds), apply="immediate") for name in names]


def database_name(store: str, engine: str) -> str:
    """Name of the first database inside a store, one that needs no quotes: ``user-data`` -> ``user_data``.

    A word that RDS refuses as a name of this engine gets ``_db`` behind it: ``user`` -> ``user_db``.
    """
    name = store.replace("-", "_")
    return f"{name}_db" if name in reserved.words(engine) else name
