"""How clients of a database prove who they are, over which line, and who writes it down."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from guardrails import kinds
from guardrails.checks import all_of, any_of, by_kind, is_set, is_true, is_unset
from guardrails.engines import engine_of, forces_tls
from guardrails.graph import Node
from guardrails.reading import Absent, Known, Unknown
from guardrails.verdicts import BASELINE, HOLDS, Control, Finding, Outcome, Scope, Severity, View, breaks, waits

_DATABASES = (kinds.DB_INSTANCE, kinds.DB_CLUSTER)
_NOBODY_SAYS = "nothing says who keeps its password: neither manageMasterUserPassword nor a write-only password"
_WITH_IAM = frozenset({"mysql", "mariadb", "postgres", "aurora-mysql", "aurora-postgresql"})
_LOGS = {
    "postgres": ("postgresql",),
    "aurora-postgresql": ("postgresql",),
    "mysql": ("error",),
    "mariadb": ("error",),
    "aurora-mysql": ("audit",),
    "sqlserver": ("error",),
    "oracle": ("audit",),
    "db2": ("diag.log",),
}
"""Beginning of an engine's name -> the logs without which nobody sees what happened. General query logs are not asked:
they hold what users typed."""


def _iam_auth(node: Node, view: View) -> Iterable[Finding]:
    found = is_true("iamDatabaseAuthenticationEnabled", says="IAM cannot let users in").answer(node, view)
    yield _where(node, view, found, lambda engine: engine in _WITH_IAM)


def _log_exports(node: Node, view: View) -> Iterable[Finding]:
    engine = engine_of(node, view)
    wanted = _wanted(engine.value) if isinstance(engine, Known) else ()
    exports = node.props.items("enabledCloudwatchLogsExports")
    texts = list(exports.value.texts()) if isinstance(exports, Known) else []
    given = {text.value.lower() for text in texts if isinstance(text, Known)}
    unknown = next((value for value in (exports, *texts) if isinstance(value, Unknown)), None)
    missing = [name for name in wanted if name not in given]
    if isinstance(engine, Known) and not missing:
        found = HOLDS
    elif unknown is not None:
        found = waits(f"enabledCloudwatchLogsExports, {view.graph.describe(unknown)}", node.label)
    else:
        found = breaks(f"it does not export its logs: {', '.join(missing)}", node.label)
    yield _where(node, view, found, lambda name: bool(_wanted(name)))


def _wanted(engine: str) -> tuple[str, ...]:
    return next((logs for begins, logs in _LOGS.items() if engine.startswith(begins)), ())


def _where(node: Node, view: View, found: Finding, asked: Callable[[str], bool]) -> Finding:
    """`found`, for engines of which it is asked; the first serverless edition of Aurora has neither."""
    mode = node.props.text("engineMode") if node.kind == kinds.DB_CLUSTER else Absent()
    engine = engine_of(node, view)
    if found.outcome is Outcome.PASS or mode == Known("serverless"):
        return HOLDS
    if isinstance(engine, Known) and not asked(engine.value):
        return HOLDS
    if not isinstance(engine, Known):
        return waits("its engine, which is that of what it is made from", node.label)
    if isinstance(mode, Unknown):
        return waits(f"engineMode, {view.graph.describe(mode)}", node.label)
    return found


def _force_ssl(node: Node, view: View) -> Iterable[Finding]:
    answer = forces_tls(node, view)
    if isinstance(answer, str):
        yield waits(answer, node.label)
    else:
        yield HOLDS if answer else breaks("clients without TLS are let in", node.label)


CONTROLS = (
    Control(
        id="rds-managed-master-password",
        title="The master password is kept by AWS or never written to the state",
        severity=Severity.HIGH,
        subjects=_DATABASES,
        own_packs=(BASELINE,),
        why="A password input stands in the program or its state, and nobody ever changes it.",
        fix="drop the password and set manage_master_user_password=True",
        judge=by_kind(
            {
                kinds.DB_INSTANCE: all_of(
                    is_unset("password", says="its password is an input"),
                    any_of(
                        is_true("manageMasterUserPassword"), is_set("passwordWo"), is_set("passwordWoVersion"),
                        is_set("replicateSourceDb"), is_set("snapshotIdentifier"), is_set("restoreToPointInTime"),
                        says=_NOBODY_SAYS,
                    ),
                ),
                kinds.DB_CLUSTER: all_of(
                    is_unset("masterPassword", says="its password is an input"),
                    any_of(
                        is_true("manageMasterUserPassword"), is_set("masterPasswordWo"),
                        is_set("masterPasswordWoVersion"), is_set("replicationSourceIdentifier"),
                        is_set("snapshotIdentifier"), is_set("restoreToPointInTime"), is_set("globalClusterIdentifier"),
                        says=_NOBODY_SAYS,
                    ),
                ),
            }
        ),
    ),
    Control(
        id="rds-iam-auth",
        title="Databases take logins by IAM where their engine can",
        severity=Severity.MEDIUM,
        subjects=_DATABASES,
        references=("RDS.10", "RDS.12", "CKV_AWS_161", "CKV_AWS_162", "AwsSolutions-RDS6"),
        why="Passwords that programs keep are copied and stay valid; tokens of IAM last 15 minutes.",
        fix="set iam_database_authentication_enabled=True",
        judge=_iam_auth,
    ),
    Control(
        id="rds-log-exports",
        title="Databases export the logs that their engine has",
        severity=Severity.MEDIUM,
        subjects=_DATABASES,
        references=("RDS.9", "RDS.34", "RDS.36", "RDS.37", "CKV_AWS_129", "CKV_AWS_324", "AwsSolutions-RDS16"),
        why="The database keeps its logs for days only, and deletes them with itself.",
        fix='set enabled_cloudwatch_logs_exports, e.g. ["postgresql"], for Aurora MySQL ["audit"]',
        judge=_log_exports,
    ),
    Control(
        id="rds-force-ssl",
        title="Databases refuse connections without TLS",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=_DATABASES,
        references=("RDS.38", "RDS.39", "CKV2_AWS_69"),
        why="Passwords and rows can otherwise be read on the way.",
        fix='use a parameter group with rds.force_ssl="1" (MySQL, MariaDB: require_secure_transport="1")',
        judge=_force_ssl,
    ),
    Control(
        id="rds-proxy-tls",
        title="Database proxies refuse connections without TLS",
        severity=Severity.MEDIUM,
        subjects=(kinds.DB_PROXY,),
        references=("RDS.43",),
        why="Passwords and rows can otherwise be read on the way to the proxy.",
        fix="set require_tls=True",
        judge=is_true("requireTls"),
    ),
)  # fmt: skip
