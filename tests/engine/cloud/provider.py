"""A resource provider over gRPC, as the engine knows it, whose resources live in the store."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.rpc import status_pb2  # type: ignore[import-untyped] # the package ships none
from pulumi.runtime.proto import provider_pb2

from preflight import wire
from preflight.simulation import durations, images, lookups, versions
from preflight.simulation.changes import Change, Kind
from preflight.simulation.place import Place
from tests.engine.cloud import deployments
from tests.engine.cloud.families import DEFAULTS, Family
from tests.engine.cloud.faults import ATTEMPTS, Fault, Script
from tests.engine.cloud.plugin import Plugin
from tests.engine.cloud.store import CloudError, Store, Thing

_KINDS: Mapping[Kind, int] = {"add": 0, "delete": 2, "update": 4}  # PropertyDiff.Kind; one more is "and replaces"
_SOME, _NONE = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
_BACKOFF = 0.02  # seconds between the attempts of a throttled call; the real one waits up to 20
Operation = durations.Operation


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of the engine."""

    method: str
    type: str
    name: str
    preview: bool = False


@dataclass(frozen=True, kw_only=True)
class Guess:
    """A change of which the tables do not say whether it replaces: the engine was told that it does."""

    type: str
    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Span:
    """What one operation took, in seconds of ``time.monotonic``."""

    operation: str
    urn: str
    began: float
    ended: float


@dataclass
class Ground:
    """What all plugins of one cloud share. ``pace`` is the fraction of the real durations that operations take."""

    store: Store
    script: Script
    place: Place
    pace: float = 0.0
    calls: list[Call] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Provider(Plugin):
    """The calls about resources. One servicer serves every provider instance of its package; they differ by connection."""

    def __init__(self, ground: Ground, version: str, family: Callable[[Mapping[str, Any], Place], Family]) -> None:
        super().__init__(version)
        self._ground = ground
        self._family = family
        self._configured: dict[str, tuple[Family, Place]] = {}

    # -- configuration -------------------------------------------------------------------------------------------------

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Another region or account is another provider, and so other resources."""
        old, new = wire.bare(wire.plain(request.old_inputs)), wire.bare(wire.plain(request.news))
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        moved = [key for key in changed if key in ("region", "allowedAccountIds")]
        return provider_pb2.DiffResponse(changes=_SOME if changed else _NONE, diffs=changed, replaces=moved)

    def Configure(self, request: Any, context: Any) -> Any:
        """Remembers the configuration for this connection."""
        arguments = {key: _decoded(value) for key, value in wire.bare(wire.plain(request.args)).items()}
        default = self._ground.place
        accounts = arguments.get("allowedAccountIds") or [default.account]
        place = Place(str(arguments.get("region") or default.region), str(accounts[0]))
        self._configured[context.peer()] = self._family(arguments, place), place
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def _of(self, context: Any) -> Family:
        return self._configured[context.peer()][0]

    # -- before anything is done ---------------------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:
        """Inputs with what the provider adds to them, or what it refuses."""
        family = self._of(context)
        type_token = self._note("Check", request, preview=False)
        given = {key: value for key, value in wire.plain(request.news).items() if key != DEFAULTS}
        plain = wire.bare(given)
        added = family.complete(type_token, request.urn, plain, wire.bare(wire.plain(request.olds)))
        checked = {**given, **{key: _marked_as(given.get(key), value) for key, value in added.items()}}
        failures = [
            provider_pb2.CheckFailure(property=problem.property, reason=problem.reason)
            for problem in family.problems(type_token, {**plain, **added})
        ]
        return provider_pb2.CheckResponse(inputs=wire.struct(checked), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        """What an update would change, or what AWS has changed.

        The engine has applied ignoreChanges in an update, but not in a refresh: there it is for the provider to do.
        """
        family = self._of(context)
        type_token = self._note("Diff", request, preview=False)
        old, new = wire.bare(wire.plain(request.old_inputs)), wire.bare(wire.plain(request.news))
        found = [c for c in family.changes(type_token, old, new) if not _ignored(c.path, request.ignoreChanges)]
        name = request.urn.rsplit("::", 1)[-1]
        unsure = [Guess(type=type_token, name=name, path=one.path) for one in found if one.effect == "unknown"]
        with self._ground.lock:
            self._ground.guesses.extend(unsure)
        replacing = sorted({_top(change) for change in found if change.replaces})
        response = provider_pb2.DiffResponse(
            changes=_SOME if found else _NONE,
            diffs=sorted({_top(change) for change in found}),
            replaces=replacing,
            deleteBeforeReplace=bool(replacing) and family.must_delete_first(type_token, old, new),
            hasDetailedDiff=True,
        )
        for change in found:
            kind: Any = _KINDS[change.kind] + change.replaces
            response.detailedDiff[change.path].CopyFrom(provider_pb2.PropertyDiff(kind=kind, inputDiff=True))
        return response

    # -- the life of a resource ----------------------------------------------------------------------------------------

    def Create(self, request: Any, context: Any) -> Any:
        """Makes it; in a preview says what would be known."""
        family = self._of(context)
        type_token = self._note("Create", request, preview=request.preview)
        inputs = wire.plain(request.properties)
        plain = wire.bare(inputs)
        if request.preview:
            unknown = dict.fromkeys(family.unknowns(type_token, plain), wire.UNKNOWN)
            return provider_pb2.CreateResponse(properties=wire.struct({**unknown, **_visible(inputs)}))
        store = self._ground.store
        faults = self._weather("create", type_token, request.urn, context, plain)
        thing = family.make(type_token, request.urn, plain, store.generation(request.urn))
        _done(context, lambda: deployments.carry_out(store, thing, store.create))
        outputs = wire.struct(_marked(thing.outputs, inputs))
        self._aftermath(faults, context, thing, outputs, request.properties)
        return provider_pb2.CreateResponse(id=thing.id, properties=outputs)

    def Update(self, request: Any, context: Any) -> Any:
        """Changes it in place; what AWS drew when it was made stays."""
        family = self._of(context)
        type_token = self._note("Update", request, preview=request.preview)
        inputs = wire.plain(request.news)
        plain = wire.bare(inputs)
        existing = self._existing(type_token, request.id, wire.bare(wire.plain(request.olds)))
        generation = existing.generation if existing is not None else 0
        made = family.make(type_token, request.urn, plain, generation)
        kept = {"id": request.id} if "id" in made.outputs else {}
        was = existing.outputs if existing is not None else {}
        new = {_top(c) for c in family.changes(type_token, existing.inputs if existing is not None else {}, plain)}
        kept |= versions.carried(type_token, plain, new, was)
        changed = replace(made, id=request.id, outputs={**made.outputs, **kept})
        if existing is not None:
            before = wire.bare(wire.plain(request.old_inputs))
            left = deployments.untouched(type_token, before, plain, existing)
            changed = replace(changed, inputs={**changed.inputs, **left}, outputs={**changed.outputs, **left})
        if request.preview:
            # An image is built anew by an update, so its digest is not known; AWS keeps what it has drawn.
            drawn = images.COMPUTED if type_token == images.TYPE else versions.renewed(type_token, plain, new)
            unknown = dict.fromkeys(drawn, wire.UNKNOWN)
            return provider_pb2.UpdateResponse(properties=wire.struct(_marked({**changed.outputs, **unknown}, inputs)))
        faults = self._weather("update", type_token, request.urn, context, plain)
        store = self._ground.store
        _done(context, lambda: deployments.carry_out(store, changed, store.update))
        outputs = wire.struct(_marked(changed.outputs, inputs))
        self._aftermath(faults, context, changed, outputs, request.news)
        return provider_pb2.UpdateResponse(properties=outputs)

    def Read(self, request: Any, context: Any) -> Any:
        """What the cloud holds now: for a refresh, for an import, for get(). Nothing when it is gone."""
        type_token = self._note("Read", request, preview=False)
        self._weather("read", type_token, request.urn, context)
        state = wire.plain(request.properties)
        thing = self._existing(type_token, request.id, wire.bare(state))
        if thing is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=wire.struct(_marked(thing.outputs, state)),
            inputs=wire.struct(_marked(thing.inputs, wire.plain(request.inputs))),
        )

    def Delete(self, request: Any, context: Any) -> Any:
        """Deletes it; what is gone already is no error."""
        type_token = self._note("Delete", request, preview=False)
        faults = self._weather("delete", type_token, request.urn, context)
        state = wire.bare(wire.plain(request.properties))
        key = Thing(type_token, request.id, request.urn, {}, state).key
        _done(context, lambda: self._ground.store.delete(key))
        self._aftermath(faults, context, None, None, None)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        """Answers a lookup from the table; what only an account knows has no answer."""
        self._record(Call(method="Invoke", type=request.tok, name="", preview=request.preview))
        arguments = wire.bare(wire.plain(request.args))
        answer = lookups.answer(request.tok, arguments, self._configured[context.peer()][1])
        if answer is None:
            failure = provider_pb2.CheckFailure(reason=f"the simulated cloud has no answer to {request.tok}")
            return provider_pb2.InvokeResponse(failures=[failure])
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(wire.struct(answer))  # the field has the name of a keyword
        return response

    # -- what they share -----------------------------------------------------------------------------------------------

    def _note(self, method: str, request: Any, *, preview: bool) -> str:
        head, _, name = request.urn.rpartition("::")
        type_token = str(head.rpartition("::")[2].rpartition("$")[2])
        self._record(Call(method=method, type=type_token, name=name, preview=preview))
        return type_token

    def _record(self, call: Call) -> None:
        with self._ground.lock:
            self._ground.calls.append(call)

    def _existing(self, type_token: str, identity: str, state: Mapping[str, Any]) -> Thing | None:
        store = self._ground.store
        found = store.by_key(Thing(type_token, identity, "", {}, state).key)
        return found if found is not None or state else store.by_id(identity, type_token)

    def _weather(
        self, operation: Any, type_token: str, urn: str, context: Any, inputs: Mapping[str, Any] | None = None
    ) -> list[Fault]:
        """Time passes and faults strike; those that strike after the deed are returned."""
        began = time.monotonic()
        faults = self._ground.script.strikes(operation, type_token, urn.rsplit("::", 1)[-1])
        wait = 0.0
        if operation != "read" and self._ground.pace:
            wait = durations.seconds(type_token, operation, inputs) * self._ground.pace
        for fault in faults:
            wait += fault.seconds
            if fault.effect == "throttle":
                wait += min(fault.attempts, ATTEMPTS) * _BACKOFF
        if wait:
            time.sleep(wait)
        with self._ground.lock:
            self._ground.spans.append(Span(operation=operation, urn=urn, began=began, ended=time.monotonic()))
        for fault in faults:
            if fault.effect == "refuse":
                self._ground.script.gather(fault)
                context.abort(grpc.StatusCode.UNKNOWN, fault.message)
            if fault.effect == "throttle" and fault.attempts >= ATTEMPTS:
                context.abort(grpc.StatusCode.UNKNOWN, f"ThrottlingException: Rate exceeded, after {ATTEMPTS} attempts")
        return [fault for fault in faults if fault.effect in ("half", "lose")]

    def _aftermath(self, faults: list[Fault], context: Any, thing: Thing | None, outputs: Any, inputs: Any) -> None:
        for fault in faults:
            self._ground.script.gather(fault)
            if fault.effect == "half" and thing is not None:
                detail = any_pb2.Any()
                reason = provider_pb2.ErrorResourceInitFailed(
                    id=thing.id, properties=outputs, inputs=inputs, reasons=[fault.message]
                )
                detail.Pack(reason)
                status = status_pb2.Status(code=2, message=fault.message, details=[detail])
                context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(grpc.StatusCode.UNKNOWN, fault.message)


def _decoded(value: Any) -> Any:
    """The configuration of a provider holds lists and maps as JSON texts."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


def _done(context: Any, deed: Callable[[], None]) -> None:
    try:
        deed()
    except CloudError as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


def _top(change: Change) -> str:
    return change.path.partition(".")[0].partition("[")[0]


def _ignored(path: str, ignored: Sequence[str]) -> bool:
    """Whether a path is one of these, or inside of one; a pattern (`[*]`) is none, as in the real provider it may be."""
    return any(path == other or path.startswith((f"{other}.", f"{other}[")) for other in ignored)


def _visible(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if not key.startswith("__")}


def _marked(values: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """The values, secret where those of the same name are: the cloud itself knows no marks."""
    return {key: _marked_as(like.get(key), value) for key, value in values.items()}


def _marked_as(like: Any, value: Any) -> Any:
    if wire.is_secret(like):
        return wire.secret(value)
    if isinstance(like, dict) and isinstance(value, dict) and wire.has_secret(like):
        return {key: _marked_as(like.get(key), element) for key, element in value.items()}
    return wire.secret(value) if wire.has_secret(like) else value
