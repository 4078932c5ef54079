"""The awsx plugin: remote components, whose children it registers with the engine that asked for them.

The components themselves are those that preflight shows (``preflight.remote``); here their registrations go to the
engine's monitor.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import grpc
import pulumi_aws
import pulumi_docker_build
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from preflight import wire
from preflight.remote import CONSTRUCTORS, Construction
from tests.engine.cloud.plugin import Plugin
from tests.engine.cloud.provider import Call, Ground

if TYPE_CHECKING:
    from preflight.monitor import Monitor

# The SDKs register their modules when they are imported: from these the components know the versions of their children.
_SDKS = (pulumi_aws, pulumi_docker_build)
_LIMIT = 400 << 20  # bytes, as the engine's own
_FLAGS = {"acceptSecrets": True, "acceptResources": True, "supportsPartialValues": True}


class _Mode(NamedTuple):
    preview: bool


class _Monitor:
    """The engine's monitor, as far as a component needs it."""

    def __init__(self, address: str, *, preview: bool) -> None:
        self.run = _Mode(preview)
        channel = grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", _LIMIT)])
        self._stub = resource_pb2_grpc.ResourceMonitorStub(channel)
        self._channel = channel

    def RegisterResource(self, request: Any) -> Any:
        """Registers a component or a child with the engine."""
        for flag, value in _FLAGS.items():
            setattr(request, flag, value)
        return self._stub.RegisterResource(request)

    def Invoke(self, request: Any) -> Any:
        """A lookup that a component makes."""
        request.acceptResources = True
        return self._stub.Invoke(request)

    def finish(self, urn: str, outputs: Mapping[str, Any]) -> None:
        """Ends a component."""
        self._stub.RegisterResourceOutputs(
            resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=wire.struct(outputs))
        )
        self._channel.close()


class Components(Plugin):
    """The calls about remote components; awsx has no resources of its own."""

    def __init__(self, ground: Ground, version: str) -> None:
        super().__init__(version)
        self._ground = ground

    def Construct(self, request: Any, context: Any) -> Any:
        """The component, its children, its outputs and what these depend on."""
        constructor = CONSTRUCTORS.get(request.type)
        if constructor is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the simulated awsx has no component {request.type}")
            raise AssertionError("abort raises")
        with self._ground.lock:
            call = Call(method="Construct", type=request.type, name=request.name, preview=request.dryRun)
            self._ground.calls.append(call)
        monitor = _Monitor(request.monitorEndpoint, preview=request.dryRun)
        asked = _registration(request)
        urn = monitor.RegisterResource(asked).urn
        build = Construction(cast("Monitor", monitor), _with_inputs(asked, request), urn, self._ground.place)
        state, needed = constructor(build)
        monitor.finish(urn, state)
        dependencies = {
            key: provider_pb2.ConstructResponse.PropertyDependencies(urns=urns) for key, urns in needed.items()
        }
        return provider_pb2.ConstructResponse(urn=urn, state=wire.struct(state), stateDependencies=dependencies)


def _registration(request: Any) -> resource_pb2.RegisterResourceRequest:
    return resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=request.parent,
        dependencies=request.dependencies,
        providers=request.providers,
        aliases=request.aliases,
        protect=request.protect,
    )


def _with_inputs(asked: resource_pb2.RegisterResourceRequest, request: Any) -> resource_pb2.RegisterResourceRequest:
    """As the program asked for the component: what it was given, and where that came from."""
    full = resource_pb2.RegisterResourceRequest()
    full.CopyFrom(asked)
    full.object.CopyFrom(request.inputs)
    for key, dependencies in request.inputDependencies.items():
        full.propertyDependencies[key].urns.extend(dependencies.urns)
    return full
