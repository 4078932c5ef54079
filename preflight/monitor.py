"""The engine's side of a program's run: answers every call of the SDK and records what was asked.

It stands where the gRPC stub of the resource monitor would; the SDK calls it in its own process. It never compares with
a state: every run is the first creation of everything. What it cannot answer truthfully it refuses or notes.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from google.protobuf import empty_pb2
from pulumi.runtime.proto import callback_pb2, provider_pb2, resource_pb2

from preflight import existing, options, provider_check, providers, simulation, wire
from preflight.faults import Fault, LookupUnansweredError
from preflight.imagined import Imagined
from preflight.lookups import Lookups
from preflight.places import Places
from preflight.recording import Mode, Recording
from preflight.registry import STACK_TYPE, Entry, Registry, make_urn
from preflight.remote import CONSTRUCTORS, Construction, RefusedComponentError
from preflight.run import Run
from preflight.simulation import images, kubernetes, sdk_types, shapes, table
from preflight.simulation.place import Place
from preflight.transforms import Transforms

_Response = TypeVar("_Response", resource_pb2.ResourceInvokeResponse, provider_pb2.CallResponse)

_REFERENCE_TYPE = "pulumi:pulumi:StackReference"
_DYNAMIC_TYPE = "pulumi-python:dynamic:Resource"
# Lookups are not gated on dependencies (INVOKE_DEPENDS_ON): the SDK then holds back those on unknown ids by itself.
_FEATURES = frozenset({
    "SECRETS", "RESOURCE_REFERENCES", "OUTPUT_VALUES", "ALIAS_SPECS", "REPLACEMENT_TRIGGER", "DELETED_WITH",
    "REPLACE_WITH", "TRANSFORMS", "INVOKE_TRANSFORMS", "PARAMETERIZATION", "RESOURCE_HOOKS", "ERROR_HOOKS",
})  # fmt: skip


class Monitor:
    """A resource monitor for one run. Its public methods in CamelCase are those of the ResourceMonitor service."""

    def __init__(self, run: Run, places: Places) -> None:
        self.run = run
        self.registry = Registry()
        self.providers = providers.Providers(run, self.registry)
        self._places = places
        self._transforms = Transforms()
        self._lookups = Lookups(run, self.registry, places)
        self._imagined = Imagined(run, self.registry)
        self._packages: dict[str, tuple[str, str]] = {}
        self._exports: dict[str, Any] = {}
        self._named = "pulumi:autonaming" not in run.config

    # -- what a run left behind ----------------------------------------------------------------------------------------

    def recording(self) -> Recording:
        """The run as a document; the program must have ended."""
        self.providers.remark()
        mode: Mode = "preview" if self.run.preview else "update"
        return Recording(
            project=self.run.project,
            stack=self.run.stack,
            mode=mode,
            resources=[entry.to_resource(self._known(entry)) for entry in self.registry.sorted()],
            exports=wire.redacted(self._exports),
            notes=sorted(self.registry.notes),
            lookups=list(self.registry.lookups),
            order=[entry.urn for entry in self.registry.as_made()],
            awaited={entry.urn: entry.made.awaited for entry in self.registry.sorted() if entry.made.awaited},
        )

    def _known(self, entry: Entry) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        return lambda values: existing.veiled(entry, values, self.registry.entries)

    # -- registrations -------------------------------------------------------------------------------------------------

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Records a resource and answers with what is known of it in this mode."""
        request = self._with_inherited(request)
        callbacks = self._transforms.of(request, self._ancestors(request.parent))
        if callbacks:
            request = self._transforms.run(request, callbacks)
        urn = make_urn(self.run.stack, self.run.project, request.parent, request.type, request.name)
        self._transforms.declare(urn, request.transforms)
        entry = self._entry(urn, request)
        if request.remote:
            return self._construct(entry, request)
        if entry.custom:
            self._create(entry, list(request.additionalSecretOutputs))
        else:
            entry.checked = wire.flat(entry.inputs)
        self.registry.add(entry)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=entry.id, object=wire.struct(entry.outputs))

    def _with_inherited(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceRequest:
        """The registration with what it left open and its parent said: of all that, the SDK hands on a part only."""
        parent = self.registry.entries.get(request.parent)
        given = parent.options if parent is not None else {}
        if not any(given.get(option) for option in options.INHERITED):
            return request
        result = resource_pb2.RegisterResourceRequest()
        result.CopyFrom(request)
        for option in options.INHERITED:
            said = result.deletedWith if option == "deletedWith" else result.HasField(option)  # type: ignore[arg-type]
            if given.get(option) and not said:
                setattr(result, option, given[option])
        return result

    def _ancestors(self, urn: str) -> Iterator[str]:
        while urn:
            yield urn
            entry = self.registry.entries.get(urn)
            urn = entry.parent if entry is not None else ""

    def _entry(self, urn: str, request: resource_pb2.RegisterResourceRequest) -> Entry:
        source = self._source(request)
        provider = self.providers.of(request, source, self._packages)
        dependencies = {key: sorted(value.urns) for key, value in request.propertyDependencies.items() if value.urns}
        return Entry(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            remote=request.remote,
            id=request.importId,
            inputs=wire.plain(request.object),
            property_dependencies=dict(sorted(dependencies.items())),
            dependencies=sorted(request.dependencies),
            provider=provider,
            options=options.recorded(request, provider),
            source=source,
        )

    def _source(self, request: Any) -> str | None:
        position = request.sourcePosition
        found = self._places.of_uri(position.uri, position.line)
        if found is None and hasattr(request, "stackTrace"):
            frames = (self._places.of_uri(frame.pc.uri, frame.pc.line) for frame in request.stackTrace.frames)
            found = next((place for place in frames if place is not None), None)
        return found

    def _create(self, entry: Entry, secret_outputs: list[str]) -> None:
        """Check, then Create or its preview."""
        entry.inputs = shapes.typed(entry.type, entry.inputs)
        if self.run.preview and self.providers.waits(entry.provider):
            entry.checked = wire.flat(entry.inputs)  # it is asked nothing before it is configured
            return
        entry.checked = self._checked(entry)
        settings = self.run.config.values()
        refused = provider_check.faults(entry, preview=self.run.preview, named=self._named, settings=settings)
        self.registry.refused.extend(refused)
        entry.checked = shapes.mended(entry.type, entry.checked)
        entry.outputs = dict(entry.checked)
        if entry.type.startswith("pulumi:providers:"):
            entry.id = self.providers.identity(entry.urn)
        elif not self.run.preview:
            self._simulate(entry)
        awaited = unknown_until_made(entry) if self.run.preview else ()
        for key in secret_outputs:
            if key in entry.outputs or key in awaited:
                entry.outputs[key] = wire.secret(entry.outputs.get(key, wire.UNKNOWN))
        if entry.type.startswith("aws:") and not table.knows(entry.type) and not sdk_types.kinds(entry.type):
            if entry.options.get("version") or (has := sdk_types.has("pulumi_aws", entry.type)) is None:
                self.registry.note(f"{entry.type} is no type that the AWS SDK here has: the provider may refuse it")
            elif not has:
                self.registry.refused.append(provider_check.no_such_type(entry))
        if entry.type == _DYNAMIC_TYPE:
            self.registry.note("a dynamic resource's own create() is not run: its outputs are its inputs")

    def _checked(self, entry: Entry) -> dict[str, Any]:
        """Inputs as the provider's Check returns them: policy documents as text, names and default tags filled in."""
        checked: dict[str, Any] = wire.flat(entry.inputs)
        for key, value in checked.items():
            document = value["value"] if wire.is_secret(value) else value
            if isinstance(document, dict) and wire.SIGNATURE not in document:
                declared = sdk_types.wire_types(entry.type).get(key)
                if declared is str:
                    text = wire.UNKNOWN if wire.has_unknown(document) else json.dumps(wire.bare(document))
                    checked[key] = wire.secret(text) if wire.has_secret(value) else text
        if entry.type.startswith("pulumi:providers:") and entry.options.get("version"):
            checked.setdefault("version", entry.options["version"])
        name = simulation.physical_name(entry.type, entry.name, entry.urn, inputs=checked)
        if name is not None and name[0] not in checked and f"{name[0]}Prefix" not in checked:
            checked[name[0]] = name[1]
        checked |= self._all_tags(entry, checked) | kubernetes.named(entry.type, entry.name, entry.urn, checked)
        return checked

    def _all_tags(self, entry: Entry, checked: Mapping[str, Any]) -> dict[str, Any]:
        """The input ``tagsAll``: default tags under the resource's own, unknown as a whole where any of them is.

        The real provider writes the values of secret tags into it as plain text; here it is a secret then.
        """
        defaults = self.providers.default_tags(entry.provider)
        own = checked.get("tags")
        unknown = wire.has_unknown(own) or wire.has_unknown(defaults)
        given = {} if unknown or own is None else {"tags": wire.bare(own)}
        tags = simulation.all_tags(entry.type, given, {} if unknown else wire.bare(defaults))
        if tags is None or "tagsAll" in checked:
            return {}
        value = wire.UNKNOWN if unknown else tags
        return {"tagsAll": wire.secret(value) if wire.has_secret(own) or wire.has_secret(defaults) else value}

    def _simulate(self, entry: Entry) -> None:
        if entry.type == images.TYPE:
            entry.outputs |= images.outputs(wire.bare(entry.checked))
            entry.id = entry.outputs["digest"]
            return
        imported = entry.id
        # What is secret in ``tagsAll`` is so in ``tags`` already; the rest of it is no secret of this resource.
        secrets = [text for text in wire.secret_texts({**entry.checked, "tagsAll": None}) if text]
        place = self.providers.place(entry.provider, entry.checked)
        bare = wire.bare(entry.checked)
        region, account, find = place.region, place.account, self.registry.outputs_of
        entry.id = simulation.resource_id(
            entry.type, entry.name, bare, region=region, account=account, urn=entry.urn, find=find
        )
        if any(text in entry.id for text in secrets):
            entry.id = simulation.resource_id(
                entry.type, entry.name, {}, region=region, account=account, urn=entry.urn, find=find
            )
        entry.id = imported or entry.id
        for key, value in self._computed(entry, place).items():
            tainted = secrets and any(text in json.dumps(value, ensure_ascii=False) for text in secrets)
            entry.outputs.setdefault(key, wire.secret(value) if tainted else value)

    def _computed(self, entry: Entry, place: Place) -> dict[str, Any]:
        return simulation.computed(
            entry.type,
            entry.name,
            wire.bare(entry.checked or entry.inputs),
            region=place.region,
            account=place.account,
            urn=entry.urn,
            find=self.registry.outputs_of,
        )

    def _construct(
        self, entry: Entry, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """A component of another process: first its children, then its outputs and which of the children they need."""
        self.registry.add(entry)
        constructor = CONSTRUCTORS.get(entry.type)
        state: dict[str, Any] = {}
        needed: Mapping[str, list[str]] = {}
        if constructor is not None:
            place = self.providers.place(options.urn_of(request.providers.get("aws", "")), {})
            try:
                state, needed = constructor(Construction(self, request, entry.urn, place))
            except RefusedComponentError as error:
                said = f"{entry.type} '{entry.name}' {error}"
                self.registry.refused.append(Fault(kind="refused", message=said, source=entry.source, urn=entry.urn))
                state = self._imagined_state(entry)
        else:
            said = "is a component of another process: its children are not known, nor their cost, reach and verdicts"
            self.registry.note(f"{entry.type} {said}")
            state = self._imagined_state(entry)
        entry.outputs = state
        answer = resource_pb2.RegisterResourceResponse(urn=entry.urn, object=wire.struct(state))
        for key, urns in needed.items():
            answer.propertyDependencies[key].urns.extend(urns)
        return answer

    def _imagined_state(self, entry: Entry) -> dict[str, Any]:
        """Outputs of a component whose children are not made here, so that the program gets on."""
        if self.run.preview:
            return {}
        return self._computed(entry, self.run.place) | self._imagined.outputs(entry, self.run.place)

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Keeps the outputs of a component, or the exports of the stack."""
        outputs = wire.plain(request.outputs)
        with self.registry.lock:
            entry = self.registry.entries.get(request.urn)
            if entry is not None:
                entry.outputs = outputs
                if entry.type == STACK_TYPE:
                    self._exports = outputs
        return empty_pb2.Empty()

    # -- reads ---------------------------------------------------------------------------------------------------------

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        """A resource that exists already (``get()``), or another stack's outputs."""
        urn = make_urn(self.run.stack, self.run.project, request.parent, request.type, request.name)
        source = self._source(request)
        provider = self.providers.of(request, source, self._packages)
        entry = Entry(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=True,
            external=True,
            id="" if request.id == wire.UNKNOWN else request.id,
            inputs=wire.flat(wire.plain(request.properties)),
            dependencies=sorted(request.dependencies),
            provider=provider,
            options=options.of_read(request, provider),
            source=source,
        )
        if request.type == _REFERENCE_TYPE:
            entry.outputs = self._lookups.stack_outputs(request.id, source)
        else:
            entry.outputs = self._existing(entry)
        for key in request.additionalSecretOutputs:
            if key in entry.outputs:
                entry.outputs[key] = wire.secret(entry.outputs[key])
        self.registry.add(entry)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=wire.struct(entry.outputs), id=entry.id)

    def _existing(self, entry: Entry) -> dict[str, Any]:
        given = self._lookups.given(entry.type, {"id": entry.id, **wire.bare(entry.inputs)})
        if given is not None:
            return {**entry.inputs, **given}
        self.registry.note(
            f"{entry.type} '{entry.name}' ({entry.source}) is read from the cloud: its properties are unknown at "
            "preview and stand-ins at update; --answers may give them under its type"
        )
        if self.run.preview:
            return dict(entry.inputs)
        place = self.providers.place(entry.provider, entry.inputs)
        entry.stand_ins = existing.stand_ins(entry, self._computed(entry, place), place)
        return {**entry.stand_ins, **entry.inputs}

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802
        """Whether something exists in the cloud is not known offline: an answer must be given."""
        given = self._lookups.given(request.type, {"id": request.id})
        if given is None:
            raise self._lookups.unanswered(request.type, {"id": request.id})
        return resource_pb2.ExistsResourceResponse(exists=bool(given.get("exists", True)))

    # -- lookups -------------------------------------------------------------------------------------------------------

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        """Answers a lookup from the table or from the user's answers; anything else stops the program."""
        return self.look_up(request)

    def look_up(
        self, request: resource_pb2.ResourceInvokeRequest, otherwise: dict[str, Any] | None = None
    ) -> resource_pb2.ResourceInvokeResponse:
        """The same for a component of another process, which may have a stand-in where nothing answers."""
        if request.tok == "pulumi:pulumi:getResource":
            return self._get_resource(wire.plain(request.args)["urn"])
        if self._transforms.stack_invokes:
            request = self._transforms.run_invoke(request)
        place = self.providers.place(options.urn_of(request.provider), {})
        result = self._lookups.answer(request.tok, wire.plain(request.args), place, otherwise)
        return _returned(resource_pb2.ResourceInvokeResponse(unknown=result is None), result or {})

    def Call(self, request: Any) -> Any:  # noqa: N802
        """A method of a resource: only the user's answers know it. Unknown arguments make the result unknown."""
        arguments = wire.flat(wire.plain(request.args))
        given = self._lookups.given(request.tok, wire.bare(arguments))
        if given is None and self.run.preview and wire.has_unknown(arguments):
            given = {"result": wire.UNKNOWN}
        if given is None:
            raise self._lookups.unanswered(request.tok, arguments)
        return _returned(provider_pb2.CallResponse(), given)

    def _get_resource(self, urn: str) -> resource_pb2.ResourceInvokeResponse:
        result = self._imagined.read(urn)
        if result is None:
            message = f"the program reads resource {urn}, which it has not registered"
            raise LookupUnansweredError(Fault(kind="lookup", message=message, source=self._places.here()))
        return _returned(resource_pb2.ResourceInvokeResponse(), result)

    # -- the rest of the service ---------------------------------------------------------------------------------------

    def RegisterStackTransform(self, callback: callback_pb2.Callback) -> empty_pb2.Empty:  # noqa: N802
        """Applies to every registration from now on."""
        self._transforms.stack.append(callback)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, callback: callback_pb2.Callback) -> empty_pb2.Empty:  # noqa: N802
        """Applies to every lookup from now on."""
        self._transforms.stack_invokes.append(callback)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, _request: object) -> empty_pb2.Empty:  # noqa: N802
        """Hooks are recorded with the resources that name them; they run in a deployment, not here."""
        return empty_pb2.Empty()

    def RegisterErrorHook(self, _request: object) -> empty_pb2.Empty:  # noqa: N802
        """See RegisterResourceHook."""
        return empty_pb2.Empty()

    def RegisterPackage(self, request: Any) -> Any:  # noqa: N802
        """A parameterised provider: its resources name the reference instead of a version."""
        named = next(
            (p for p in (request.parameterization, getattr(request, "extension", None)) if p and p.name), request
        )
        reference = f"{named.name}@{named.version}"
        self._packages[reference] = (named.name, named.version)
        return resource_pb2.RegisterPackageResponse(ref=reference)

    def SignalAndWaitForShutdown(self, _request: object) -> empty_pb2.Empty:  # noqa: N802
        """Nothing outlives the program here."""
        return empty_pb2.Empty()

    def GetDeploymentInfo(self, _request: object) -> Any:  # noqa: N802
        """Tells the SDK which wire forms to use; what it may send but this monitor does not read is left out."""
        known = resource_pb2.ResourceMonitorFeature.items()
        features = [number for name, number in known if name.removeprefix("RESOURCE_MONITOR_FEATURE_") in _FEATURES]
        return resource_pb2.DeploymentInfo(
            project=self.run.project,
            stack=self.run.stack,
            organization=self.run.organization,
            dryRun=self.run.preview,
            supportedFeatures=features,
        )

    def SupportsFeature(self, request: Any) -> resource_pb2.SupportsFeatureResponse:  # noqa: N802
        """The same for SDKs that ask one by one, by names in camelCase."""
        known = {name.replace("_", "").lower() for name in _FEATURES}
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id.lower() in known)


def unknown_until_made(entry: Entry) -> Sequence[str]:
    """Outputs of a resource that a preview cannot know."""
    if entry.type == images.TYPE:
        return images.COMPUTED
    return simulation.unknown_until_made(entry.type, entry.outputs)


def _returned(response: _Response, result: Mapping[str, Any]) -> _Response:
    getattr(response, "return").CopyFrom(wire.struct(result))  # the field has the name of a keyword
    return response
