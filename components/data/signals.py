"""What is worth watching on a database.

Thresholds follow the size of the database; the figures are those of CloudWatch's recommended alarms (2026-09).
"""

from dataclasses import replace
from typing import Literal

import pulumi

from components.contracts import Metric, Severity, Signal
from components.data.capacity import GIB

Missing = Literal["missing", "ignore", "breaching", "notBreaching"]
Direction = Literal["above", "below"]
_COMPARISON: dict[Direction, Literal["GreaterThanThreshold", "LessThanThreshold"]] = {
    "above": "GreaterThanThreshold",
    "below": "LessThanThreshold",
}

CPU_PERCENT = 90
CONNECTIONS_SHARE = 0.9
CAPACITY_PERCENT = 90  # ours: AWS says "when it nears 100"
AURORA_FREE_MEMORY_SHARE = 0.05
FREE_MEMORY_SHARE = 0.25
# Ours: AWS says that small classes sit lower, without a figure.
SMALL_CLASS_FREE_MEMORY_SHARE = 0.1
SMALL_CLASS_BYTES = 8 * GIB
FREE_STORAGE_SHARE = 0.1
REPLICA_LAG_MS = 2000  # ours: usually it is well under 100 ms (AuroraUserGuide, replication, 2026-04)
REPLICA_LAG_SECONDS = 60  # of a reader with a storage of its own
STOPPED_SECONDS = 86_400
BURST_PERCENT = 10
CREDITS = 10  # ours: minutes of one whole processor
HISTORY_LENGTH = 1_000_000
_RUNBOOKS = {"disk-io": "bursts", "disk-bytes": "bursts", "credits": "bursts"}
# PostgreSQL stops accepting writes near 2.1 thousand million.
TRANSACTION_IDS = 1_000_000_000


class DatabaseSignals:
    """Signals on one database instance.

    `pauses` says that the instance may pause: it then sends no data for most metrics, which must not read as a failure.
    Where it never pauses, silence is a failure.
    """

    def __init__(self, name: str, instance: pulumi.Input[str], *, pauses: bool) -> None:
        self._name = name
        self._instance = instance
        self._silence: Missing = "notBreaching" if pauses else "breaching"

    def cpu(self) -> Signal:
        meaning = f"{self._name} has been at more than {CPU_PERCENT} % CPU for five minutes: queries queue."
        return self._signal("cpu", "CPUUtilization", "above", CPU_PERCENT, meaning)

    def capacity(self) -> Signal:
        meaning = (
            f"{self._name} has been near its maximum capacity for a quarter of an hour: it cannot grow any further."
        )
        return self._signal(
            "capacity", "ACUUtilization", "above", CAPACITY_PERCENT, meaning, minutes=15, missing="notBreaching"
        )

    def connections(self, limit: int) -> Signal:
        meaning = f"{self._name} uses more than 90 % of the {limit} connections of its size: soon it refuses new ones."
        threshold = int(limit * CONNECTIONS_SHARE)
        return self._signal(
            "connections", "DatabaseConnections", "above", threshold, meaning, severity=Severity.CRITICAL
        )

    def aurora_memory(self, memory_bytes: int) -> Signal:
        meaning = f"{self._name} has less than 5 % of its memory left at full size: it may run out and restart."
        return self._memory(memory_bytes * AURORA_FREE_MEMORY_SHARE, meaning)

    def memory(self, memory_bytes: int) -> Signal:
        share = FREE_MEMORY_SHARE if memory_bytes >= SMALL_CLASS_BYTES else SMALL_CLASS_FREE_MEMORY_SHARE
        meaning = f"{self._name} has less than {share:.0%} of its memory free: it may run out and restart."
        return self._memory(memory_bytes * share, meaning)

    def storage(self, storage_gib: int) -> Signal:
        meaning = f"{self._name} has less than 10 % of its storage free: when it is full, it stops."
        threshold = storage_gib * GIB * FREE_STORAGE_SHARE
        return self._signal(
            "storage",
            "FreeStorageSpace",
            "below",
            threshold,
            meaning,
            statistic="Minimum",
            severity=Severity.CRITICAL,
        )

    def transaction_ids(self) -> Signal:
        meaning = (
            f"{self._name} is half way to the point where PostgreSQL refuses writes: old rows are not being cleaned up."
        )
        return self._signal(
            "transactions",
            "MaximumUsedTransactionIDs",
            "above",
            TRANSACTION_IDS,
            meaning,
            statistic="Maximum",
            minutes=1,
            missing="notBreaching",
        )

    def of_engine(self, engine: str) -> list[Signal]:
        """What only PostgreSQL or only MySQL and MariaDB can run into."""
        if "postgres" in engine:
            return [self.transaction_ids()]
        return [self._undo()] if engine == "aurora-mysql" else []

    def replica_lag(self) -> Signal:
        seconds = REPLICA_LAG_MS / 1000
        meaning = f"{self._name} has been {seconds:g} s behind the writer for ten minutes: what it answers is old."
        return self._signal(
            "lag", "AuroraReplicaLag", "above", REPLICA_LAG_MS, meaning, minutes=10, missing="notBreaching"
        )

    def instance_lag(self) -> Signal:
        meaning = (
            f"{self._name} has been {REPLICA_LAG_SECONDS} s behind the writer for ten minutes: what it answers is old."
        )
        lag = self._signal("lag", "ReplicaLag", "above", REPLICA_LAG_SECONDS, meaning, statistic="Maximum", minutes=10)
        # MySQL and MariaDB say -1 when nothing is replicated any more (UserGuide, USER_ReadRepl.Monitoring, 2026-11).
        return replace(lag, expression=f"IF(lag < 0, {STOPPED_SECONDS}, lag)")

    def bursts(self, instance_class: str) -> list[Signal]:
        """What is left of what a small instance may do beyond its share: of the disk, and of the processor where AWS
        takes money for more."""
        found = [
            self._signal(topic, f"{metric}%", "below", BURST_PERCENT, meaning, minutes=3, missing="notBreaching")
            for topic, metric, meaning in (
                ("disk-io", "EBSIOBalance", f"{self._name} has used up its bursts of disk operations: it slows down."),
                (
                    "disk-bytes",
                    "EBSByteBalance",
                    f"{self._name} has used up its bursts of disk traffic: it slows down.",
                ),
            )
        ]
        if instance_class.startswith("db.t"):
            meaning = f"{self._name} has no CPU credits left: from here on AWS bills what it takes beyond its share."
            found.append(
                self._signal(
                    "credits", "CPUCreditBalance", "below", CREDITS, meaning, minutes=15, missing="notBreaching"
                )
            )
        return found

    def _undo(self) -> Signal:
        meaning = f"{self._name} keeps a million old versions of rows: a transaction has been open for too long."
        return self._signal(
            "undo", "RollbackSegmentHistoryListLength", "above", HISTORY_LENGTH, meaning, missing="notBreaching"
        )

    def _memory(self, threshold: float, meaning: str) -> Signal:
        return self._signal("memory", "FreeableMemory", "below", threshold, meaning, minutes=15)

    def _signal(  # noqa: PLR0913 - what differs between the signals, each with its usual value
        self,
        topic: str,
        metric: str,
        direction: Direction,
        threshold: float,
        meaning: str,
        *,
        statistic: str = "Average",
        minutes: int = 5,
        severity: Severity = Severity.WARNING,
        missing: Missing | None = None,
    ) -> Signal:
        watched = Metric(
            namespace="AWS/RDS", name=metric, statistic=statistic, dimensions={"DBInstanceIdentifier": self._instance}
        )
        return Signal(
            name=f"{self._name}-{topic}",
            metrics={topic: watched},
            comparison=_COMPARISON[direction],
            threshold=threshold,
            period_seconds=60,
            evaluation_periods=minutes,
            datapoints_to_alarm=minutes,
            missing=missing or self._silence,
            severity=severity,
            meaning=meaning,
            runbook=f"database-{_RUNBOOKS.get(topic, topic)}.md",
        )
