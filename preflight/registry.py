"""What a run has registered so far, with everything that the recording and the policy requests are made of."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from preflight import wire
from preflight.faults import Fault
from preflight.recording import Resource
from preflight.sequence import MADE, Made

STACK_TYPE = "pulumi:pulumi:Stack"


def make_urn(stack: str, project: str, parent: str, type_token: str, name: str) -> str:
    """The URN that the engine gives: types of all ancestors but the stack, joined by ``$``; the name as it is."""
    if parent:
        qualified = parent.split("::", 3)[2]
        if qualified != STACK_TYPE:
            type_token = f"{qualified}${type_token}"
    return f"urn:pulumi:{stack}::{project}::{type_token}::{name}"


@dataclass(kw_only=True)
class Entry:
    """One resource. Values are plain, with Pulumi's marks; ``checked`` are the inputs as a provider's Check returns,
    ``stand_ins`` those outputs of one that is only read which nobody here knows."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    remote: bool = False
    external: bool = False
    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    checked: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    stand_ins: dict[str, Any] = field(default_factory=dict)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    dependencies: list[str] = field(default_factory=list)
    provider: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    source: str | None = None
    made: Made = field(default_factory=MADE.get)

    @property
    def package(self) -> str:
        """The package whose provider makes this resource."""
        return self.type.partition(":")[0]

    def to_resource(self, known: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict) -> Resource:
        """The form for a recording: secrets left out, lists sorted, of inputs and outputs what is `known`."""
        return Resource(
            urn=self.urn,
            type=self.type,
            name=self.name,
            parent=self.parent or None,
            custom=self.custom,
            remote=self.remote,
            id=self.id or None,
            inputs=wire.redacted(known(self.inputs)),
            outputs=wire.redacted(known(self.outputs)),
            property_dependencies=self.property_dependencies,
            dependencies=self.dependencies,
            options={key: self.options[key] for key in sorted(self.options)},
            source=self.source,
        )


class Registry:
    """All resources of a run. Registrations come from several threads; a second one of a URN is kept as a fault."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.entries: dict[str, Entry] = {}
        self.faults: list[Fault] = []
        self.refused: list[Fault] = []
        self.lookups: list[dict[str, Any]] = []
        self.notes: set[str] = set()
        self._by_id: dict[str, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Keeps the entry, or a fault when its URN is taken; the engine would stop there, here the run goes on."""
        with self.lock:
            first = self.entries.setdefault(entry.urn, entry)
            if first is not entry:
                self.faults.append(_duplicate(first, entry))
            elif entry.id:
                self._by_id[entry.id] = entry
                # What others name a database by is not its id.
                if isinstance(name := entry.outputs.get("identifier"), str) and name:
                    self._by_id.setdefault(name, entry)

    def fault(self, fault: Fault) -> None:
        """Keeps a mistake, once."""
        with self.lock:
            if fault not in self.faults:
                self.faults.append(fault)

    def note(self, text: str) -> None:
        """Keeps a remark for whoever reads the recording."""
        with self.lock:
            self.notes.add(text)

    def outputs_of(self, identity: str) -> Mapping[str, Any] | None:
        """Outputs of the resource with this physical id, secrets unwrapped: for arithmetic only."""
        with self.lock:
            entry = self._by_id.get(identity)
            return wire.bare(entry.outputs) if entry is not None else None

    def sorted(self) -> list[Entry]:
        """Entries by URN."""
        with self.lock:
            return [self.entries[urn] for urn in sorted(self.entries)]

    def as_made(self) -> list[Entry]:
        """Entries in the order of the program."""
        with self.lock:
            return sorted(self.entries.values(), key=lambda entry: (entry.made, entry.urn))


def _duplicate(first: Entry, second: Entry) -> Fault:
    places = f"{first.source or 'outside the program'} and {second.source or 'outside the program'}"
    return Fault(
        kind="duplicate-urn",
        message=(
            f"two resources of type {second.type} have the name '{second.name}' ({places}); their URN is the same, "
            f"{second.urn}. Names must be unique per type and parents: give one of them another name"
        ),
        source=second.source,
    )
