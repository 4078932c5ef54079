"""Findings about rules that let the world in, so that all controls on ports say the same thing in the same words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .firewall import Exposure, Firewall, Test, exposure
from .graph import Node
from .verdicts import HOLDS, Finding, View, breaks, waits


def opened(node: Node, view: View, tests: Mapping[str, Test], what: str) -> Iterator[Finding]:
    """Judges what the node declares alone, then what its whole group adds up to; each test is reported once."""
    firewall: Firewall = view.graph.shared(Firewall)
    own = [rule for rule in firewall.rules(node) if rule.sourced]
    alone = {name: exposure(own, test, view.config) for name, test in tests.items()} if own else {}
    bad = {name: found for name, found in alone.items() if found.cidrs}
    if bad:
        yield _world_in(node, what, bad)
    sums = _adds_up(firewall.family(node), view, tests)
    if sums:
        yield _world_in(node, what, sums)
    if not bad and not sums:
        doubts = [reason for found in alone.values() for reason in found.waits_for]
        yield waits(listed(doubts), node.label) if doubts else HOLDS


def _adds_up(family: Sequence[Node], view: View, tests: Mapping[str, Test]) -> dict[str, Exposure]:
    """What the rules of several declarers let in together although none does alone."""
    firewall: Firewall = view.graph.shared(Firewall)
    each = [rules for node in family if (rules := [rule for rule in firewall.rules(node) if rule.cidrs])]
    if len(each) < 2:
        return {}
    rest = {
        name: test
        for name, test in tests.items()
        if not any(exposure(rules, test, view.config).cidrs for rules in each)
    }
    together = {name: exposure(itertools.chain(*each), test, view.config) for name, test in rest.items()}
    return {name: found for name, found in together.items() if found.cidrs}


def _world_in(node: Node, what: str, found: Mapping[str, Exposure]) -> Finding:
    cidrs = [cidr for exposed in found.values() for cidr in exposed.cidrs]
    rules = dict.fromkeys(rule.node.label for exposed in found.values() for rule in exposed.rules)
    path = [label for label in rules if label != node.label]
    return breaks(f"{what} open to the world: {', '.join(found)}, from {listed(cidrs)}", node.label, *path)


def listed(parts: Iterable[str]) -> str:
    found = list(dict.fromkeys(parts))
    return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
