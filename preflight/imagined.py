"""Resources inside a component of another process whose children are not known: only what a program reaches through
the component's outputs, as ``balancer.load_balancer.dns_name``. They are no resources of the run and in no report.
"""

import typing
from typing import Any

from preflight import simulation, wire
from preflight.registry import Entry, Registry, make_urn
from preflight.run import Run
from preflight.simulation import sdk_types
from preflight.simulation.place import Place


class Imagined:
    """Those of a run, by URN, beside what it has registered."""

    def __init__(self, run: Run, registry: Registry) -> None:
        self._run, self._registry = run, registry
        self._states: dict[str, dict[str, Any]] = {}

    def outputs(self, entry: Entry, place: Place) -> dict[str, Any]:
        """The outputs of a component that its class declares as resources, or as lists of them: a list has one."""
        found: dict[str, Any] = {}
        for key, declared in sdk_types.wire_types(entry.type).items():
            inner = typing.get_args(declared)
            token = getattr(inner[0] if inner else declared, "pulumi_type", None)
            if isinstance(token, str):
                reference = self._made(entry, key, token, place)
                found[key] = [reference] if inner else reference
        return found

    def read(self, urn: str) -> dict[str, Any] | None:
        """What the SDK asks for to fill a resource that it got as an output, or None for one that nobody knows."""
        entry = self._registry.entries.get(urn)
        return self._states.get(urn) if entry is None else {"urn": urn, "id": entry.id, "state": entry.outputs}

    def _made(self, entry: Entry, key: str, token: str, place: Place) -> dict[str, Any]:
        name = f"{entry.name}-{key}"
        urn = make_urn(self._run.stack, self._run.project, entry.urn, token, name)
        where: dict[str, Any] = {"region": place.region, "account": place.account, "urn": urn}
        identity = simulation.resource_id(token, name, {}, **where)
        self._states[urn] = {"urn": urn, "id": identity, "state": simulation.computed(token, name, {}, **where)}
        return wire.reference(urn, identity)
