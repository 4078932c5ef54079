"""Resource and invoke transforms: run by asking the program's own callback server, as the engine does."""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from preflight import wire

if TYPE_CHECKING:
    from google.protobuf.message import Message

_CHANNEL = [("grpc.max_receive_message_length", 400 << 20)]

# Same meaning, another name: field of the request -> field of the transform's options.
_LISTS = {
    "dependencies": "depends_on",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "additionalSecretOutputs": "additional_secret_outputs",
    "aliases": "aliases",
    "replace_with": "replace_with",
    "hideDiffs": "hide_diff",
}
_TEXTS = {
    "version": "version",
    "provider": "provider",
    "pluginDownloadURL": "plugin_download_url",
    "deletedWith": "deleted_with",
    "importId": "import",
}


class Transforms:
    """The transforms of a run, by who declared them."""

    def __init__(self) -> None:
        self.stack: list[callback_pb2.Callback] = []
        self.stack_invokes: list[callback_pb2.Callback] = []
        self._by_urn: dict[str, list[callback_pb2.Callback]] = {}
        self._stubs: dict[str, Any] = {}
        self._lock = threading.Lock()

    def declare(self, urn: str, callbacks: Iterable[callback_pb2.Callback]) -> None:
        """Keeps the transforms of a resource: they also apply to its descendants."""
        declared = list(callbacks)
        if declared:
            with self._lock:
                self._by_urn[urn] = declared

    def of(
        self, request: resource_pb2.RegisterResourceRequest, ancestors: Iterable[str]
    ) -> list[callback_pb2.Callback]:
        """What applies to a registration, in the engine's order: its own, its ancestors' (nearest first), stack's."""
        with self._lock:
            inherited = [callback for urn in ancestors for callback in self._by_urn.get(urn, ())]
        return [*request.transforms, *inherited, *self.stack]

    def run(
        self, request: resource_pb2.RegisterResourceRequest, callbacks: Iterable[callback_pb2.Callback]
    ) -> resource_pb2.RegisterResourceRequest:
        """The registration as the transforms leave it. An exception in a transform is raised here with its text."""
        result = resource_pb2.RegisterResourceRequest()
        result.CopyFrom(request)
        own = bool(request.transforms)
        if own:
            _carry_dependencies(result)
        for callback in callbacks:
            asked = resource_pb2.TransformRequest(
                type=result.type,
                name=result.name,
                custom=result.custom,
                parent=result.parent,
                properties=result.object,
                options=_options(result),
            )
            answer = resource_pb2.TransformResponse.FromString(self._call(callback, asked))
            result.object.CopyFrom(answer.properties)
            if answer.HasField("options"):
                _apply(answer.options, result)
        _collect_dependencies(result, anew=own)
        return result

    def run_invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeRequest:
        """The lookup as the stack's invoke transforms leave it."""
        result = resource_pb2.ResourceInvokeRequest()
        result.CopyFrom(request)
        for callback in self.stack_invokes:
            options = resource_pb2.TransformInvokeOptions(
                provider=result.provider, version=result.version, plugin_download_url=result.pluginDownloadURL
            )
            asked = resource_pb2.TransformInvokeRequest(token=result.tok, args=result.args, options=options)
            answer = resource_pb2.TransformInvokeResponse.FromString(self._call(callback, asked))
            result.args.CopyFrom(answer.args)
            if answer.HasField("options"):
                result.provider = answer.options.provider
                result.version = answer.options.version
        return result

    def _call(self, callback: callback_pb2.Callback, request: "Message") -> bytes:
        with self._lock:
            if callback.target not in self._stubs:
                channel = grpc.insecure_channel(callback.target, options=_CHANNEL)
                self._stubs[callback.target] = callback_pb2_grpc.CallbacksStub(channel)
            stub = self._stubs[callback.target]
        asked = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        response: bytes = stub.Invoke(asked).response
        return response


def _carry_dependencies(request: resource_pb2.RegisterResourceRequest) -> None:
    """Makes output values of inputs that depend on something, so that transforms hand the dependencies on."""
    values = wire.plain(request.object)
    for key, needs in request.propertyDependencies.items():
        missing = set(needs.urns) - wire.output_dependencies(values.get(key))
        if key in values and missing:
            values[key] = wire.output(values[key], missing)
    request.object.CopyFrom(wire.struct(values))


def _collect_dependencies(request: resource_pb2.RegisterResourceRequest, *, anew: bool) -> None:
    """Dependencies after the transforms, as the engine does it (source_eval.go, v3.259).

    Where the resource has transforms of its own they are those of the output values (``anew``). Else they stay, even
    those of an input that a transform took away, and output values that a transform put in add theirs.
    """
    values = wire.plain(request.object)
    found = {key: wire.output_dependencies(value) for key, value in values.items()}
    if anew:
        request.ClearField("propertyDependencies")
        needed = {*request.dependencies}.union(*found.values())
        del request.dependencies[:]
        request.dependencies.extend(sorted(needed))
    for key, urns in found.items():
        known = request.propertyDependencies[key].urns
        known.extend(sorted(urns - {*known}))


def _options(request: resource_pb2.RegisterResourceRequest) -> resource_pb2.TransformResourceOptions:
    options = resource_pb2.TransformResourceOptions()
    for ours, theirs in _LISTS.items():
        getattr(options, theirs).extend(getattr(request, ours))
    for ours, theirs in _TEXTS.items():
        setattr(options, theirs, getattr(request, ours))
    for package, reference in request.providers.items():
        options.providers[package] = reference
    if request.HasField("protect"):
        options.protect = request.protect
    if request.HasField("retainOnDelete"):
        options.retain_on_delete = request.retainOnDelete
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    if request.HasField("customTimeouts"):
        options.custom_timeouts.CopyFrom(request.customTimeouts)
    if request.HasField("hooks"):
        options.hooks.CopyFrom(request.hooks)
    return options


def _apply(options: resource_pb2.TransformResourceOptions, request: resource_pb2.RegisterResourceRequest) -> None:
    for ours, theirs in _LISTS.items():
        request.ClearField(ours)  # type: ignore[arg-type]
        getattr(request, ours).extend(getattr(options, theirs))
    for ours, theirs in _TEXTS.items():
        setattr(request, ours, getattr(options, theirs))
    request.ClearField("providers")
    for package, reference in options.providers.items():
        request.providers[package] = reference
    for ours, theirs in (("protect", "protect"), ("retainOnDelete", "retain_on_delete")):
        if options.HasField(theirs):  # type: ignore[arg-type]
            setattr(request, ours, getattr(options, theirs))
        else:
            request.ClearField(ours)  # type: ignore[arg-type]
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.deleteBeforeReplace = options.delete_before_replace
    for ours, theirs in (("customTimeouts", "custom_timeouts"), ("hooks", "hooks")):
        request.ClearField(ours)  # type: ignore[arg-type]
        if options.HasField(theirs):  # type: ignore[arg-type]
            getattr(request, ours).CopyFrom(getattr(options, theirs))
