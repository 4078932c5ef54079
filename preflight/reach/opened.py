"""Entries as they stand in the report: ports with who gets to them, and what is behind."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from preflight.reach.answers import Answer
from preflight.reach.graph import Node

SOME = "some addresses"
ORDER = ("yes", SOME, "not known", "no")
"""What is said of a port, from the most open on."""
CERTAIN = Answer(True)


class Open(NamedTuple):
    """A port, who gets to it, and from where."""

    port: str
    world: str
    sources: list[str]
    answer: Answer


def entry(
    node: Node, what: str, ports: Sequence[Open], to: Sequence[dict[str, Any]], notes: Sequence[str] = ()
) -> dict[str, Any]:
    """One entry; it is as open as the most open of its ports."""
    words = [one.world for one in ports]
    world = min(words, key=ORDER.index, default="no")
    return {
        "urn": node.urn,
        "what": what,
        "world": world,
        "ports": [
            {"port": one.port, "world": one.world, "from": one.sources, "why": one.answer.why or None}
            for one in sorted(ports, key=lambda one: one.port)
        ],
        "to": list(to),
        "notes": list(dict.fromkeys(notes)),
    }


def merged(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each resource, whichever ways lead to it, by URN."""
    found: dict[str, dict[str, Any]] = {}
    for each in entries:
        same = found.setdefault(each["urn"], each)
        if same is not each:
            for key in ("ports", "to", "notes"):
                same[key] += [one for one in each[key] if one not in same[key]]
            same["ports"].sort(key=lambda port: str(port["port"]))
            same["world"] = min(same["world"], each["world"], key=ORDER.index)
    return [found[urn] for urn in sorted(found)]


def hops(targets: Sequence[Any]) -> list[dict[str, Any]]:
    """What the targets of a load balancer are, with their paths."""
    return [hop(target.node, target.path, target.port, target.answer) for target in targets]


def hop(node: Node, path: Sequence[str], port: int | None = None, answer: Answer = CERTAIN) -> dict[str, Any]:
    """One thing behind an entry, with the names that lead to it."""
    said = answer.json()
    return {"urn": node.urn, "path": list(path), "port": port, "answer": said["answer"], "why": said["why"]}


def everybody(port: str) -> Open:
    """A port without any network before it."""
    return Open(port, "yes", ["0.0.0.0/0"], Answer(True))
