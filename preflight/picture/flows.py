"""Who speaks to whom in a picture: from the answers of `reach`, between what is drawn."""

from collections.abc import Iterator, Mapping
from typing import Any

from preflight.reach import Surroundings

WORLD = "internet"
_Flow = tuple[str, str, str, str, bool]  # from, to, kind, label, sure


def flows(around: Surroundings, reached: Mapping[str, Any], drawn: set[str]) -> list[dict[str, Any]]:
    """All of them, sorted; several between the same two things are one, with all that is said on each."""
    merged: dict[tuple[str, str, str], tuple[dict[str, None], bool]] = {}
    for source, target, kind, label, sure in _all(around, reached, drawn):
        if source != target and (source in drawn or source == WORLD) and (target in drawn or target == WORLD):
            labels, all_sure = merged.get((source, target, kind), ({}, True))
            merged[source, target, kind] = labels | ({label: None} if label else {}), all_sure and sure
    return [
        {"from": source, "to": target, "kind": kind, "label": ", ".join(labels), "sure": sure}
        for (source, target, kind), (labels, sure) in sorted(merged.items())
    ]


def _all(around: Surroundings, reached: Mapping[str, Any], drawn: set[str]) -> Iterator[_Flow]:
    yield from _of_entries(around, reached, drawn)
    yield from _of_balancers(around)
    yield from _of_services(around, reached)
    yield from _of_stores(around, reached)


def _of_entries(around: Surroundings, reached: Mapping[str, Any], drawn: set[str]) -> Iterator[_Flow]:
    balancers = {each.node.name: each.node.urn for each in around.balancers.all if each.node.urn in drawn}
    for entry in reached["entries"]:
        for port in entry["ports"]:
            if port["world"] != "no":
                yield WORLD, entry["urn"], "entry", _spoken(port["port"]), port["world"] != "not known"
        for hop in entry["to"]:
            by = next((balancers[name] for name in hop["path"] if name in balancers), None)
            if hop["answer"] != "no" and by != entry["urn"]:  # those of a load balancer come from itself
                yield entry["urn"], by or hop["urn"], "call", "" if by else _port(hop["port"]), hop["answer"] == "yes"


def _of_balancers(around: Surroundings) -> Iterator[_Flow]:
    for balancer in around.balancers.all:
        for port in balancer.ports:
            for target in port.targets:
                if target.answer.value is not False:
                    sure = target.answer.value is True
                    yield balancer.node.urn, target.node.urn, "call", _port(target.port), sure


def _of_services(around: Surroundings, reached: Mapping[str, Any]) -> Iterator[_Flow]:
    ports_of = {service.node.urn: service.ports for service in around.services}
    inner = {
        target.node.urn: balancer.node.urn
        for balancer in around.balancers.all
        if balancer.public is False
        for port in balancer.ports
        for target in port.targets
    }
    for row in reached["services"]:
        for other in row["services"]:
            by = inner.get(other["urn"]) if other["how"].startswith("load balancer ") else None
            ports = ports_of.get(other["urn"], ()) if other["how"] == "network" else ()
            yield row["urn"], by or other["urn"], "call", ", ".join(map(str, ports)), other["answer"] == "yes"


def _of_stores(around: Surroundings, reached: Mapping[str, Any]) -> Iterator[_Flow]:
    ports_of = {store.node.urn: store.ports for store in around.stores}
    for row in reached["matrix"]:
        answers = row["network"]["answer"], row["iam"]["answer"]
        if "no" not in answers and not row["mismatch"]:
            ports = ", ".join(map(str, ports_of.get(row["store"], ())))
            rights = " and ".join(r["right"] for r in row["iam"]["rights"] if r["right"] in {"read", "write"})
            yield row["service"], row["store"], "store", ports or rights, answers == ("yes", "yes")


def _port(value: object) -> str:
    return str(value) if value else ""


def _spoken(port: str) -> str:
    """`443 HTTPS` for `tcp 443 (HTTPS)`."""
    return port.removeprefix("tcp ").replace("(", "").replace(")", "")
