"""Whatever is changed at random in a compliant program, the verdict follows what the change means."""

from collections.abc import Iterable
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from itertools import pairwise
from random import Random
from typing import Any, TypeVar

from guardrails import kinds
from guardrails.addresses import coverage
from guardrails.config import Config
from guardrails.controls import CONTROLS
from guardrails.run import evaluate
from guardrails.verdicts import Outcome
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.graphs import PHASES, Derived, Phase, Program, complaints
from tests.policy.houses import WORLD, everything, network, tiers

T = TypeVar("T")
phases = st.sampled_from(PHASES)
budget = settings(max_examples=60, deadline=None, derandomize=True, database=None)
shuffles = settings(budget, max_examples=20)
"""Any two things come in the one order in half of them, and in the other in the rest."""
ALIASES = {
    kinds.LOAD_BALANCER: "aws:alb/loadBalancer:LoadBalancer",
    kinds.LISTENER: "aws:elasticloadbalancingv2/listener:Listener",
    kinds.BUCKET: "aws:s3/bucketV2:BucketV2",
    kinds.BUCKET_ENCRYPTION: (
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
    ),
}


def pieces(network: IPv4Network | IPv6Network, cuts: list[int]) -> list[str]:
    """The network cut in half again and again, at places that hypothesis chooses."""
    parts = [network]
    for cut in cuts:
        chosen = parts.pop(cut % len(parts))
        parts += list(chosen.subnets())
    return [str(part) for part in parts]


cuts = st.lists(st.integers(0, 10), max_size=7)
worlds = st.sampled_from([IPv4Network("0.0.0.0/0"), IPv6Network("::/0")])


@budget
@given(worlds, cuts)
def test_the_internet_in_pieces_is_the_internet(world: IPv4Network | IPv6Network, cut: list[int]) -> None:
    assert coverage(tuple(pieces(world, cut))) > 0.999


@budget
@given(st.lists(st.sampled_from(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"])))
def test_private_networks_never_add_up_to_anything(cidrs: list[str]) -> None:
    assert coverage(tuple(cidrs)) == 0.0


@budget
@given(phases, worlds, cuts, st.sampled_from(["inline", "route", "mixed"]), st.booleans())
def test_a_default_route_is_found_however_it_is_cut_and_declared(
    phase: Phase, world: IPv4Network | IPv6Network, cut: list[int], form: str, explicit: bool
) -> None:
    program = network()
    table = program["data-table"]
    if not explicit:
        del program["data-a-table"]
        table = program.add(
            kinds.DEFAULT_ROUTE_TABLE, "main-table", defaultRouteTableId=program["main"].out("defaultRouteTableId")
        )
    six = world.version == 6
    for index, cidr in enumerate(pieces(world, cut)):
        if form == "inline" or (form == "mixed" and index % 2):
            key = "ipv6CidrBlock" if six else "cidrBlock"
            table.inputs.setdefault("routes", []).append({key: cidr, "gatewayId": program["igw"].id})
        else:
            key = "destinationIpv6CidrBlock" if six else "destinationCidrBlock"
            program.add(kinds.ROUTE, f"r{index}", routeTableId=table.id, gatewayId=program["igw"].id, **{key: cidr})
    assert complaints(program, phase, "db-subnet-not-public") == {"db": Outcome.VIOLATION}
    for resource in program.resources.values():
        resource.inputs.pop("routes", None)
        if resource.inputs.get("routeTableId") and resource.kind == kinds.ROUTE and resource.name != "out":
            resource.inputs["gatewayId"] = "vgw-1"
    assert complaints(program, phase, "db-subnet-not-public") == {}


rule_forms = st.sampled_from(["inline", "classic", "modern"])
protocols = st.sampled_from([("tcp", 22, 22), ("6", 1, 1024), ("-1", 0, 0), ("all", -1, -1)])


def add_rule(program: Program, group: str, name: str, form: str, protocol: tuple[str, int, int], cidr: str) -> None:
    spelled, low, high = protocol
    ports: dict[str, Any] = {"fromPort": low, "toPort": high}
    six = ":" in cidr
    plural = {"ipv6CidrBlocks" if six else "cidrBlocks": [cidr]}
    if form == "inline":
        program[group].inputs.setdefault("ingress", []).append({"protocol": spelled} | ports | plural)
    elif form == "classic":
        inputs = {"type": "ingress", "protocol": spelled} | ports | plural
        program.add(kinds.SECURITY_GROUP_RULE, name, securityGroupId=program[group].id, **inputs)
    else:
        inputs = {"ipProtocol": spelled, "cidrIpv6" if six else "cidrIpv4": cidr} | ports
        program.add(kinds.INGRESS_RULE, name, securityGroupId=program[group].id, **inputs)


@budget
@given(phases, worlds, cuts, st.lists(rule_forms, min_size=8, max_size=8), protocols)
def test_an_admin_port_is_found_however_rules_are_cut_and_declared(
    phase: Phase, world: IPv4Network | IPv6Network, cut: list[int], forms: list[str], protocol: tuple[str, int, int]
) -> None:
    program = Program()
    program.add(kinds.SECURITY_GROUP, "group")
    for index, cidr in enumerate(pieces(world, cut)):
        add_rule(program, "group", f"rule-{index}", forms[index], protocol, cidr)
    assert Outcome.VIOLATION in complaints(program, phase, "sg-no-public-admin-port").values()


@budget
@given(phases, st.integers(1, 6), rule_forms, st.data())
def test_a_chain_of_any_length_is_followed_and_any_broken_link_ends_it(
    phase: Phase, length: int, form: str, data: st.DataObject
) -> None:
    program = tiers()
    names = ["app-group", *(f"hop-{index}" for index in range(length))]
    for name in names[1:]:
        program.add(kinds.SECURITY_GROUP, name)
    links = []
    for inner, outer in pairwise(names):
        links.append(f"{outer}-to-{inner}")
        program.add(
            kinds.INGRESS_RULE, links[-1], securityGroupId=program[inner].id, ipProtocol="tcp", fromPort=80, toPort=80,
            referencedSecurityGroupId=program[outer].id,
        )  # fmt: skip
    add_rule(program, names[-1], "world", form, ("tcp", 80, 80), WORLD)
    assert complaints(program, phase, "db-sg-not-internet-reachable") == {"cluster": Outcome.VIOLATION}
    del program[data.draw(st.sampled_from(links))]
    assert complaints(program, phase, "db-sg-not-internet-reachable") == {}


@shuffles
@given(phases, st.sets(st.sampled_from(sorted(ALIASES))), st.permutations(sorted(everything().resources)))
def test_old_tokens_and_another_order_change_nothing(phase: Phase, renamed: set[str], order: list[str]) -> None:
    program = everything()
    for resource in program.resources.values():
        if resource.type in renamed:
            resource.type = ALIASES[resource.type]
    program.resources = {name: program.resources[name] for name in order}
    found = [verdict for verdict in program.verdicts(phase) if verdict.finding.outcome is not Outcome.PASS]
    assert found == []


@budget
@given(st.sets(st.sampled_from(sorted(everything().resources)), max_size=6))
def test_whatever_is_missing_no_control_fails_and_update_never_knows_less(gone: set[str]) -> None:
    program = everything()
    for name in gone:
        del program[name]
    for resource in program.resources.values():
        if resource.parent is not None and resource.parent.name in gone:
            resource.parent = None
    found = {phase: program.verdicts(phase) for phase in PHASES}
    assert not [v.message() for verdicts in found.values() for v in verdicts if v.finding.outcome is Outcome.ERROR]
    update = {v.key for v in found["update"] if v.finding.outcome is Outcome.VIOLATION}
    preview = {v.key for v in found["preview"] if v.finding.outcome is not Outcome.PASS}
    assert update <= preview, "what breaks after the deployment was not passed before it"


def test_two_evaluations_say_the_same_in_the_same_order(phase: Phase) -> None:
    program = tiers()
    del program["default"]
    graph = program.graph(phase)
    once, again = ([v.message() for v in evaluate(CONTROLS, graph, Config())] for _ in range(2))
    assert once == again


def broken() -> Program:
    """`everything` with a violation or a doubt of nearly every control."""
    program = everything()
    vpc, igw, app = program["main"], program["igw"], program["app-group"]
    for index, half in enumerate(("0.0.0.0/1", "128.0.0.0/1")):
        program.add(
            kinds.INGRESS_RULE, f"half-{index}", securityGroupId=app.id, ipProtocol="tcp", fromPort=20, toPort=25,
            cidrIpv4=half,
        )  # fmt: skip
    table = vpc.out("mainRouteTableId")
    program.add(kinds.ROUTE, "main-out", routeTableId=table, destinationCidrBlock=WORLD, gatewayId=igw.id)
    program["db"].inputs["subnetIds"] = [program[name].id for name in ("public-b", "public-a", "data-a")]
    program["http"].inputs["defaultActions"] = [{"type": "forward"}]
    program["cluster"].inputs["storageEncrypted"] = False
    program["writer"].inputs["publiclyAccessible"] = True
    program["web"].inputs["statements"] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    program.add(kinds.IAM_ROLE_ATTACHMENT, "admin", policyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    program.add(kinds.IAM_ROLE_POLICY, "unknown", policy=Derived((igw.id,), lambda _: "{}"))
    for name in ("default", "files-block", "files-ownership", "files-encryption", "files-policy"):
        del program[name]
    return program


@cache
def said_of_broken(phase: Phase) -> list[str]:
    """What is said of `broken` as it is written."""
    found = broken().verdicts(phase)
    assert len({v.control.id for v in found if v.finding.outcome is Outcome.VIOLATION}) >= 13
    return [verdict.message() for verdict in found]


@shuffles
@given(phases, st.randoms(use_true_random=False))
def test_neither_order_of_resources_nor_of_properties_nor_of_edges_changes_what_is_said(
    phase: Phase, random: Random
) -> None:
    program = broken()
    for resource in program.resources.values():
        resource.inputs = dict(_shuffled(resource.inputs.items(), random))
    program.resources = dict(_shuffled(program.resources.items(), random))
    assert [verdict.message() for verdict in program.verdicts(phase)] == said_of_broken(phase)


def _shuffled(items: Iterable[tuple[str, T]], random: Random) -> list[tuple[str, T]]:
    found = list(items)
    random.shuffle(found)
    return found
