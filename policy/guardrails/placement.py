"""Where things live: the subnets of a resource, and one judgement over them whatever is not known of the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from . import kinds
from .graph import Members, Node, Reference
from .joins import NETWORK_INTERFACE, SUBNET
from .network import Leads, Network
from .reading import Absent, Items, Known, Unknown, Value
from .templates import Machines
from .verdicts import HOLDS, Finding, View, breaks, waits

Look: TypeAlias = Callable[[Node], Leads]
"""What is wrong with a subnet: `path` if something is, `waits_for` if that is not known."""
_DEFAULT_GROUP = Known("default")
"""The name that AWS gives to the subnet group of the default VPC."""
_LISTS = {
    kinds.ECS_SERVICE: ("networkConfiguration", "subnets"),
    kinds.TASK_SET: ("networkConfiguration", "subnets"),
    kinds.SCALING_GROUP: ("vpcZoneIdentifiers",),
    kinds.FUNCTION: ("vpcConfig", "subnetIds"),
    kinds.MSK_CLUSTER: ("brokerNodeGroupInfo", "clientSubnets"),
    kinds.CACHE_SERVERLESS: ("subnetIds",),
    kinds.SEARCH_DOMAIN: ("vpcOptions", "subnetIds"),
    kinds.ELASTICSEARCH_DOMAIN: ("vpcOptions", "subnetIds"),
    kinds.LOAD_BALANCER: ("subnets",),
    kinds.CLASSIC_LOAD_BALANCER: ("subnets",),
}


class Places(NamedTuple):
    """The subnets that lists of a resource name. `number`: how many they are at most, None where that is not known.

    `said` is whether the program gives any list at all.
    """

    members: Members
    said: bool
    number: int | None


def places(node: Node, view: View) -> Places:
    """The subnets of a resource; those of a subnet group stand in `subnetIds`."""
    lists = [value for value in _lists(node) if not _blank(value)]
    singles = [value for value in _singles(node, view) if not isinstance(value, Absent)]
    network: Network = view.graph.shared(Network)
    found = [network.subnets(value) for value in lists] + [view.graph.link(value, SUBNET) for value in singles]
    sure = tuple(dict.fromkeys(subnet for members in found for subnet in members.sure))
    maybe = tuple(dict.fromkeys(subnet for members in found for subnet in members.maybe if subnet not in sure))
    outside = tuple(dict.fromkeys(name for members in found for name in members.outside))
    waits_for = next((members.waits_for for members in found if members.waits_for is not None), None)
    slots = max((members.slots for members in found), default=0)
    count = _count(lists, singles)
    if count is not None and waits_for is None and not outside and len(sure) + len(maybe) <= count:
        sure, maybe, slots = (*sure, *maybe), (), 0  # each block has one of them, and together they have all
    return Places(Members(sure, maybe, slots, outside, waits_for), bool(found), count)


def _count(lists: Sequence[Value[Items]], singles: Sequence[Value[str]]) -> int | None:
    """How many different ones are named, where each list is known by its length."""
    texts = list(singles)
    for value in lists:
        if not isinstance(value, Known):
            return None
        texts += value.value.texts()
    return len({text.value for text in texts if isinstance(text, Known)}) + sum(
        isinstance(text, Unknown) for text in texts
    )


def _lists(node: Node) -> Iterator[Value[Items]]:
    if node.kind == kinds.INSTANCE:
        return
    block, *rest = _LISTS.get(node.kind, ("subnetIds",))
    if node.kind == kinds.MSK_SERVERLESS:
        yield from _each(node.props.items("vpcConfigs"), "subnetIds")
    elif rest:
        inner = node.props.record(block)
        yield inner.value.items(rest[0]) if isinstance(inner, Known) else inner
    else:
        yield node.props.items(block)
    if node.kind == kinds.LOAD_BALANCER and isinstance(mappings := node.props.items("subnetMappings"), Unknown):
        yield mappings


def _singles(node: Node, view: View) -> Iterator[Value[str]]:
    if node.kind == kinds.INSTANCE:
        yield node.props.text("subnetId")
    elif node.kind == kinds.SCALING_GROUP and _blank(node.props.items("vpcZoneIdentifiers")):
        yield from _of_template(node, view)
    elif node.kind == kinds.LOAD_BALANCER:
        mappings = node.props.items("subnetMappings")
        if isinstance(mappings, Known):
            for block in mappings.value.records():
                yield block.value.text("subnetId") if isinstance(block, Known) else block


def _blank(value: Value[Items]) -> bool:
    return isinstance(value, Absent) or (isinstance(value, Known) and value.value.blank)


def _of_template(group: Node, view: View) -> Iterator[Value[str]]:
    """The subnets that a launch template gives to the machines of a group, or those of its interfaces."""
    machines: Machines = view.graph.shared(Machines)
    yield from machines.values(group, "networkInterfaces[].subnetId", "text", computed=True)
    for value in machines.values(group, "networkInterfaces[].networkInterfaceId", "text", computed=True):
        interface = view.graph.link(value, NETWORK_INTERFACE)
        if interface.one is not None:
            yield interface.one.props.text("subnetId")
        elif not isinstance(value, Absent):
            yield Unknown(traced=False)


def _each(blocks: Value[Items], key: str) -> Iterator[Value[Items]]:
    if isinstance(blocks, Unknown):
        yield blocks
    elif isinstance(blocks, Known):
        yield from (block.value.items(key) if isinstance(block, Known) else block for block in blocks.value.records())


def judge(node: Node, found: Places, look: Look, says: str, *, least: int = 1) -> Iterator[Finding]:
    """Says which subnets are wrong; `least` is how many AWS wants, so how many of a list that is not known count.

    `says` follows the name of the subnet.
    """
    members = found.members
    looked = {subnet: look(subnet) for subnet in (*members.sure, *members.maybe)}
    alone = not members.sure and members.waits_for is None
    needed = max(members.slots, least) if alone else members.slots
    sure, maybe = members.sure, members.maybe
    if needed >= len(maybe):
        sure, maybe = (*sure, *maybe), ()
    wrong = [subnet for subnet in sure if looked[subnet].path]
    possible = [subnet for subnet in maybe if looked[subnet].path]
    if not wrong and possible and len(possible) > len(maybe) - needed:
        wrong = possible[:1]
    for subnet in wrong:
        yield breaks(f"{subnet.label} {says}", node.label, subnet.label, *looked[subnet].path)
    if wrong:
        return
    doubts = [(subnet, leads.waits_for) for subnet, leads in looked.items() if leads.waits_for is not None]
    if possible:
        yield waits(f"which subnets it has: {', '.join(subnet.label for subnet in maybe)}", node.label)
    elif doubts:
        yield waits(doubts[0][1] or "", node.label, doubts[0][0].label)
    elif members.outside or members.waits_for is not None or not looked:
        yield waits(f"its subnets: {members.missing}", node.label)
    else:
        yield HOLDS


def public(view: View) -> Look:
    """A subnet is wrong when it routes to the internet."""
    network: Network = view.graph.shared(Network)
    return lambda subnet: network.leads_from(subnet, view.config)


def in_default_vpc(node: Node, view: View, how: str, fix: str | None = None) -> Finding:
    """What is said of a resource that names no subnets; `how` begins the sentence, `fix` is what would name some."""
    network: Network = view.graph.shared(Network)
    leads = network.leads_from_default_vpc(view.config)
    if leads.path:
        says = f"{how} it is placed in the default VPC, whose subnets route to the internet"
        return breaks(says, node.label, *leads.path, fix=fix)
    return waits(f"the subnets of the default VPC, where it is placed {how}", node.label)


def through_group(node: Node, view: View, key: str, reference: Reference) -> Finding:
    """What is said of a store whose subnets are those of a subnet group: the group itself is judged."""
    name = node.props.text(key)
    group = view.graph.link(name, reference, node, key)
    if group.one is not None:
        return HOLDS
    if not isinstance(name, Absent) and name != _DEFAULT_GROUP:
        return waits(f"the subnets of its subnet group: {group.missing}", node.label)
    argument = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
    return in_default_vpc(node, view, "without a subnet group", f"set {argument} to a group of private subnets")
