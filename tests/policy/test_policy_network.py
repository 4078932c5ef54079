"""From the database to the internet gateway, however tables and routes are declared."""

from collections.abc import Callable
from typing import Any

import pytest
from guardrails import kinds
from guardrails.config import Config
from guardrails.verdicts import Outcome

from tests.policy.graphs import Derived, Elsewhere, Phase, Program, complaints, only, outcomes
from tests.policy.houses import WORLD, everything, network

DB = "db-subnet-not-public"
MAIN = "main-route-table-no-igw"
DEFAULT_SG = "default-sg-closed"


@pytest.fixture
def program() -> Program:
    return network()


def route(program: Program, table: Any, **parts: Any) -> None:
    inputs = {"destinationCidrBlock": WORLD, "gatewayId": program["igw"].id} | parts
    program.add(kinds.ROUTE, f"leak-{len(program.resources)}", routeTableId=table, **inputs)


def test_a_compliant_program_has_no_complaint_from_any_control(phase: Phase) -> None:
    verdicts = everything().verdicts(phase)
    assert [v.message() for v in verdicts if v.finding.outcome is not Outcome.PASS] == []
    assert verdicts


def test_data_subnets_behind_a_nat_gateway_are_private(program: Program, phase: Phase) -> None:
    assert complaints(program, phase, DB) == {}


def test_an_explicit_table_with_a_gateway_route_makes_the_database_public(program: Program, phase: Phase) -> None:
    del program["nat-out"]
    route(program, program["data-table"].id)
    verdict = next(v for v in program.verdicts(phase) if v.control.id == DB and v.finding.outcome is Outcome.VIOLATION)
    assert verdict.node.name == "db"
    assert verdict.finding.path == (
        "subnet group db", "subnet data-a", "association data-a-table", "route table data-table",
        f"route leak-{len(program.resources) - 1}", "internet gateway igw",
    )  # fmt: skip


def test_only_the_public_one_of_two_subnets_is_named(program: Program, phase: Phase) -> None:
    program["db"].inputs["subnetIds"] = [program["data-a"].id, program["public-b"].id]
    verdict = only(program, phase, DB)
    assert verdict.finding.outcome is Outcome.VIOLATION
    assert "subnet public-b" in verdict.finding.path
    assert not [step for step in verdict.finding.path if "data-a" in step]


@pytest.mark.parametrize("split", [("0.0.0.0/1", "128.0.0.0/1"), ("0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/1")])
def test_a_default_route_in_pieces_is_a_default_route(program: Program, phase: Phase, split: tuple[str, ...]) -> None:
    for piece in split:
        route(program, program["data-table"].id, destinationCidrBlock=piece)
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}


@pytest.mark.parametrize("spelling", ["::/0", "0:0:0:0:0:0:0:0/0", "2000::/3"])
def test_an_ipv6_default_route_counts(program: Program, phase: Phase, spelling: str) -> None:
    route(program, program["data-table"].id, destinationCidrBlock=None, destinationIpv6CidrBlock=spelling)
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}


def test_a_narrow_route_to_the_gateway_is_no_default_route(program: Program, phase: Phase) -> None:
    route(program, program["data-table"].id, destinationCidrBlock="203.0.113.0/24")
    assert complaints(program, phase, DB) == {}


def test_an_inline_route_counts_like_a_standalone_one(program: Program, phase: Phase) -> None:
    program["data-table"].inputs["routes"] = [{"cidrBlock": WORLD, "gatewayId": program["igw"].id}]
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}


def test_inline_routes_to_nat_gateways_and_private_gateways_are_no_way_out(program: Program, phase: Phase) -> None:
    vgw = program.add(kinds.VPN_GATEWAY, "vgw")
    program["data-table"].inputs["routes"] = [
        {"cidrBlock": WORLD, "natGatewayId": program["nat"].id, "gatewayId": ""},
        {"cidrBlock": "10.0.0.0/8", "gatewayId": vgw.id},
    ]
    assert complaints(program, phase, DB) == {}


def test_a_gateway_of_another_stack_is_told_by_its_id(program: Program, phase: Phase) -> None:
    route(program, program["data-table"].id, gatewayId="igw-0a1b2c3d")
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}


@pytest.mark.parametrize("target", ["local", "vgw-0a1b2c3d", "vpce-0a1b2c3d"])
def test_other_gateways_are_told_by_their_id_too(program: Program, phase: Phase, target: str) -> None:
    route(program, program["data-table"].id, gatewayId=target)
    assert complaints(program, phase, DB) == {}


def test_a_route_with_another_target_has_no_gateway_although_that_is_unknown(program: Program, phase: Phase) -> None:
    route(program, program["data-table"].id, gatewayId=Elsewhere(""), natGatewayId="nat-0a1b2c3d")
    assert complaints(program, phase, DB) == {}, "a route has one target"
    del program[f"leak-{len(program.resources) - 1}"].inputs["natGatewayId"]
    assert complaints(program, phase, DB) == ({"db": Outcome.UNDECIDED} if phase == "preview" else {})


def forget_association(program: Program) -> None:
    del program["data-a-table"]


def test_without_an_association_the_main_table_holds_and_is_closed(program: Program, phase: Phase) -> None:
    forget_association(program)
    assert complaints(program, phase, DB) == {}


def default_table(program: Program) -> None:
    routes = [{"cidrBlock": WORLD, "gatewayId": program["igw"].id}]
    table = program["main"].out("defaultRouteTableId")
    program.add(kinds.DEFAULT_ROUTE_TABLE, "main-table", defaultRouteTableId=table, routes=routes)


def route_on_main(program: Program) -> None:
    route(program, program["main"].out("mainRouteTableId"))


def route_on_default_table(program: Program) -> None:
    default_table(program)
    program["main-table"].inputs["routes"] = []
    route(program, program["main-table"].id)


def replaced_main(program: Program) -> None:
    program.add(
        kinds.MAIN_ROUTE_TABLE_ASSOCIATION,
        "replaced",
        vpcId=program["main"].id,
        routeTableId=program["public-table"].id,
    )


@pytest.mark.parametrize("open_main", [default_table, route_on_main, route_on_default_table, replaced_main])
def test_an_open_main_table_is_found_and_makes_forgotten_subnets_public(
    program: Program, phase: Phase, open_main: Callable[[Program], None]
) -> None:
    open_main(program)
    assert complaints(program, phase, DB) == {}, "all subnets have a table of their own"
    verdict = only(program, phase, MAIN)
    assert verdict.finding.outcome is Outcome.VIOLATION
    assert verdict.finding.path[0] == "vpc main"
    assert verdict.finding.path[-1] == "internet gateway igw"
    forget_association(program)
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}


def test_a_replaced_main_table_no_longer_counts(program: Program, phase: Phase) -> None:
    default_table(program)
    program.add(
        kinds.MAIN_ROUTE_TABLE_ASSOCIATION, "replaced", vpcId=program["main"].id, routeTableId=program["data-table"].id
    )
    assert complaints(program, phase, MAIN) == {}


def test_an_explicit_association_with_the_default_table_is_followed(program: Program, phase: Phase) -> None:
    default_table(program)
    program["data-a-table"].inputs["routeTableId"] = program["main-table"].id
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}


def test_the_default_vpc_comes_with_a_way_out(program: Program, phase: Phase) -> None:
    vpc = program.add(kinds.DEFAULT_VPC, "adopted")
    program.add(kinds.DEFAULT_SECURITY_GROUP, "adopted-default", vpcId=vpc.id)
    subnet = program.add(kinds.SUBNET, "in-default", vpcId=vpc.id)
    program["db"].inputs["subnetIds"] = [subnet.id]
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}
    program.add(kinds.DEFAULT_ROUTE_TABLE, "closed", defaultRouteTableId=vpc.out("defaultRouteTableId"), routes=[])
    assert complaints(program, phase, DB) == {}, "a DefaultRouteTable without routes removes AWS's own"


def test_a_foreign_table_is_undecided_also_after_the_deployment(program: Program, phase: Phase) -> None:
    program["data-a-table"].inputs["routeTableId"] = "rtb-0a1b2c3d"
    assert complaints(program, phase, DB) == {"db": Outcome.UNDECIDED}
    assert "association data-a-table" in only(program, phase, DB).finding.says


def test_a_route_to_the_internet_that_the_program_adds_to_a_foreign_table_is_seen(
    program: Program, phase: Phase
) -> None:
    program["data-a-table"].inputs["routeTableId"] = "rtb-0a1b2c3d"
    route(program, "rtb-0a1b2c3d")
    verdict = only(program, phase, DB)
    assert verdict.finding.outcome is Outcome.VIOLATION
    assert verdict.finding.path[3:] == ("a route table of another stack", *verdict.finding.path[4:5],
                                        "internet gateway igw")  # fmt: skip
    program[f"leak-{len(program.resources) - 1}"].inputs["routeTableId"] = "rtb-another"
    assert complaints(program, phase, DB) == {"db": Outcome.UNDECIDED}


@pytest.mark.parametrize("kind", [kinds.DOCDB_SUBNET_GROUP, kinds.NEPTUNE_SUBNET_GROUP, kinds.REDSHIFT_SUBNET_GROUP])
def test_the_subnet_groups_of_other_databases_are_walked_too(program: Program, phase: Phase, kind: str) -> None:
    program.add(kind, "other", subnetIds=[program["data-a"].id])
    assert complaints(program, phase, DB) == {}
    program["other"].inputs["subnetIds"] = [program["public-a"].id]
    assert complaints(program, phase, DB) == {"other": Outcome.VIOLATION}


def test_a_destination_that_is_no_range_is_undecided_and_hides_nothing_beside_it(
    program: Program, phase: Phase
) -> None:
    route(program, program["data-table"].id, destinationCidrBlock="hunter2")
    assert complaints(program, phase, DB) == {"db": Outcome.UNDECIDED}
    route(program, program["data-table"].id)
    assert complaints(program, phase, DB) == {"db": Outcome.VIOLATION}
    assert not [v for v in program.verdicts(phase) if "hunter2" in v.message()]


@pytest.mark.parametrize(("tier", "preview"), [("data", {}), ("public", {"db": Outcome.VIOLATION})])
def test_the_list_of_a_remote_component_is_decided_when_all_its_subnets_agree(
    program: Program, tier: str, preview: dict[str, Outcome]
) -> None:
    component = program.add("awsx:ec2:Vpc", "remote")
    chosen = [program[f"{tier}-{zone}"] for zone in "ab"]
    for subnet in chosen:
        subnet.parent = component
    outputs = (*(subnet.id for subnet in chosen), component.out("subnetIds"))
    program["db"].inputs["subnetIds"] = Derived(outputs, lambda *ids: list(ids[:2]))
    assert complaints(program, "preview", DB) == preview
    assert complaints(program, "update", DB) == preview


def test_foreign_subnets_are_undecided(program: Program, phase: Phase) -> None:
    program["db"].inputs["subnetIds"] = ["subnet-1", "subnet-2"]
    assert complaints(program, phase, DB) == {"db": Outcome.UNDECIDED}


def test_a_lost_edge_is_undecided_at_preview_and_decided_at_update(program: Program) -> None:
    out = program["out"]
    out.inputs["gatewayId"] = Elsewhere(program["igw"].known("id"))
    program["db"].inputs["subnetIds"] = [program["public-a"].id]
    assert complaints(program, "preview", DB) == {"db": Outcome.UNDECIDED}
    assert complaints(program, "update", DB) == {"db": Outcome.VIOLATION}


def test_an_unknown_destination_is_undecided_at_preview(program: Program) -> None:
    other = program.add(kinds.VPC, "peer", cidrBlock="10.9.0.0/16")
    program.add(kinds.DEFAULT_SECURITY_GROUP, "peer-default", vpcId=other.id)
    route(program, program["data-table"].id, destinationCidrBlock=Derived((other.id,), lambda _: "203.0.113.0/24"))
    assert complaints(program, "preview", DB) == {"db": Outcome.UNDECIDED}
    assert complaints(program, "update", DB) == {}


def test_a_route_whose_table_is_unknown_taints_only_what_it_could_open(program: Program) -> None:
    route(program, Elsewhere("rtb-elsewhere"))
    assert complaints(program, "preview", DB) == {"db": Outcome.UNDECIDED}
    assert complaints(program, "update", DB) == {}


def test_wide_edges_decide_only_when_all_candidates_agree(program: Program) -> None:
    names = ("public-a", "data-a")
    wide = tuple(program[name].id for name in (*names, "main"))
    program["db"].inputs["subnetIds"] = Derived(wide, lambda *ids: [ids[1]])
    assert complaints(program, "preview", DB) == {"db": Outcome.UNDECIDED}
    assert complaints(program, "update", DB) == {}
    wide = tuple(program[name].id for name in ("public-a", "public-b", "main"))
    program["db"].inputs["subnetIds"] = Derived(wide, lambda *ids: [ids[0]])
    assert complaints(program, "preview", DB) == {"db": Outcome.VIOLATION}, "whichever it is, it is public"


@pytest.mark.parametrize(
    ("names", "kept", "verdict"),
    [
        (("data-a", "data-b"), slice(2), None),
        (("data-a", "data-b", "public-a"), slice(2), Outcome.UNDECIDED),
        (("data-a", "data-b", "public-a"), slice(3), Outcome.UNDECIDED),
        (("public-a", "data-b"), slice(2), Outcome.VIOLATION),
        (("public-a", "public-b", "data-a"), slice(1, None), Outcome.VIOLATION),
    ],
)
def test_a_list_made_by_an_apply_is_decided_where_any_two_that_it_may_hold_agree(
    program: Program, names: tuple[str, ...], kept: slice, verdict: Outcome | None
) -> None:
    outputs = tuple(program[name].id for name in names)
    program["db"].inputs["subnetIds"] = Derived(outputs, lambda *ids: list(ids[kept]))
    assert complaints(program, "preview", DB) == ({"db": verdict} if verdict else {})
    public = any(name.startswith("public") for name in names[kept])
    assert complaints(program, "update", DB) == ({"db": Outcome.VIOLATION} if public else {})


def test_a_redshift_group_may_hold_a_single_subnet(program: Program) -> None:
    outputs = (program["public-a"].id, program["data-a"].id)
    program.add(kinds.REDSHIFT_SUBNET_GROUP, "other", subnetIds=Derived(outputs, lambda *ids: list(ids[1:])))
    assert complaints(program, "preview", DB) == {"other": Outcome.UNDECIDED}
    assert complaints(program, "update", DB) == {}


def test_a_database_without_a_subnet_group_is_not_passed(program: Program, phase: Phase) -> None:
    program.add(kinds.DB_INSTANCE, "bare", engine="postgres")
    program.add(kinds.DB_INSTANCE, "foreign", engine="postgres", dbSubnetGroupName="legacy")
    replica = program.add(kinds.DB_INSTANCE, "replica", replicateSourceDb="bare")
    assert complaints(program, phase, DB) == {"bare": Outcome.UNDECIDED, "foreign": Outcome.UNDECIDED}
    assert outcomes(program, phase, DB)[replica.name] is Outcome.PASS, "a replica lives where its source lives"


def test_a_database_without_a_subnet_group_is_public_where_the_program_shows_the_default_vpc(
    program: Program, phase: Phase
) -> None:
    program.add(kinds.DB_INSTANCE, "bare", engine="postgres")
    assert complaints(program, phase, DB) == {"bare": Outcome.UNDECIDED}
    vpc = program.add(kinds.DEFAULT_VPC, "adopted")
    assert complaints(program, phase, DB) == {"bare": Outcome.VIOLATION}
    program.add(kinds.DEFAULT_ROUTE_TABLE, "closed", defaultRouteTableId=vpc.out("defaultRouteTableId"), routes=[])
    assert complaints(program, phase, DB) == {"bare": Outcome.UNDECIDED}
    program["bare"].inputs["dbSubnetGroupName"] = "default"
    del program["closed"]
    assert complaints(program, phase, DB) == {"bare": Outcome.VIOLATION}, "what AWS calls the group of the default VPC"


def test_coverage_is_what_the_configuration_says(program: Program, phase: Phase) -> None:
    route(program, program["data-table"].id, destinationCidrBlock="0.0.0.0/3")
    assert complaints(program, phase, DB) == {}
    assert complaints(program, phase, DB, Config(values={"publicCoverage": 0.1})) == {"db": Outcome.VIOLATION}


def test_a_vpc_whose_default_group_nobody_manages_is_open(program: Program, phase: Phase) -> None:
    assert complaints(program, phase, DEFAULT_SG) == {}
    del program["default"]
    assert complaints(program, phase, DEFAULT_SG) == {"main": Outcome.VIOLATION}


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_default_group_with_inline_rules_is_open(program: Program, phase: Phase, direction: str) -> None:
    program["default"].inputs[direction] = [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]
    assert complaints(program, phase, DEFAULT_SG) == {"main": Outcome.VIOLATION}


@pytest.mark.parametrize("target", ["default", "vpc"])
def test_a_default_group_with_standalone_rules_is_open(program: Program, phase: Phase, target: str) -> None:
    group = program["default"].id if target == "default" else program["main"].out("defaultSecurityGroupId")
    program.add(kinds.EGRESS_RULE, "all-out", securityGroupId=group, ipProtocol="-1", cidrIpv4="10.0.0.0/8")
    verdict = only(program, phase, DEFAULT_SG)
    assert verdict.finding.outcome is Outcome.VIOLATION
    assert verdict.finding.path == ("vpc main", "default security group default", "rule all-out")


def test_a_default_group_of_an_unknown_vpc_is_undecided_at_preview(program: Program) -> None:
    program["default"].inputs["vpcId"] = Elsewhere(program["main"].known("id"))
    assert complaints(program, "preview", DEFAULT_SG) == {"main": Outcome.UNDECIDED}
    assert complaints(program, "update", DEFAULT_SG) == {}


def test_default_groups_of_two_vpcs_are_not_confused(program: Program, phase: Phase) -> None:
    other = program.add(kinds.VPC, "second")
    program.add(kinds.DEFAULT_SECURITY_GROUP, "second-default", vpcId=other.id, ingress=[{"protocol": "-1"}])
    assert complaints(program, phase, DEFAULT_SG) == {"second": Outcome.VIOLATION}


@pytest.mark.parametrize(
    ("control", "kind", "inputs", "argument"),
    [
        (DB, kinds.DB_INSTANCE, {"engine": "postgres"}, "db_subnet_group_name"),
        ("cache-subnet-not-public", kinds.CACHE_CLUSTER, {"engine": "redis"}, "subnet_group_name"),
    ],
)
def test_the_fix_for_a_store_in_the_default_vpc_names_its_own_argument(
    phase: Phase, control: str, kind: str, inputs: dict[str, str], argument: str
) -> None:
    program = Program()
    program.add(kinds.DEFAULT_VPC, "adopted")
    program.add(kind, "it", **inputs)
    message = only(program, phase, control).message()
    assert f"fix: set {argument} to a group of private subnets" in message
    assert "RouteTableAssociation" not in message
