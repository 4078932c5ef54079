"""The walk from a data store over the groups that it lets in to the world, at preview and at update."""

import pytest
from guardrails import kinds
from guardrails.verdicts import Outcome

from tests.policy.graphs import Derived, Elsewhere, Phase, Program, complaints, only
from tests.policy.houses import WORLD, tiers

CHAIN = "db-sg-not-internet-reachable"


@pytest.fixture
def house() -> Program:
    return tiers()


def test_a_database_behind_service_and_balancer_is_not_reachable(house: Program, phase: Phase) -> None:
    assert complaints(house, phase, CHAIN) == {}


def test_a_public_source_of_the_database_itself_is_found(house: Program, phase: Phase) -> None:
    rule = {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrIpv4": WORLD}
    house.add(kinds.INGRESS_RULE, "leak", securityGroupId=house["store-group"].id, **rule)
    verdict = only(house, phase, CHAIN)
    assert verdict.finding.path == ("database cluster cluster", "security group store-group", WORLD)


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_a_public_group_any_number_of_hops_away_is_found(house: Program, phase: Phase, hops: int) -> None:
    inner = house["app-group"]
    for hop in range(1, hops):
        outer = house.add(kinds.SECURITY_GROUP, f"hop-{hop}")
        house.add(
            kinds.INGRESS_RULE, f"to-{inner.name}", securityGroupId=inner.id, ipProtocol="tcp", fromPort=22, toPort=22,
            referencedSecurityGroupId=outer.id,
        )  # fmt: skip
        inner = outer
    inner.inputs["ingress"] = [{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [WORLD]}]
    verdict = only(house, phase, CHAIN)
    assert verdict.finding.outcome is Outcome.VIOLATION
    assert verdict.finding.path[1:3] == ("security group store-group", "security group app-group")
    assert verdict.finding.path[-2:] == (inner_label(inner.name), WORLD)


def inner_label(name: str) -> str:
    return f"security group {name}"


def test_the_same_group_without_a_balancer_is_a_violation(house: Program, phase: Phase) -> None:
    house["lb"].inputs["securityGroups"] = []
    assert complaints(house, phase, CHAIN) == {"cluster": Outcome.VIOLATION}


def test_the_group_of_a_balancer_under_its_old_token_is_a_balancers_group(house: Program, phase: Phase) -> None:
    house["lb"].type = "aws:alb/loadBalancer:LoadBalancer"
    assert complaints(house, phase, CHAIN) == {}


def test_circular_sources_end(house: Program, phase: Phase) -> None:
    house.add(
        kinds.SECURITY_GROUP_RULE, "back", type="ingress", securityGroupId=house["app-group"].id, protocol="tcp",
        fromPort=1, toPort=2, sourceSecurityGroupId=house["store-group"].id,
    )  # fmt: skip
    assert complaints(house, phase, CHAIN) == {}


def test_a_database_group_that_another_one_lets_in_is_still_judged_as_the_first_hop(
    house: Program, phase: Phase
) -> None:
    house["cluster"].inputs["vpcSecurityGroupIds"] = [house["store-group"].id, house["lb-group"].id]
    assert complaints(house, phase, CHAIN) == {"cluster": Outcome.VIOLATION}, "the balancer's group lets the world in"


def test_inline_source_groups_are_followed(house: Program, phase: Phase) -> None:
    del house["app-to-store"]
    house["store-group"].inputs["ingress"] = [
        {"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "securityGroups": [house["app-group"].id]}
    ]
    assert complaints(house, phase, CHAIN) == {}
    house["app-group"].inputs["ingress"] = [{"protocol": "tcp", "fromPort": 1, "toPort": 1, "cidrBlocks": [WORLD]}]
    assert complaints(house, phase, CHAIN) == {"cluster": Outcome.VIOLATION}


def test_a_foreign_source_group_is_undecided(house: Program, phase: Phase) -> None:
    house["app-to-store"].inputs["referencedSecurityGroupId"] = "sg-0a1b2c3d"
    verdict = only(house, phase, CHAIN)
    assert verdict.finding.outcome is Outcome.UNDECIDED
    assert verdict.finding.path == ("database cluster cluster", "security group store-group")


def test_a_database_without_groups_is_undecided(house: Program, phase: Phase) -> None:
    del house["cluster"].inputs["vpcSecurityGroupIds"]
    assert "default group" in only(house, phase, CHAIN).finding.says


def test_a_rule_of_an_unknown_group_leaves_the_chain_open_at_preview(house: Program) -> None:
    house.add(
        kinds.INGRESS_RULE, "stray", securityGroupId=Elsewhere("sg-elsewhere"), ipProtocol="tcp", fromPort=1, toPort=1,
        cidrIpv4=WORLD,
    )  # fmt: skip
    assert complaints(house, "preview", CHAIN) == {"cluster": Outcome.UNDECIDED}
    assert complaints(house, "update", CHAIN) == {}


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (kinds.DB_INSTANCE, "vpcSecurityGroupIds"),
        (kinds.CACHE_REPLICATION_GROUP, "securityGroupIds"),
        (kinds.CACHE_SERVERLESS, "securityGroupIds"),
        (kinds.REDSHIFT_CLUSTER, "vpcSecurityGroupIds"),
    ],
)
def test_every_kind_of_store_is_watched(house: Program, phase: Phase, kind: str, key: str) -> None:
    house.add(kind, "another", **{key: [house["lb-group"].id]}, dbSubnetGroupName=house["db"].out("name"))
    assert complaints(house, phase, CHAIN) == {"another": Outcome.VIOLATION}


def test_the_brokers_of_a_stream_are_watched(house: Program, phase: Phase) -> None:
    house.add(kinds.MSK_CLUSTER, "stream", brokerNodeGroupInfo={"securityGroups": [house["lb-group"].id]})
    assert complaints(house, phase, CHAIN) == {"stream": Outcome.VIOLATION}


def test_a_list_of_groups_with_a_foreign_source_is_undecided_although_what_is_seen_is_fine(house: Program) -> None:
    parameter = house.add("aws:ssm/parameter:Parameter", "more")
    outputs = (house["store-group"].id, parameter.out("value"))
    house["cluster"].inputs["vpcSecurityGroupIds"] = Derived(outputs, lambda made, _: [made])
    assert complaints(house, "preview", CHAIN) == {"cluster": Outcome.UNDECIDED}
    assert complaints(house, "update", CHAIN) == {}


def test_a_balancer_whose_groups_are_unknown_leaves_open_whose_group_it_is(house: Program) -> None:
    parameter = house.add("aws:ssm/parameter:Parameter", "groups")
    made = house["lb-group"].known("id")
    house["lb"].inputs["securityGroups"] = Derived((parameter.out("value"),), lambda _: [made])
    assert complaints(house, "preview", CHAIN) == {"cluster": Outcome.UNDECIDED}
    assert complaints(house, "update", CHAIN) == {}
    house.add(kinds.LOAD_BALANCER, "network", loadBalancerType="network")
    house["lb"].inputs["securityGroups"] = []
    assert complaints(house, "preview", CHAIN) == {"cluster": Outcome.VIOLATION}, "unset groups are nobody's"


@pytest.mark.parametrize(
    ("groups", "verdict"),
    [
        (("store-group", "app-group"), {}),
        (("store-group", "lb-group"), {"cluster": Outcome.UNDECIDED}),
        (("lb-group", "open-group"), {"cluster": Outcome.VIOLATION}),
    ],
)
def test_groups_from_an_apply_are_decided_where_all_that_they_may_be_agree(
    house: Program, groups: tuple[str, ...], verdict: dict[str, Outcome]
) -> None:
    rule = {"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": [WORLD]}
    house.add(kinds.SECURITY_GROUP, "open-group", ingress=[rule])
    outputs = tuple(house[name].id for name in groups)
    house["cluster"].inputs["vpcSecurityGroupIds"] = Derived(outputs, lambda *ids: list(ids))
    assert complaints(house, "preview", CHAIN) == verdict
    assert complaints(house, "update", CHAIN) == ({"cluster": Outcome.VIOLATION} if verdict else {})


@pytest.mark.parametrize("key", ["protocol", "prefixListIds", "cidrBlocks"])
def test_no_value_of_a_rule_reaches_a_message_unless_it_has_the_form_of_what_it_should_be(
    house: Program, phase: Phase, key: str
) -> None:
    rule = {"protocol": "icmp", "cidrBlocks": [WORLD], "prefixListIds": []}
    rule |= {"cidrBlocks": []} if key == "prefixListIds" else {}
    rule[key] = "hunter2" if key == "protocol" else ["hunter2"]
    house["store-group"].inputs["ingress"] = [rule | {"fromPort": 22, "toPort": 22}]
    found = [v for v in house.verdicts(phase) if v.finding.outcome is not Outcome.PASS]
    assert found
    assert not [v for v in found if "hunter2" in v.message()]
