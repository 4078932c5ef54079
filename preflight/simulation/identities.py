"""What AWS keeps only once: inputs that no two resources of a kind may have at the same time.

A deployment makes new things before it deletes old ones, so a name that is handed on is taken when the new one asks for
it. ``identities.json`` says by which inputs, and with which error AWS answers, with its sources. Not in it is what AWS
hands over instead of refusing (queues, topics, alarms, attached policies).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Inputs = Mapping[str, Any]
ZONE = "$zone"
"""Beside the inputs of a record: the name of its zone, where that is known."""
Key = tuple[str, ...]


class Identity(NamedTuple):
    """What is unique of a type: `keys` of its inputs, without those that are not given. `call` is the operation that
    refuses with `error`, as botocore names both; `everywhere` is unique in the account, not in each region;
    `structural` is no name, so that the provider does not delete the old one first by itself."""

    keys: Callable[[Inputs], Iterator[Key]]
    inputs: tuple[str, ...]
    call: str
    error: str
    everywhere: bool = False
    structural: bool = False
    also: tuple[str, ...] = ()
    """Further inputs that the keys may be made of."""

    @property
    def source(self) -> str:
        """Where the error is documented."""
        service, _, operation = self.call.partition(" ")
        if service == "ec2":
            return f"EC2 API reference, error codes: {self.error}"
        return f"API reference of {service}, {operation}: {self.error}"

    @property
    def path(self) -> str:
        """The input to name when a person is told."""
        return self.inputs[-1]


def identity(type_token: str) -> Identity | None:
    """What AWS keeps only once of a type; None for types of which it is not known."""
    return rows().get(type_token.replace("aws:alb/", "aws:lb/"))


def text(value: Any) -> str | None:
    """A value as AWS compares it; None for one that is not given or not known."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _all(*inputs: str) -> Callable[[Inputs], Iterator[Key]]:
    def keys(given: Inputs) -> Iterator[Key]:
        found = [text(given.get(name)) for name in inputs]
        if all(found):
            yield tuple(value or "" for value in found)

    return keys


def _parameter(given: Inputs) -> Iterator[Key]:
    """Whoever says that it may overwrite is not refused."""
    if given.get("overwrite") is not True:
        yield from _all("name")(given)


def _record(given: Inputs) -> Iterator[Key]:
    zone, name, kind = (text(given.get(key)) for key in ("zoneId", "name", "type"))
    if zone and name is not None and kind and given.get("allowOverwrite") is not True:
        yield zone, _full(name, text(given.get(ZONE))), kind, text(given.get("setIdentifier")) or ""


def _full(name: str, zone: str | None) -> str:
    """The name as the provider sends it: that of the zone is put behind it unless it ends so (``expandRecordName``)."""
    name, zone = (each.rstrip(".").lower() for each in (name, zone or ""))
    return name if name.endswith(zone) else f"{name}.{zone}".removeprefix(".")


def _aliases(given: Inputs) -> Iterator[Key]:
    aliases = given.get("aliases")
    for alias in aliases if isinstance(aliases, list) else ():
        if name := text(alias):
            yield (name.lower(),)


def _route(given: Inputs) -> Iterator[Key]:
    table = text(given.get("routeTableId"))
    for key in ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"):
        if table and (destination := text(given.get(key))):
            yield table, destination


def _association(given: Inputs) -> Iterator[Key]:
    for key in ("subnetId", "gatewayId"):
        if end := text(given.get(key)):
            yield (end,)


def _rule(direction: str) -> Callable[[Inputs], Iterator[Key]]:
    """A rule of its own: one peer, and AWS does not look at the description."""

    def keys(given: Inputs) -> Iterator[Key]:
        group, protocol = text(given.get("securityGroupId")), text(given.get("ipProtocol"))
        for peer in ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"):
            if group and protocol and (end := text(given.get(peer))):
                yield direction, group, *_ports(protocol, given), end

    return keys


def _rules(given: Inputs) -> Iterator[Key]:
    """The older kind: each of its peers is a rule to AWS."""
    group, protocol, direction = (text(given.get(key)) for key in ("securityGroupId", "protocol", "type"))
    ends: list[Any] = [given.get("sourceSecurityGroupId"), group if given.get("self") is True else None]
    for key in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds"):
        several = given.get(key)
        ends += several if isinstance(several, list) else []
    for end in map(text, ends):
        if group and protocol and direction and end:
            yield direction, group, *_ports(protocol, given), end


def protocol_of(said: str) -> str:
    """AWS knows protocols by name and by number."""
    return {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}.get(said.lower(), said.lower())


def _ports(said: str, given: Inputs) -> tuple[str, str, str]:
    """No ports are looked at where all protocols are meant."""
    protocol = protocol_of(said)
    if protocol == "-1":
        return protocol, "", ""
    return protocol, text(given.get("fromPort")) or "", text(given.get("toPort")) or ""


_KEYS: Mapping[str, Callable[[Inputs], Iterator[Key]]] = {
    "aws:cloudfront/distribution:Distribution": _aliases,
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:ec2/securityGroupRule:SecurityGroupRule": _rules,
    "aws:route53/record:Record": _record,
    "aws:ssm/parameter:Parameter": _parameter,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("ingress"),
}
"""Where the keys are not simply the inputs of the row."""


@cache
def rows() -> Mapping[str, Identity]:
    """The table, by type."""
    with Path(__file__).with_suffix(".json").open(encoding="utf-8") as file:
        types = json.load(file)["types"]
    found = {}
    for token, row in types.items():
        inputs = tuple(row["inputs"].split())
        keys = _KEYS.get(token, _all(*inputs))
        more = {key: row.get(key, False) for key in ("everywhere", "structural")}
        also = tuple(row.get("also", "").split())
        found[token] = Identity(keys, inputs, row["call"], row["error"], **more, also=also)
    return found
