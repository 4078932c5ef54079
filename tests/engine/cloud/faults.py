"""A script of what goes wrong in the simulated cloud."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Effect = Literal["refuse", "half", "lose", "slow", "throttle"]
ATTEMPTS = 25  # how often the AWS provider tries when it is throttled (max_retries, its default)

_PATIENCE = 30.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong with some operations.

    ``refuse``: an error, nothing is done. ``half``: done, but reported as not ready, with its id. ``lose``: done, but the
    answer is lost with the id. ``slow``: done after ``seconds``. ``throttle``: the first ``attempts`` calls are turned
    away; the provider tries again by itself, up to 25 times.

    With ``together`` above one the answers wait for each other until so many faults have struck: the engine stops at the
    first error that it sees, so this is how it gets to see many.

    It meets operations of ``operation`` on ``type`` and ``name`` (all, when left out), from the ``nth`` of them on, and
    ``times`` of them (every one, when None).
    """

    effect: Effect = "refuse"
    operation: Literal["create", "update", "delete", "read"] = "create"
    type: str | None = None
    name: str | None = None
    nth: int = 1
    times: int | None = 1
    seconds: float = 0.0
    attempts: int = 1
    together: int = 1
    message: str = "InternalFailure: simulated"


@dataclass
class Script:
    """The faults of a cloud, and which of them have struck."""

    faults: list[Fault] = field(default_factory=list)
    struck: list[tuple[Fault, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Condition()
        self._met: list[int] = [0] * len(self.faults)

    def play(self, *faults: Fault) -> None:
        """Replaces the script; counting starts again."""
        with self._lock:
            self.faults, self.struck, self._met = list(faults), [], [0] * len(faults)

    def strikes(self, operation: str, type_token: str, name: str) -> Sequence[Fault]:
        """The faults that meet this operation."""
        met: list[Fault] = []
        with self._lock:
            for index, fault in enumerate(self.faults):
                if (
                    fault.operation != operation
                    or fault.type not in (None, type_token)
                    or fault.name not in (None, name)
                ):
                    continue
                self._met[index] += 1
                over = fault.times is not None and self._met[index] >= fault.nth + fault.times
                if self._met[index] >= fault.nth and not over:
                    met.append(fault)
                    self.struck.append((fault, f"{type_token}::{name}"))
        return met

    def gather(self, fault: Fault) -> None:
        """Waits for the others that are to fail together; not for ever, or a test would hang instead of failing."""
        with self._lock:
            self._lock.notify_all()
            self._lock.wait_for(lambda: len(self.struck) >= fault.together, timeout=_PATIENCE)
