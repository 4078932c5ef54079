"""Lookups of a run: the user's answers first, then what follows from the place; anything else is a mistake."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from preflight import wire
from preflight.faults import Fault, LookupUnansweredError
from preflight.places import Places
from preflight.registry import Registry
from preflight.run import Run
from preflight.simulation import lookups as table
from preflight.simulation import made
from preflight.simulation.place import Place

# Set where the program calls a lookup; the call itself comes later, from a task or thread that copied the context.
SITE: ContextVar[str | None] = ContextVar("preflight_lookup_site", default=None)


class Lookups:
    """Answers, and a record of what was asked."""

    def __init__(self, run: Run, registry: Registry, places: Places) -> None:
        self._run = run
        self._registry = registry
        self._places = places

    def answer(
        self, token: str, arguments: dict[str, Any], place: Place, otherwise: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """The result of a lookup, or LookupUnansweredError. None at a preview: what is asked for is not known yet.
        `otherwise`: a stand-in for what nothing else answers."""
        bare = wire.bare(arguments)
        result = self.given(token, bare)
        if result is None:
            result = self._made(token, bare)
        if result is None:
            result = table.answer(token, bare, place)
            made_up = result is not None and table.is_stand_in(token)
            if result is None and otherwise is not None and not wire.has_unknown(arguments):
                result, made_up = otherwise, True
            if made_up:
                where = f" ({SITE.get()})" if SITE.get() else ""
                self._registry.note(f"the answer to {token}{where} is a stand-in; --answers may give the real one")
        if result is None and self._run.preview and wire.has_unknown(arguments):
            return None
        if result is None:
            raise self.unanswered(token, arguments)
        lookup = {
            "token": token,
            "args": wire.redacted(arguments),
            "result": wire.redacted(result),
            "source": SITE.get(),
        }
        with self._registry.lock:
            if lookup not in self._registry.lookups:
                self._registry.lookups.append(lookup)
        return result

    def _made(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the run itself has made, which has an id only at an update."""
        if self._run.preview or not made.concerns(token):
            return None
        with self._registry.lock:
            entries = [entry for entry in self._registry.entries.values() if not entry.external]
        return made.answer(
            token, arguments, (made.Made(each.type, each.id, wire.bare(each.outputs)) for each in entries)
        )

    def given(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        """The user's answer: one for all, or the first whose ``args`` are all among the arguments."""
        answers = self._run.answers.get(token)
        if isinstance(answers, list):
            return next(
                (
                    entry["result"]
                    for entry in answers
                    if all(arguments.get(key) == value for key, value in entry.get("args", {}).items())
                ),
                None,
            )
        return answers

    def unanswered(self, token: str, arguments: Mapping[str, Any]) -> LookupUnansweredError:
        """The mistake, kept even if the program catches it."""
        shown = json.dumps(wire.redacted(dict(arguments)), sort_keys=True)
        known = " (no answer in the --answers file has these arguments)" if token in self._run.answers else ""
        fault = Fault(
            kind="lookup",
            message=(
                f"the program looks up {token} with {shown}, which cannot be answered offline{known}. Give the answer "
                f'in a file: --answers FILE with {{"{token}": {{...result...}}}}, or a list of {{"args", "result"}}'
            ),
            source=SITE.get() or self._places.here(),
        )
        self._registry.fault(fault)
        return LookupUnansweredError(fault)

    def stack_outputs(self, name: str, source: str | None) -> dict[str, Any]:
        """The state of a StackReference."""
        outputs = self._run.stack_outputs.get(name)
        if outputs is None:
            known = ", ".join(sorted(self._run.stack_outputs)) or "none"
            fault = Fault(
                kind="lookup",
                message=(
                    f"the program reads the outputs of stack '{name}', which are not known offline (known: {known}). "
                    'Give them: --stack-outputs FILE with {"' + name + '": {"output": value}}'
                ),
                source=source,
            )
            self._registry.fault(fault)
            raise LookupUnansweredError(fault)
        return {"name": name, "outputs": dict(outputs), "secretOutputNames": []}
