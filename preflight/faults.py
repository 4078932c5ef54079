"""What can go wrong in a run, as data: each becomes one clear message with its place in the program."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "program",
    "config",
    "lookup",
    "network",
    "duplicate-urn",
    "missing-provider",
    "refused",
    "timeout",
    "pack",
    "internal",
]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One mistake. ``source`` is ``file:line`` in the program, when the mistake has a place there; ``urn`` the resource
    that is refused."""

    kind: Kind
    message: str
    source: str | None = None
    traceback: str | None = None
    urn: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The shape of the worker's protocol."""
        said = {"kind": self.kind, "message": self.message, "source": self.source, "traceback": self.traceback}
        return said if self.urn is None else {**said, "urn": self.urn}


class FaultError(Exception):
    """Raised into the program, so that it stops where the mistake is; the fault is recorded even if it is caught."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class LookupUnansweredError(FaultError):
    """The program asks the cloud for something that nobody has given an answer to."""


class NetworkRefused(FaultError):  # noqa: N818  the name is part of what a user reads
    """The program tries to reach the network during an offline run."""


class MissingProviderError(FaultError):
    """A resource would use a default provider that the stack has switched off."""
