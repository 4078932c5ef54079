"""Resource graphs for tests: one description, seen as a preview (ids unknown) and as an update (ids known).

Properties go through pulumi_policy's own protobuf form, deserialisation and proxies, so that a control meets exactly
what it meets in a run: floats, `Sequence` and `Mapping` proxies that raise on an unknown, per-property dependencies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from google.protobuf import json_format, struct_pb2
from guardrails import kinds
from guardrails.config import Config
from guardrails.controls import CONTROLS
from guardrails.graph import Graph
from guardrails.run import evaluate
from guardrails.verdicts import Outcome, Run, Scope, Verdict
from pulumi_policy import PolicyResource, PolicyResourceOptions, ResourceValidationArgs, proxy
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.policy import PolicyCustomTimeouts, PolicyProviderResource

from tests.policy import sdk

Phase = Literal["preview", "update"]
PHASES: tuple[Phase, ...] = ("preview", "update")
TODAY = date(2026, 1, 15)
UNKNOWN = proxy.UNKNOWN_STRING_VALUE


@dataclass(frozen=True)
class Output:
    """A property of a resource that AWS will tell."""

    resource: Resource
    key: str

    @property
    def sources(self) -> tuple[Resource, ...]:
        return (self.resource,)

    def resolved(self) -> Any:
        return self.resource.known(self.key)


@dataclass(frozen=True)
class Derived:
    """What an `apply` makes of outputs: unknown as a whole at preview."""

    outputs: tuple[Output, ...]
    make: Callable[..., Any]

    @property
    def sources(self) -> tuple[Resource, ...]:
        return tuple(output.resource for output in self.outputs)

    def resolved(self) -> Any:
        return self.make(*(output.resolved() for output in self.outputs))


@dataclass(frozen=True)
class Elsewhere:
    """A value of which the program shows no source: a lost edge. Known at update."""

    value: Any
    sources: tuple[Resource, ...] = ()

    def resolved(self) -> Any:
        return self.value


def json_of(*outputs: Output, make: Callable[..., Any]) -> Derived:
    """`Output.json_dumps` over a document with outputs inside."""
    return Derived(outputs, lambda *values: json.dumps(make(*values)))


@dataclass(eq=False)
class Resource:
    """One resource; change `inputs` or `type` in a test."""

    type: str
    name: str
    inputs: dict[str, Any]
    parent: Resource | None = None
    protect: bool = False
    ignores: list[str] = field(default_factory=list)
    provider: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        return kinds.kind_of(self.type)

    @property
    def urn(self) -> str:
        return f"urn:pulumi:test::program::{self.type}::{self.name}"

    @property
    def id(self) -> Output:
        return Output(self, "id")

    @property
    def arn(self) -> Output:
        return Output(self, "arn")

    def out(self, key: str) -> Output:
        return Output(self, key)

    def known(self, key: str) -> Any:
        """What AWS says: an input, or an invented id that no other resource has."""
        if key in self.inputs:
            return resolved(self.inputs[key])
        if self.kind == kinds.BUCKET:
            name = self.inputs.get("bucket", f"{self.name}-1a2b3c")
            return f"arn:aws:s3:::{name}" if key == "arn" else name
        prefix = "igw" if self.kind == kinds.INTERNET_GATEWAY else self.kind.rpartition(":")[2].lower()
        return f"arn:aws:x:::{prefix}/{self.name}" if key == "arn" else f"{prefix}-{key}-{self.name}"

    def properties(self, phase: Phase) -> dict[str, Any]:
        """Outputs as a stack policy sees them: what the provider makes up is unknown at preview, and there at update."""
        if not self.type.startswith("aws:"):
            return {}
        shape = sdk.shape(self.type) or sdk.shape(self.kind)
        made = ("id", "arn", "name", "defaultSecurityGroupId", "mainRouteTableId", "defaultRouteTableId")
        computed = (*made, *(shape.made if shape is not None else ()))
        if phase == "preview":
            return {**dict.fromkeys(computed, UNKNOWN), **hidden(self.inputs)}
        lists = shape.lists if shape is not None else ()
        return {key: [] for key in lists} | {key: self.known(key) for key in made} | dict(resolved(self.inputs))

    def edges(self) -> dict[str, list[Resource]]:
        found = {key: list(dict.fromkeys(_sources(value))) for key, value in self.inputs.items()}
        return {key: sources for key, sources in found.items() if sources}


@dataclass
class Program:
    """All resources of a program by logical name."""

    resources: dict[str, Resource] = field(default_factory=dict)

    def add(self, type_: str, name: str, parent: Resource | None = None, /, **inputs: Any) -> Resource:
        assert name not in self.resources, f"{name} is taken"
        self.resources[name] = Resource(type_, name, inputs, parent)
        return self.resources[name]

    def __getitem__(self, name: str) -> Resource:
        return self.resources[name]

    def __delitem__(self, name: str) -> None:
        del self.resources[name]

    def sent(self, phase: Phase) -> list[PolicyResource]:
        """What pulumi_policy hands to a stack policy."""
        made = {(one := _sent(resource, phase)).urn: one for resource in self.resources.values()}
        for one, resource in zip(made.values(), self.resources.values(), strict=True):
            _join(one, resource, made)
        return list(made.values())

    def resent(self, name: str, phase: Phase, others: Iterable[PolicyResource]) -> PolicyResource:
        """One of them as it has become, beside what was sent of the others: a preview of these shows nothing of it."""
        one = _sent(self[name], phase)
        _join(one, self[name], {other.urn: other for other in others})
        return one

    def validation(self, name: str, phase: Phase) -> ResourceValidationArgs:
        """What pulumi_policy hands to a resource policy: inputs, without edges."""
        resource = self[name]
        inputs = hidden(resource.inputs) if phase == "preview" else resolved(resource.inputs)
        return ResourceValidationArgs(
            resource.type, real(inputs), resource.urn, resource.name, _options(resource), _provider(resource), {}, {}
        )

    def evidence(self, phase: Phase) -> dict[str, Any]:
        components = [name for name, resource in self.resources.items() if not resource.type.startswith("aws:")]
        return {self[name].urn: self.validation(name, phase).props for name in components}

    def graph(self, phase: Phase) -> Graph:
        return Graph.of_stack(self.sent(phase), self.evidence(phase))

    def verdicts(self, phase: Phase, config: Config | None = None, control: str | None = None) -> list[Verdict]:
        """What all controls say; or one of them, which does not depend on what the others do."""
        asked = [one for one in CONTROLS if control in (None, one.id)]
        assert control is None or [one.scope is Scope.RUN for one in asked] == [False], control
        return evaluate(asked, self.graph(phase), config or Config(), run_of(phase))


def run_of(phase: Phase) -> Run:
    """The run that all resources here belong to."""
    return Run("test", "program", phase == "update", TODAY)


def outcomes(program: Program, phase: Phase, control: str, config: Config | None = None) -> dict[str, Outcome]:
    """What one control says of each resource; the worst where it says several things."""
    order = [Outcome.PASS, Outcome.UNDECIDED, Outcome.VIOLATION, Outcome.ERROR]
    found: dict[str, Outcome] = {}
    for verdict in program.verdicts(phase, config, control):
        worst = max(found.get(verdict.node.name, Outcome.PASS), verdict.finding.outcome, key=order.index)
        found[verdict.node.name] = worst
    return found


def complaints(program: Program, phase: Phase, control: str, config: Config | None = None) -> dict[str, Outcome]:
    """`outcomes` without the passes."""
    found = outcomes(program, phase, control, config)
    assert found, f"{control} judged nothing"
    return {name: outcome for name, outcome in found.items() if outcome is not Outcome.PASS}


def only(program: Program, phase: Phase, control: str, config: Config | None = None) -> Verdict:
    """The one verdict of the control that is not a pass."""
    found = program.verdicts(phase, config, control)
    (verdict,) = [verdict for verdict in found if verdict.finding.outcome is not Outcome.PASS]
    return verdict


def real(properties: Mapping[str, Any]) -> Any:
    """Properties after the wire and pulumi_policy's own proxies, which nobody changes: equal ones are the same object."""
    return _received(json.dumps(dict(properties)))


@cache
def _received(properties: str) -> Any:
    struct = struct_pb2.Struct()
    struct.update(json.loads(properties))
    return proxy.unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(struct)))


def _sent(resource: Resource, phase: Phase) -> PolicyResource:
    """A resource without those that it points to."""
    properties = real(resource.properties(phase))
    return PolicyResource(
        resource.type, properties, resource.urn, resource.name, _options(resource), _provider(resource), None, [], {}
    )


def _join(one: PolicyResource, resource: Resource, sent: Mapping[str, PolicyResource]) -> None:
    """Adds those that it points to."""
    one.parent = sent.get(resource.parent.urn) if resource.parent else None
    one.property_dependencies = {
        key: [sent[urn] for source in sources if (urn := source.urn) in sent]
        for key, sources in resource.edges().items()
    }


def _options(resource: Resource) -> PolicyResourceOptions:
    parent = resource.parent.urn if resource.parent else None
    return PolicyResourceOptions(
        resource.protect, resource.ignores, None, [], PolicyCustomTimeouts(0, 0, 0), [], parent
    )


def _provider(resource: Resource) -> PolicyProviderResource | None:
    if resource.provider is None:
        return None
    urn = "urn:pulumi:test::program::pulumi:providers:aws::aws"
    return PolicyProviderResource("pulumi:providers:aws", real(resource.provider), urn, "aws")


def hidden(value: Any) -> Any:
    """The value as a preview sends it."""
    if isinstance(value, Output | Derived | Elsewhere):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: hidden(item) for key, item in value.items()}
    return [hidden(item) for item in value] if isinstance(value, list) else value


def resolved(value: Any) -> Any:
    """The value as an update sends it."""
    if isinstance(value, Output | Derived | Elsewhere):
        return value.resolved()
    if isinstance(value, Mapping):
        return {key: resolved(item) for key, item in value.items()}
    return [resolved(item) for item in value] if isinstance(value, list) else value


def _sources(value: Any) -> Iterator[Resource]:
    if isinstance(value, Output | Derived | Elsewhere):
        yield from value.sources
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _sources(item)
    elif isinstance(value, list):
        for item in value:
            yield from _sources(item)
