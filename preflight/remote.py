"""Components of pulumi_awsx, which another process builds: their children and outputs, as awsx 3.11 makes them."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi.runtime.proto import resource_pb2

from preflight import wire
from preflight.simulation import sdk_types, shapes
from preflight.simulation.place import Place, digest

if TYPE_CHECKING:
    from preflight.monitor import Monitor

State = tuple[dict[str, Any], dict[str, list[str]]]
"""Outputs of a component, and the URNs that each of them needs."""


URN = "urn"
"""The key of a resource's URN among its outputs in ``Construction.whole``."""


class Child(NamedTuple):
    """A resource inside a component; ``id`` is None while it is unknown."""

    urn: str
    id: str | None
    outputs: Mapping[str, Any]

    @property
    def value(self) -> str:
        """The id as a property value."""
        return self.id if self.id is not None else wire.UNKNOWN

    @property
    def reference(self) -> dict[str, Any]:
        """The resource as a property value."""
        return wire.reference(self.urn, self.id)

    def output(self, key: str) -> Any:
        """One of its outputs, or unknown."""
        return self.outputs.get(key, wire.UNKNOWN)


class RefusedComponentError(Exception):
    """What the component itself refuses: its constructor throws, so that the deployment stops there."""


def dependencies(value: Any) -> list[str]:
    """URNs that a part of a component's ``raw`` inputs depends on: those of its outputs, and of what it refers to."""
    return sorted(wire.output_dependencies(value) | set(_referred(value)))


def _referred(value: Any) -> list[str]:
    if isinstance(value, dict):
        if value.get(wire.SIGNATURE) == wire.REFERENCE:
            return [value["urn"]]
        return [urn for element in value.values() for urn in _referred(element)]
    return [urn for element in value for urn in _referred(element)] if isinstance(value, list) else []


class Construction:
    """One component being built."""

    def __init__(
        self, monitor: "Monitor", request: resource_pb2.RegisterResourceRequest, urn: str, place: Place
    ) -> None:
        self._monitor = monitor
        self._request = request
        self.urn = urn
        self.type, self.name = request.type, request.name
        self.place = place
        self.preview = monitor.run.preview
        self.raw = raw = shapes.typed(request.type, wire.plain(request.object))
        self.inputs: dict[str, Any] = {key: wire.flat(value) for key, value in raw.items()}
        self._needs = {
            key: sorted({*request.propertyDependencies[key].urns, *dependencies(value)}) for key, value in raw.items()
        }

    def needs(self, key: str) -> list[str]:
        """URNs that an input of the component depends on."""
        return self._needs.get(key, [])

    def whole(self, value: Any) -> Any:
        """A part of ``raw`` as ``inputs`` have it, with all outputs of a resource in place of a reference to it."""
        if isinstance(value, list):
            return [self.whole(element) for element in value]
        if not isinstance(value, dict):
            return value
        mark = value.get(wire.SIGNATURE)
        if mark == wire.OUTPUT:
            inner = self.whole(value["value"]) if "value" in value else wire.UNKNOWN
            return wire.secret(inner) if value.get("secret") is True else inner
        if mark == wire.REFERENCE:
            found = self.invoke("pulumi:pulumi:getResource", {"urn": value["urn"]}) or {}
            return {**wire.flat(found.get("state") or {}), "id": wire.flat(value), URN: value["urn"]}
        return {key: self.whole(element) for key, element in value.items()}

    def invoke(
        self, token: str, arguments: Mapping[str, Any], otherwise: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """The answer to a lookup, or None where it waits for what is not known yet. `otherwise`: a stand-in for what
        nothing else answers, which a note names as one; without it the program stops there."""
        if wire.has_unknown(arguments):
            return None
        provider = self._request.providers.get(token.partition(":")[0], "")
        request = resource_pb2.ResourceInvokeRequest(tok=token, args=wire.struct(arguments), provider=provider)
        answer = self._monitor.look_up(request, otherwise)
        return None if answer.unknown else wire.plain(getattr(answer, "return"))

    def inner(self, type_token: str, name: str) -> str:
        """Registers a component inside this one; its URN is the parent of what it makes."""
        request = resource_pb2.RegisterResourceRequest(
            type=type_token,
            name=name,
            parent=self.urn,
            providers=self._request.providers,
            dependencies=sorted(self._request.dependencies),
            sourcePosition=self._request.sourcePosition,
        )
        return str(self._monitor.RegisterResource(request).urn)

    def child(
        self,
        type_token: str,
        name: str,
        inputs: Mapping[str, Any],
        *,
        parent: str | None = None,
        needs: Mapping[str, list[str]] | None = None,
    ) -> Child:
        """Registers a child; ``needs`` are its property dependencies."""
        given = {key: value for key, value in inputs.items() if value is not None}
        needs = {key: urns for key, urns in (needs or {}).items() if key in given and urns}
        package = type_token.partition(":")[0]
        request = resource_pb2.RegisterResourceRequest(
            type=type_token,
            name=name,
            parent=parent or self.urn,
            custom=True,
            object=wire.struct(given),
            provider=self._request.providers.get(package, ""),
            version=_version(type_token),
            dependencies=sorted({urn for urns in needs.values() for urn in urns} | {*self._request.dependencies}),
            sourcePosition=self._request.sourcePosition,
        )
        for key in given:  # one without any too: where all are missing, the engine lets each need all that is needed
            request.propertyDependencies[key].urns.extend(needs.get(key, ()))
        answer = self._monitor.RegisterResource(request)
        return Child(answer.urn, answer.id or None, wire.plain(answer.object))


def _version(type_token: str) -> str:
    """The version of the SDK that is installed for the type, as the real component's own SDK would send its own."""
    package, module, _ = type_token.split(":")
    if sdk_types.resource_class(type_token) is None:  # installed with awsx, and never imported by a program
        from importlib import metadata  # noqa: PLC0415  not in runs without such a component

        try:
            return metadata.version(f"pulumi-{package}")
        except metadata.PackageNotFoundError:
            return ""
    from pulumi.runtime import rpc  # noqa: PLC0415

    found = rpc.get_resource_module(package, module, "")
    return str(found.version()) if found is not None else ""


def _repository(build: Construction) -> State:
    inputs = {key: value for key, value in build.inputs.items() if key != "lifecyclePolicy"}
    needs = {key: build.needs(key) for key in inputs}
    repository = build.child("aws:ecr/repository:Repository", build.name.lower(), inputs, needs=needs)
    state: dict[str, Any] = {"repository": repository.reference, "url": repository.output("repositoryUrl")}
    policy = build.inputs.get("lifecyclePolicy") or {}
    needed = {"repository": [repository.urn], "url": [repository.urn]}
    if not policy.get("skip"):
        document = wire.UNKNOWN if wire.has_unknown(policy) else _lifecycle_document(policy)
        arguments = {"repository": repository.output("name"), "policy": document}
        child = build.child(
            "aws:ecr/lifecyclePolicy:LifecyclePolicy",
            build.name.lower(),
            arguments,
            needs={"repository": [repository.urn]},
        )
        state["lifecyclePolicy"] = child.reference
        needed["lifecyclePolicy"] = [child.urn]
    return state, needed


def _lifecycle_document(policy: Mapping[str, Any]) -> str:
    import json  # noqa: PLC0415

    rules = policy.get("rules") or [
        {"description": "remove untagged images", "tagStatus": "untagged", "maximumNumberOfImages": 1}
    ]
    rendered = []
    for priority, rule in enumerate(rules, 1):
        selection: dict[str, Any] = {"tagStatus": rule.get("tagStatus", "any")}
        if rule.get("tagPrefixList"):
            selection["tagPrefixList"] = rule["tagPrefixList"]
        if rule.get("maximumAgeLimit") is not None:
            selection |= {"countType": "sinceImagePushed", "countNumber": rule["maximumAgeLimit"], "countUnit": "days"}
        else:
            selection |= {"countType": "imageCountMoreThan", "countNumber": rule.get("maximumNumberOfImages", 1)}
        entry = {"rulePriority": priority, "description": rule.get("description", ""), "selection": selection}
        rendered.append({**entry, "action": {"type": "expire"}})
    return json.dumps({"rules": rendered})


def _image(build: Construction) -> State:
    """Builds inside an apply on its inputs: while the repository's URL is unknown there is no child at all."""
    url = build.inputs.get("repositoryUrl", wire.UNKNOWN)
    if wire.has_unknown(build.inputs):
        return {"imageUri": wire.UNKNOWN}, {"imageUri": build.needs("repositoryUrl")}
    context = build.inputs.get("context") or "."
    tag = build.inputs.get("imageTag") or "latest"
    arguments = {
        "tags": [f"{url}:{tag}"],
        "push": True,
        "context": {"location": context},
        "dockerfile": {"location": build.inputs.get("dockerfile") or f"{context}/Dockerfile"},
        "buildArgs": build.inputs.get("args"),
        "target": build.inputs.get("target"),
        "platforms": [build.inputs["platform"]] if build.inputs.get("platform") else None,
        "cacheFrom": [{"registry": {"ref": ref}} for ref in build.inputs.get("cacheFrom") or ()] or None,
    }
    name = build.inputs.get("imageName") or digest(f"{url}{context}", 8)
    child = build.child("docker-build:index:Image", str(name), arguments, needs={"tags": build.needs("repositoryUrl")})
    return {"imageUri": _without_tag(child.output("ref"))}, {"imageUri": [child.urn]}


def _without_tag(reference: str) -> str:
    """``host/name:tag@digest`` without the tag; unknown while nothing is built."""
    image, at, content = reference.partition("@")
    head, _, tail = image.rpartition(":")
    return f"{head if head and '/' not in tail else image}{at}{content}" if at else reference


def _vpc(build: Construction) -> State:
    from preflight.remote_vpc import vpc  # noqa: PLC0415  needs ipaddress, which most runs do not

    return vpc(build)


def _default_vpc(build: Construction) -> State:
    from preflight import remote_lb  # noqa: PLC0415  most runs have none

    return remote_lb.of_account(build)


def _balancer(build: Construction) -> State:
    from preflight import remote_lb  # noqa: PLC0415

    return remote_lb.balancer(build)


def _task_definition(build: Construction) -> State:
    from preflight import remote_tasks  # noqa: PLC0415  most runs have none

    return remote_tasks.definition(build)


def _service(build: Construction) -> State:
    from preflight import remote_ecs  # noqa: PLC0415

    return remote_ecs.service(build)


CONSTRUCTORS: dict[str, Callable[[Construction], State]] = {
    "awsx:ecr:Repository": _repository,
    "awsx:ecr:Image": _image,
    "awsx:ec2:DefaultVpc": _default_vpc,
    "awsx:ec2:Vpc": _vpc,
    "awsx:ecs:EC2Service": _service,
    "awsx:ecs:EC2TaskDefinition": _task_definition,
    "awsx:ecs:FargateService": _service,
    "awsx:ecs:FargateTaskDefinition": _task_definition,
    "awsx:lb:ApplicationLoadBalancer": _balancer,
    "awsx:lb:NetworkLoadBalancer": _balancer,
}
