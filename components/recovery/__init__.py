"""Recovery: backups of every store that AWS Backup can keep, and the proof that they can be restored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.compute import clock
from components.contracts import Recoverable, ResourceType, Signal, Site, Statement
from components.recovery import watch
from components.recovery.canary import canary
from components.recovery.check import EVENTS, Check, CheckArgs
from components.recovery.restores import Restores, RestoresArgs
from components.recovery.roles import BackupRole
from components.recovery.vault import Vault, VaultArgs
from components.security.queue import LONGEST_RETENTION_SECONDS, PrivateQueueArgs, QueuePolicy, private_queue
from settings.backups import BackupSettings
from settings.location import Location

__all__ = ["Backups", "BackupsArgs"]

# Of the kinds that there are these alone have cold storage; for tables the account has to have switched on the advanced
# features of DynamoDB backups (AWS Backup guide, backup-feature-availability, read 2026-11).
COLD: frozenset[ResourceType] = frozenset({"DynamoDB", "EFS"})
CONTINUOUS: frozenset[ResourceType] = frozenset({"S3"})
"""Kinds that can be backed up continuously and have no such backups of their own: RDS has, and AWS Backup would take
over its retention and its window, which then differ in every preview (terraform-provider-aws issue 33465)."""


@dataclass(frozen=True, kw_only=True)
class BackupsArgs:
    """Which stores are kept, how, and where their copies come up when a restore is tested."""

    settings: BackupSettings
    recoverables: Sequence[Recoverable]
    site: Site
    log_key_arn: pulumi.Input[str]
    log_retention_days: int
    location: Location
    protected: bool


class Backups(pulumi.ComponentResource):
    """Every recoverable store of the stack in one vault, chosen by ARN, so that none is left out by a missing tag."""

    signals: Sequence[Signal]

    def __init__(self, name: str, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:recovery:Backups", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, location = args.settings, args.location
        vault = Vault(name, VaultArgs(location=location, purpose="backups", protected=args.protected), child)
        kinds = {store.kind for store in args.recoverables}
        role = BackupRole(f"{name}-role", "backup", kinds, location, child)
        _plans(name, args, vault, _elsewhere(name, args, child), role, child)
        kept = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(retain_on_delete=args.protected))
        for store in args.recoverables:
            if store.kind == "S3":
                canary(name, store, kept)
        restores = _restores(f"{name}-restores", args, vault, child)
        failures = private_queue(
            f"{name}-failures",
            PrivateQueueArgs(key_arn=args.log_key_arn, retention_seconds=LONGEST_RETENTION_SECONDS),
            child,
        )
        _told(name, vault, restores, failures, child)
        Check(
            f"{name}-check",
            CheckArgs(
                settings=settings,
                recoverables=args.recoverables,
                vault=vault,
                restores=restores,
                failures=failures,
                telling=clock.telling(failures, args.log_key_arn, location),
                site=args.site,
                log_key_arn=args.log_key_arn,
                log_retention_days=args.log_retention_days,
                location=location,
            ),
            child,
        )
        self.signals = watch.signals(name, settings, args.recoverables, failures)
        self.register_outputs({"vaultName": vault.name})


def _elsewhere(name: str, args: BackupsArgs, opts: pulumi.ResourceOptions) -> Vault | None:
    copies = args.settings.copy_to
    if copies is None:
        return None
    there = replace(args.location, region=copies.region)
    return Vault(
        f"{name}-copies",
        VaultArgs(location=there, purpose="backup-copies", protected=args.protected, elsewhere=True),
        opts,
    )


def _plans(
    name: str, args: BackupsArgs, vault: Vault, elsewhere: Vault | None, role: BackupRole, opts: pulumi.ResourceOptions
) -> None:
    """One plan, and another one for what differs from it: a rule holds for all that its plan selects."""
    settings = args.settings
    cold = COLD if settings.cold_after_days is not None else frozenset[ResourceType]()
    for suffix, chosen, cold_after in (
        ("", [store for store in args.recoverables if store.kind not in cold], None),
        ("-cold", [store for store in args.recoverables if store.kind in cold], settings.cold_after_days),
    ):
        _plan(f"{name}{suffix}", chosen, _rule(settings, vault, elsewhere, cold_after), role, opts)
    if settings.buckets_continuous_days is not None:
        rule = aws.backup.PlanRuleArgs(
            rule_name="continuous",
            target_vault_name=vault.name,
            schedule=settings.schedule,
            schedule_expression_timezone=settings.timezone,
            start_window=settings.starts_within_minutes,
            completion_window=settings.ends_within_minutes,
            enable_continuous_backup=True,
            lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=settings.buckets_continuous_days),
        )
        chosen = [store for store in args.recoverables if store.kind in CONTINUOUS]
        _plan(f"{name}-continuous", chosen, rule, role, opts)


def _rule(
    settings: BackupSettings, vault: Vault, elsewhere: Vault | None, cold_after: int | None
) -> aws.backup.PlanRuleArgs:
    copies = settings.copy_to
    return aws.backup.PlanRuleArgs(
        rule_name="scheduled",
        target_vault_name=vault.name,
        schedule=settings.schedule,
        schedule_expression_timezone=settings.timezone,
        start_window=settings.starts_within_minutes,
        completion_window=settings.ends_within_minutes,
        lifecycle=aws.backup.PlanRuleLifecycleArgs(cold_storage_after=cold_after, delete_after=settings.keep_days),
        copy_actions=None
        if copies is None or elsewhere is None
        else [
            aws.backup.PlanRuleCopyActionArgs(
                destination_vault_arn=elsewhere.arn,
                lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(
                    cold_storage_after=cold_after, delete_after=copies.keep_days
                ),
            )
        ],
    )


def _plan(
    name: str,
    chosen: Sequence[Recoverable],
    rule: aws.backup.PlanRuleArgs,
    role: BackupRole,
    opts: pulumi.ResourceOptions,
) -> None:
    if not chosen:
        return
    plan = aws.backup.Plan(f"{name}-plan", rules=[rule], opts=opts)
    aws.backup.Selection(
        f"{name}-selection",
        plan_id=plan.id,
        iam_role_arn=role.arn,
        resources=[store.arn for store in chosen],
        opts=opts,
    )


def _restores(name: str, args: BackupsArgs, vault: Vault, opts: pulumi.ResourceOptions) -> Restores | None:
    if args.settings.restore_test is None:
        return None
    return Restores(
        name,
        RestoresArgs(
            settings=args.settings,
            recoverables=args.recoverables,
            vault_arn=vault.arn,
            site=args.site,
            location=args.location,
        ),
        opts,
    )


def _told(
    name: str, vault: Vault, restores: Restores | None, failures: aws.sqs.Queue, opts: pulumi.ResourceOptions
) -> None:
    """Jobs that did not end well are told of in the queue of failures (events of AWS Backup, its guide, eventbridge,
    read 2026-11). A job that never started has expired."""
    ended = [
        {"backupVaultArn": [vault.arn], "state": ["ABORTED", "EXPIRED", "FAILED"]},
        {"sourceBackupVaultArn": [vault.arn], "state": ["FAILED"]},
        *([{"restoreTestingPlanArn": [restores.plan_arn], "status": ["ABORTED", "FAILED"]}] if restores else []),
    ]
    kinds = ["Backup Job State Change", "Copy Job State Change", *(["Restore Job State Change"] if restores else [])]
    pattern = {"source": ["aws.backup"], "detail-type": kinds, "detail": {"$or": ended}}
    rule = aws.cloudwatch.EventRule(
        f"{name}-failed",
        description="Backups, copies and tests of restores that failed",
        event_pattern=pulumi.Output.json_dumps(pattern, sort_keys=True, separators=(",", ":")),
        opts=opts,
    )
    may_tell = Statement(
        sid="FailedJobs",
        actions=["sqs:SendMessage"],
        resources=[failures.arn],
        principals={"Service": [EVENTS]},
        conditions={"ArnEquals": {"aws:SourceArn": rule.arn}},
    )
    policy = QueuePolicy(f"{name}-failures-policy", failures, [may_tell], opts)
    aws.cloudwatch.EventTarget(f"{name}-failed", rule=rule.name, arn=policy.queue_arn, opts=opts)
