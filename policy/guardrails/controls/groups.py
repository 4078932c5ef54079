"""What a group is for: who may carry one that is open, what its rules say, and how they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from guardrails import kinds
from guardrails.addresses import coverage, is_range
from guardrails.checks import Check, all_of, by_kind, leaf
from guardrails.exposed import listed, opened
from guardrails.firewall import GROUPS, WITH_PORTS, Firewall, Probe, Rule, exposure, probes
from guardrails.graph import Node
from guardrails.holders import STORES, Holders, faces_the_internet, groups_of
from guardrails.parameters import PREFIX_LISTS, PUBLIC_COVERAGE, PUBLIC_PORTS
from guardrails.prefix_lists import contents
from guardrails.reading import Known, Unknown
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Finding,
    Outcome,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)

_RULES = (kinds.SECURITY_GROUP, kinds.DEFAULT_SECURITY_GROUP, kinds.SECURITY_GROUP_RULE, kinds.INGRESS_RULE)
_PINGS = ("icmp", "icmpv6")
_NO_WORDS = ("managed by pulumi", "managed by terraform")
"""What the provider writes where a program says nothing."""


def _sg_public_only_authorised_ports(node: Node, view: View) -> Iterable[Finding]:
    firewall: Firewall = view.graph.shared(Firewall)
    allowed = view.config[PUBLIC_PORTS]
    rules = firewall.rules(node, *firewall.family(node))
    others = [probe for probe in probes(rules, allowed) if probe.protocol not in _PINGS]
    found = list(
        opened(node, view, {str(probe): probe.passes for probe in others}, "a port beside the allowed ones is")
    )
    if any(finding.outcome is Outcome.VIOLATION for finding in found):
        yield from found
        return
    asked = [Probe(protocol, port) for protocol in WITH_PORTS for port in sorted(allowed)]
    inside = list(opened(node, view, {str(probe): probe.passes for probe in asked}, "it is"))
    doubt = next((finding for finding in (*found, *inside) if finding.outcome is Outcome.UNDECIDED), None)
    if any(finding.outcome is Outcome.VIOLATION for finding in inside):
        judged = _carried(node, view)
        yield doubt if judged.outcome is Outcome.PASS and doubt is not None else judged
    else:
        yield doubt or HOLDS


def _carried(node: Node, view: View) -> Finding:
    """Whether the group of an open rule belongs to a load balancer that faces the internet."""
    firewall: Firewall = view.graph.shared(Firewall)
    holders: Holders = view.graph.shared(Holders)
    group = firewall.owner(node)
    if group.one is None:
        return waits(
            f"whether its group is that of a load balancer that faces the internet: {group.missing}", node.label
        )
    path = tuple(dict.fromkeys((node.label, group.one.label)))
    faces = [(lb, faces_the_internet(lb)) for lb, members in holders.balancers if group.one in members.sure]
    if any(public for _, public in faces):
        return HOLDS
    maybe = (
        lb for lb, members in holders.balancers if members.may_include(group.one) and group.one not in members.sure
    )
    loose = (lb for lb in maybe if faces_the_internet(lb) is not False)
    unclear = next(chain((lb for lb, public in faces if public is None), loose), None)
    if unclear is not None:
        return waits(f"whether {unclear.label} carries it and faces the internet", *path)
    carriers = holders.carriers(group.one)
    if not carriers:
        return waits("who carries it, as nothing in this program does", *path)
    says = "the world is let in by a group of which no load balancer that faces the internet is a member"
    return breaks(f"{says}: {listed(carrier.label for carrier in carriers)}", *path, carriers[0].label)


def _sg_public_prefix_list(node: Node, view: View) -> Iterable[Finding]:
    firewall: Firewall = view.graph.shared(Firewall)
    doubts: list[str] = []
    for rule in firewall.rules(node):
        for prefix_list in dict.fromkeys(rule.lists):
            entries = list(contents(view.graph, prefix_list))
            cidrs = [entry.value for entry in entries if isinstance(entry, Known) and is_range(entry.value)]
            if coverage(tuple(cidrs)) >= view.config[PUBLIC_COVERAGE]:
                yield breaks(f"{prefix_list.label} lets the world in: {listed(cidrs)}", node.label, prefix_list.label)
                return
            doubts += [f"an entry of {prefix_list.label}"] * (len(cidrs) < len(entries))
        doubts += (*rule.open_lists, *rule.unknown_lists(view.config))
    yield waits(listed(doubts), node.label) if doubts else HOLDS


def _store_groups_known(store: Node, view: View) -> Finding:
    """A store whose groups are all in the program is judged through these."""
    members = groups_of(store, view.graph.shared(Firewall))
    if members.outside or members.waits_for is not None:
        return waits(f"its security groups: {members.missing}", store.label)
    if not members.sure and not members.maybe:
        return waits("its security groups: none is set, so the default group of the VPC holds", store.label)
    return HOLDS


def _of_a_store(group: Node, view: View, judged: Finding) -> Finding:
    """The finding about a group, where a data store carries it."""
    holders: Holders = view.graph.shared(Holders)
    store = holders.store(group)
    if store is not None:
        return judged._replace(path=(store.label, *judged.path))
    maybe = holders.maybe_store(group)
    if maybe is not None and judged.outcome is not Outcome.PASS:
        return waits(f"whether {maybe.label} carries it", group.label)
    return HOLDS


def _sg_chain_tier_order(node: Node, view: View) -> Iterable[Finding]:
    yield _store_groups_known(node, view) if node.kind in STORES else _of_a_store(node, view, _tier_order(node, view))


def _tier_order(group: Node, view: View) -> Finding:
    firewall: Firewall = view.graph.shared(Firewall)
    holders: Holders = view.graph.shared(Holders)
    rules = firewall.rules(*firewall.declarers(group))
    doubt: Finding | None = None
    for rule in rules:
        if (found := _from_a_balancer(rule, holders)) is not None:
            source, balancer = found
            says = f"the group of a load balancer is let in, past the services: {source.label}"
            return breaks(says, *dict.fromkeys((group.label, rule.node.label, source.label, balancer.label)))
        doubt = doubt or _may_be_a_balancers(rule, group, holders)
    for rule in firewall.rules(*firewall.unjoined(group)):
        if _may_be_a_balancers(rule, group, holders) is not None:
            doubt = waits(f"whether {rule.node.label} belongs to {group.label}", group.label)
    return doubt or HOLDS


def _from_a_balancer(rule: Rule, holders: Holders) -> tuple[Node, Node] | None:
    for source in rule.groups.sure:
        if (balancer := holders.balancer(source)) is not None:
            return source, balancer
    return None


def _may_be_a_balancers(rule: Rule, group: Node, holders: Holders) -> Finding | None:
    for source in (*rule.groups.sure, *rule.groups.maybe):
        if (balancer := holders.maybe_balancer(source)) is not None:
            return waits(f"whether {balancer.label} carries {source.label}", group.label, rule.node.label)
    if rule.groups.outside or rule.groups.waits_for is not None:
        return waits(f"the source group of {rule.node.label}: {rule.groups.missing}", group.label)
    return None


def _sg_egress_data_tier(node: Node, view: View) -> Iterable[Finding]:
    yield _store_groups_known(node, view) if node.kind in STORES else _of_a_store(node, view, _world_out(node, view))


def _world_out(group: Node, view: View) -> Finding:
    firewall: Firewall = view.graph.shared(Firewall)
    rules = firewall.rules(*firewall.declarers(group), ingress=False)
    doubts: list[str] = []
    for probe in probes(rules):
        found = exposure(rules, probe.passes, view.config)
        if found.cidrs:
            path = dict.fromkeys((group.label, *(rule.node.label for rule in found.rules)))
            everything = any(rule.protocol == "all" for rule in found.rules)
            what = "all traffic" if everything else probe
            return breaks(f"it may reach the whole internet: {what} to {listed(found.cidrs)}", *path)
        doubts += found.waits_for
    loose = firewall.rules(*firewall.unjoined(group), ingress=False)
    together = [*rules, *loose]
    for probe in probes(loose):
        found = exposure(together, probe.passes, view.config)
        if found.cidrs or found.waits_for:
            doubts += [f"whether {rule.node.label} belongs to {group.label}" for rule in loose]
    return waits(listed(doubts), group.label) if doubts else HOLDS


def _sg_no_rule_management_conflict(group: Node, view: View) -> Iterable[Finding]:
    firewall: Firewall = view.graph.shared(Firewall)
    inline = _both_ways([group], view)
    open_ones: list[Rule] = []
    standalone = firewall.declarers(group)[1:]
    if isinstance(group.props.text("id"), Known):  # what is there already repeats its rule resources, once refreshed
        made, loose = _both_ways(standalone, view), _both_ways(firewall.unjoined(group), view)
        answers = [(rule, _repeats(rule, made, loose)) for rule in inline]
        inline = [rule for rule, repeats in answers if not repeats]
        open_ones = [rule for rule, repeats in answers if repeats is None]
    unknown = [key for key in ("ingress", "egress") if isinstance(group.props.items(key), Unknown)]
    sure = [rule for rule in inline if ("ingress" if rule.ingress else "egress") not in unknown]
    if standalone and inline and not sure:
        yield waits(f"whether its {unknown[0]} has rules, beside {standalone[0].label}", group.label)
    elif inline and standalone and len(open_ones) == len(inline):
        yield waits("whether its rules repeat those in resources of their own", group.label, standalone[0].label)
    elif inline and standalone:
        yield breaks(
            "it has rules inline and in resources of their own, which take each other away",
            group.label,
            *(node.label for node in standalone),
        )
    elif inline and (others := firewall.unjoined(group)):
        yield waits(f"whether {others[0].label} belongs to it, which has inline rules", group.label)
    else:
        yield HOLDS


def _both_ways(declarers: Sequence[Node], view: View) -> list[Rule]:
    firewall: Firewall = view.graph.shared(Firewall)
    return [rule for ingress in (True, False) for rule in firewall.rules(*declarers, ingress=ingress)]


def _repeats(rule: Rule, made: Sequence[Rule], loose: Sequence[Rule]) -> bool | None:
    """Whether rule resources say all that an inline rule says; None where that is not known of it or of one of them.

    `made` are the rules of the group's own resources, `loose` those of resources that may turn out to be its own.
    """
    if any(_is_open(each) for each in (rule, *made, *loose) if each.ingress == rule.ingress):
        return None
    return True if _say_all(made, rule) else None if _say_all((*made, *loose), rule) else False


def _say_all(made: Sequence[Rule], rule: Rule) -> bool:
    same = [
        each for each in made if (each.ingress, each.protocol, each.ports) == (rule.ingress, rule.protocol, rule.ports)
    ]
    said = {*(cidr for each in same for cidr in each.cidrs), *(name for each in same for name in each.foreign)}
    groups = {node.urn for each in same for node in (*each.groups.sure, *each.lists)}
    outside = {name for each in same for name in each.groups.outside}
    return (
        bool(same)
        and said.issuperset((*rule.cidrs, *rule.foreign))
        and groups.issuperset(node.urn for node in (*rule.groups.sure, *rule.lists))
        and outside.issuperset(rule.groups.outside)
    )


def _is_open(rule: Rule) -> bool:
    if rule.open or rule.groups.maybe or rule.groups.waits_for is not None:
        return True
    return rule.protocol is None or (rule.protocol in WITH_PORTS and rule.ports is None)


def _described(path: str) -> Check:
    return leaf(path, "text", lambda text, _view: bool(text.strip()), absent="", says=f"a rule has no {path}")


_INLINE_DESCRIBED = (_described("ingress[].description"), _described("egress[].description"))
_RULE_DESCRIBED = _described("description")
_GROUP_DESCRIBED = leaf(
    "description",
    "text",
    lambda text, _view: bool(text.strip()) and text.strip().lower() not in _NO_WORDS,
    absent="",
    says="description says nothing of its own",
)

CONTROLS: tuple[Control, ...] = (
    Control(
        id="sg-public-only-authorised-ports",
        title="The world is let in only on allowed ports, by the groups of load balancers that face the internet",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=_RULES,
        references=("EC2.18", "CKV_AWS_260"),
        why="Every other open port is a service that meets the internet without a load balancer before it.",
        fix="let the world into the group of an internet-facing lb.LoadBalancer, on a port of allowedPublicPorts",
        judge=_sg_public_only_authorised_ports,
        parameters=(PREFIX_LISTS, PUBLIC_COVERAGE, PUBLIC_PORTS),
        own_packs=(BASELINE,),
    ),
    Control(
        id="sg-public-prefix-list",
        title="No prefix list that is used as a source lets the world in",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=_RULES,
        why="A prefix list with 0.0.0.0/0 in it opens the group, and no check that reads CIDRs sees it.",
        fix="take the wide entry out of the ec2.ManagedPrefixList, or say in managedPrefixLists what a foreign list is",
        judge=_sg_public_prefix_list,
        parameters=(PREFIX_LISTS, PUBLIC_COVERAGE),
        own_packs=(BASELINE,),
    ),
    Control(
        id="sg-chain-tier-order",
        title="No group of a data store lets in the group of a load balancer",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(*GROUPS, *STORES),
        why="The tier between them is skipped: what reaches the load balancer is one hop from the data.",
        fix="set referenced_security_group_id to the group of the service that uses the store",
        judge=_sg_chain_tier_order,
        own_packs=(BASELINE,),
    ),
    Control(
        id="sg-no-rule-management-conflict",
        title="A group keeps its rules in one way: inline, or in resources of their own",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=GROUPS,
        references=("awsguard",),
        why="Inline rules are the whole list, so each deployment takes away what rule resources added, or the reverse.",
        fix="move ingress and egress into vpc.SecurityGroupIngressRule and vpc.SecurityGroupEgressRule, all of them",
        judge=_sg_no_rule_management_conflict,
        own_packs=(RESILIENCE,),
    ),
    Control(
        id="sg-rule-description",
        title="Every group and every rule is described",
        severity=Severity.LOW,
        subjects=(*GROUPS, kinds.SECURITY_GROUP_RULE, kinds.INGRESS_RULE, kinds.EGRESS_RULE),
        references=("CKV_AWS_23", "AwsSolutions-EC27"),
        why="Nobody dares to close a port of which nobody knows what it was opened for.",
        fix="set description to what the group or rule is for",
        judge=by_kind(
            {
                kinds.SECURITY_GROUP: all_of(_GROUP_DESCRIBED, *_INLINE_DESCRIBED),
                kinds.DEFAULT_SECURITY_GROUP: all_of(*_INLINE_DESCRIBED),
                kinds.SECURITY_GROUP_RULE: _RULE_DESCRIBED,
                kinds.INGRESS_RULE: _RULE_DESCRIBED,
                kinds.EGRESS_RULE: _RULE_DESCRIBED,
            }
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="sg-egress-data-tier",
        title="No group of a data store may reach the whole internet",
        severity=Severity.LOW,
        scope=Scope.GRAPH,
        subjects=(*GROUPS, *STORES),
        references=("CKV_AWS_382",),
        why="A store answers, it does not call out: an open way out is the one by which data leaves.",
        fix="drop the egress rule, or narrow it to the networks that the store must reach",
        judge=_sg_egress_data_tier,
        parameters=(PREFIX_LISTS, PUBLIC_COVERAGE),
        own_packs=(BASELINE,),
    ),
)
