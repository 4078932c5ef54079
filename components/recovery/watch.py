"""What is worth watching on backups: that one is missing, that a job failed, that no restore was proven lately."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components import names
from components.contracts import Metric, Recoverable, Severity, Signal
from components.recovery.check import BACKUP_AGE, NAMESPACE, PROOF_AGE
from components.security.queue import waiting
from settings.backups import BackupSettings

# The function looks every hour; three hours without a figure are a function that does not look.
PERIOD_SECONDS = 3600
PERIODS = 3


def signals(
    name: str, settings: BackupSettings, recoverables: Sequence[Recoverable], failures: aws.sqs.Queue
) -> list[Signal]:
    """One for all jobs that failed, two for every store."""
    found = [
        waiting(
            f"{name}-failures",
            failures,
            "A backup, a copy of one or a test of its restore has failed, and nobody has looked at it yet.",
            "backup-failures.md",
        )
    ]
    for store in recoverables:
        hours = settings.late_after_hours
        found.append(
            _age(
                f"{name}-late-{store.name}",
                BACKUP_AGE,
                store.arn,
                hours,
                f"The newest backup of {store.name} is older than {hours} hours, or nobody knows how old it is.",
                "backup-late.md",
            )
        )
        if settings.restore_test is not None:
            days = settings.proof_days
            found.append(
                _age(
                    f"{name}-unproven-{store.name}",
                    PROOF_AGE,
                    store.arn,
                    days,
                    f"For more than {days} days no restore of {store.name} has been shown to work.",
                    "restore-unproven.md",
                )
            )
    return found


def _age(name: str, metric: str, arn: pulumi.Input[str], threshold: float, meaning: str, runbook: str) -> Signal:
    return Signal(
        name=name,
        metrics={
            "age": Metric(
                namespace=NAMESPACE,
                name=metric,
                statistic="Maximum",
                dimensions={"Stack": names.of_stack(), "Resource": arn},
            )
        },
        comparison="GreaterThanThreshold",
        threshold=threshold,
        period_seconds=PERIOD_SECONDS,
        evaluation_periods=PERIODS,
        datapoints_to_alarm=PERIODS,
        missing="breaching",
        severity=Severity.WARNING,
        meaning=meaning,
        runbook=runbook,
    )
