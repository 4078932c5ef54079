"""Databases that outlive a fault, a mistake and a quarrel: copies, backups, protection."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.checks import all_of, at_least, by_kind, is_false, is_true, is_unset, leaf, on_protected_stacks, when
from guardrails.engines import engine_of
from guardrails.graph import Node
from guardrails.joins import DB_CLUSTER
from guardrails.parameters import BACKUP_DAYS
from guardrails.reading import Known, Unknown
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Finding,
    Remedy,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)

_OWN_INSTANCE = is_unset("replicateSourceDb")
_OWN_CLUSTER = is_unset("replicationSourceIdentifier")
"""A replica is no second copy to be kept: its source is."""
_TWO_PLACES = when(_OWN_INSTANCE, is_true("multiAz", says="it runs in one zone"))


def _multi_az(node: Node, view: View) -> Iterable[Finding]:
    if not view.config.protected:
        yield HOLDS
    elif node.kind == kinds.DB_INSTANCE:
        yield _TWO_PLACES.answer(node, view)
    else:
        yield _instances(node, view)


def _instances(cluster: Node, view: View) -> Finding:
    """Aurora is as available as its instances are many; a cluster of MySQL or PostgreSQL always has three."""
    mode, engine = cluster.props.text("engineMode"), engine_of(cluster, view)
    if mode == Known("serverless") or (isinstance(engine, Known) and not engine.value.startswith("aurora")):
        return HOLDS
    companions = view.graph.companions(kinds.DB_CLUSTER_INSTANCE, "clusterIdentifier", DB_CLUSTER)
    mine, loose = companions.of(cluster), companions.maybe(cluster)
    zones = [instance.props.text("availabilityZone") for instance in mine]
    together = all(isinstance(zone, Known) for zone in zones) and len(set(zones)) == 1
    if len(mine) > 1 and not together:
        doubt = next((zone for zone in zones if isinstance(zone, Unknown)), None)
        apart = len({zone for zone in zones if isinstance(zone, Known)}) > 1 or doubt is None
        return HOLDS if apart else waits("the zones of its instances", cluster.label)
    for unknown in (mode, engine):
        if isinstance(unknown, Unknown):
            return waits(f"what sort of cluster it is, {view.graph.describe(unknown)}", cluster.label)
    if loose:
        return waits(f"whether {loose[0].label} is for this cluster", cluster.label)
    labels = [instance.label for instance in mine]
    return breaks(
        "all its instances are in one zone" if len(mine) > 1 else "it has fewer than two instances",
        cluster.label,
        *labels,
    )


_SNAPSHOT = is_false("skipFinalSnapshot", says="it is deleted without a last snapshot")
_KEPT = is_false("deleteAutomatedBackups", absent=True, says="its backups are deleted with it")

CONTROLS = (
    Control(
        id="rds-snapshot-not-shared",
        title="No snapshot is shared with everyone",
        severity=Severity.CRITICAL,
        subjects=(
            kinds.DB_SNAPSHOT, kinds.DB_CLUSTER_SNAPSHOT, kinds.DB_SNAPSHOT_COPY, kinds.DB_CLUSTER_SNAPSHOT_COPY,
        ),
        references=("RDS.1", "CKV_AWS_302"),
        own_packs=(BASELINE,),
        why="Everybody with an AWS account can restore the database and read it.",
        fix='name accounts in shared_accounts, never "all"',
        judge=leaf(
            "sharedAccounts[]", "text", lambda account, _: account.lower() != "all", absent="",
            says="it is shared with everyone",
        ),
    ),
    Control(
        id="rds-deletion-protection",
        title="Databases of protected stacks refuse to be deleted",
        severity=Severity.HIGH,
        subjects=(kinds.DB_INSTANCE, kinds.DB_CLUSTER),
        references=("RDS.7", "RDS.8", "CKV_AWS_139", "CKV_AWS_293", "AwsSolutions-RDS10"),
        own_packs=(BASELINE, RESILIENCE),
        why="One wrong rename in a program replaces a database, which deletes it.",
        fix="set deletion_protection=True",
        judge=on_protected_stacks(is_true("deletionProtection", says="it can be deleted at once")),
        remedy=Remedy("deletionProtection"),
    ),
    Control(
        id="rds-backup-retention",
        title="Automated backups are kept for as many days as configured",
        severity=Severity.HIGH,
        subjects=(kinds.DB_INSTANCE, kinds.DB_CLUSTER),
        references=("RDS.11", "CKV_AWS_133", "AwsSolutions-RDS13"),
        own_packs=(BASELINE, RESILIENCE),
        parameters=(BACKUP_DAYS,),
        why="A mistake that is found after the last backup is gone cannot be undone; without a number there is none.",
        fix="set backup_retention_period to minimumBackupDays or more",
        judge=by_kind(
            {
                kinds.DB_INSTANCE: when(_OWN_INSTANCE, at_least("backupRetentionPeriod", BACKUP_DAYS)),
                kinds.DB_CLUSTER: when(_OWN_CLUSTER, at_least("backupRetentionPeriod", BACKUP_DAYS, absent=1)),
            }
        ),
    ),
    Control(
        id="rds-final-snapshot",
        title="Databases of protected stacks leave a last snapshot and their backups behind",
        severity=Severity.HIGH,
        subjects=(kinds.DB_INSTANCE, kinds.DB_CLUSTER),
        own_packs=(BASELINE, RESILIENCE),
        why="A database that is deleted by mistake is otherwise gone with all its backups.",
        fix="set skip_final_snapshot=False with a final_snapshot_identifier, and delete_automated_backups=False",
        judge=on_protected_stacks(
            by_kind({kinds.DB_INSTANCE: when(_OWN_INSTANCE, all_of(_SNAPSHOT, _KEPT)), kinds.DB_CLUSTER: _SNAPSHOT})
        ),
    ),
    Control(
        id="rds-multi-az",
        title="Databases of protected stacks run in two zones",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.DB_INSTANCE, kinds.DB_CLUSTER),
        references=("RDS.5", "RDS.15", "CIS 2.2.4", "CKV_AWS_157", "AwsSolutions-RDS3"),
        own_packs=(RESILIENCE,),
        why="When the only zone fails, the database is away until somebody restores it.",
        fix="set multi_az=True; for Aurora add a second rds.ClusterInstance",
        judge=_multi_az,
    ),
    Control(
        id="rds-minor-upgrade-and-tags",
        title="Databases take minor versions by themselves, and snapshots keep their tags",
        severity=Severity.LOW,
        subjects=(kinds.DB_INSTANCE, kinds.DB_CLUSTER, kinds.DB_CLUSTER_INSTANCE),
        references=("RDS.13", "RDS.16", "RDS.17", "CIS 2.2.2", "CKV_AWS_226", "CKV_AWS_313", "CKV2_AWS_60"),
        why="Patches wait for somebody to remember them, and snapshots without tags belong to nobody.",
        fix="set copy_tags_to_snapshot=True, and drop auto_minor_version_upgrade=False",
        judge=by_kind(
            {
                kinds.DB_INSTANCE: all_of(
                    is_true("autoMinorVersionUpgrade", absent=True), is_true("copyTagsToSnapshot"),
                ),
                kinds.DB_CLUSTER: is_true("copyTagsToSnapshot"),
                kinds.DB_CLUSTER_INSTANCE: is_true("autoMinorVersionUpgrade", absent=True),
            }
        ),
    ),
)  # fmt: skip
