"""Small stacks by hand, as a report holds them: with ids known, as after an update, or by edges alone."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from preflight.reach import Surroundings, matrix, reach
from preflight.reach.candidates import Candidates
from preflight.reach.graph import Graph, Node
from preflight.reach.services import Service
from preflight.reach.stores import Store

SEEN: tuple[dict[str, bool], ...] = ({}, {"edges": False}, {"known": False})
"""A report has values and edges; each alone must do, where a value is not known or an edge was lost."""
UNKNOWN = {"$unknown": True}
TRUST = {
    "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
}


class Ref(NamedTuple):
    """What another resource will be known by; `suffix` stands behind it."""

    to: Mapping[str, Any]
    key: str = "id"
    suffix: str = ""


class Doc(NamedTuple):
    """A policy document as JSON text."""

    statements: tuple[Mapping[str, Any], ...]


def resource(token: str, name: str, /, parent: str | None = None, **inputs: Any) -> dict[str, Any]:
    """One resource; its inputs may hold `Ref` and `Doc` at any depth."""
    return {
        "urn": f"urn:pulumi:test::test::{token}::{name}", "type": token, "name": name, "parent": parent,
        "custom": token.startswith("aws:"), "remote": False, "component": None, "inputs": inputs,
    }  # fmt: skip


def output(entry: Mapping[str, Any], key: str) -> str:
    """An invented but well-formed output."""
    service = entry["type"].split(":")[1].partition("/")[0].removeprefix("a" if ":alb/" in entry["type"] else "")
    if key == "arn" and service == "s3":
        return f"arn:aws:s3:::{entry['name']}"
    if key == "arn":
        return f"arn:aws:{service}:us-east-1:111122223333:{entry['name']}"
    return f"{key}-of-{service}-{entry['name']}"


def surroundings(*resources: dict[str, Any], known: bool = True, edges: bool = True) -> Surroundings:
    """What is read of such a stack. `known`: whether ids and ARNs are; `edges`: whether it is seen what came from where."""
    entries, outputs = [], {}
    for each in resources:
        inputs = {key: _resolved(value, known) for key, value in each["inputs"].items()}
        behind = {key: sorted(_behind(value)) if edges else [] for key, value in each["inputs"].items()}
        entries.append({**each, "inputs": inputs, "propertyDependencies": behind})
        if known:
            keys = (
                "id",
                "arn",
                "dnsName",
                "invokeArn",
                "mainRouteTableId",
                "defaultSecurityGroupId",
                "defaultNetworkAclId",
                "primaryNetworkInterfaceId",
                "functionUrl",
                "publicDns",
            )
            outputs[each["urn"]] = {key: output(each, key) for key in keys} | {
                "name": inputs.get("name") or each["name"],
                "availabilityZone": "us-east-1z",  # as a simulation would choose it: never a fact
            }
    return Surroundings(Graph(entries, outputs))


def reached(*resources: dict[str, Any], known: bool = True, edges: bool = True) -> dict[str, Any]:
    """The `reach` section of such a stack. Checks on the way that its index leaves no pair out."""
    around = surroundings(*resources, known=known, edges=edges)
    found = reach(around)
    public = around.entries.public_stores
    everything = _Everything(around.stores, around.rights, around.firewall)
    assert list(matrix.rows(around.services, everything, around.ways, around.rights, public)) == found["matrix"]
    others = matrix.others(around.services, everything, around.rights)
    assert {store["urn"]: store["alsoRights"] for store in found["stores"] if store["alsoRights"]} == others
    return found


class _Everything(Candidates):
    def of(self, service: Service) -> list[Store]:
        return list(self._stores)

    def of_role(self, who: Node) -> list[Store]:
        return list(self._stores)


def row(found: Mapping[str, Any], service: Mapping[str, Any], store: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row of the matrix for a pair, None when there is none."""
    rows = [each for each in found["matrix"] if (each["service"], each["store"]) == (service["urn"], store["urn"])]
    assert len(rows) <= 1
    return rows[0] if rows else None


def changed(entry: dict[str, Any], **inputs: Any) -> dict[str, Any]:
    """The same resource with other inputs; None takes one away."""
    merged = {**entry["inputs"], **inputs}
    return {**entry, "inputs": {key: value for key, value in merged.items() if value is not None}}


def swapped(stack: Mapping[str, dict[str, Any]], *changes: dict[str, Any], without: str = "") -> list[dict[str, Any]]:
    """The resources of a stack with some replaced by those of the same name and type, added, or left out."""
    urns = {each["urn"]: each for each in changes}
    kept = [urns.pop(each["urn"], each) for name, each in stack.items() if name != without]
    return [*kept, *urns.values()]


def _resolved(value: Any, known: bool) -> Any:
    if isinstance(value, Ref):
        return output(value.to, value.key) + value.suffix if known else UNKNOWN
    if isinstance(value, Doc):
        if not known and _behind(value):
            return UNKNOWN
        return json.dumps({"Version": "2012-10-17", "Statement": _resolved(list(value.statements), known)})
    if isinstance(value, dict):
        return {key: _resolved(each, known) for key, each in value.items()}
    return [_resolved(each, known) for each in value] if isinstance(value, list) else value


def _behind(value: Any) -> set[str]:
    if isinstance(value, Ref):
        return {value.to["urn"]}
    if isinstance(value, Doc):
        return {urn for each in value.statements for urn in _behind(dict(each))}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {urn for each in parts for urn in _behind(each)}
