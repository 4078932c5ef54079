"""Joins: known values by equality, unknown ones by the type behind the edge, and otherwise nothing is claimed."""

import pytest
from guardrails import kinds
from guardrails.graph import Graph, Members, Node, Reference
from guardrails.reading import Known, Props

from tests.gathered import for_each
from tests.policy.graphs import Derived, Elsewhere, Phase, Program

SUBNET = Reference({kinds.SUBNET: ("id",)})


def members(program: Program, phase: Phase) -> Members:
    graph = program.graph(phase)
    return graph.members(node(graph, "group").props.items("subnetIds"), SUBNET)


def node(graph: Graph, name: str) -> Node:
    return next(found for found in graph if found.name == name)


def names(nodes: tuple[Node, ...]) -> set[str]:
    return {found.name for found in nodes}


@pytest.fixture
def program() -> Program:
    program = Program()
    for name in ("a", "b", "c"):
        program.add(kinds.SUBNET, name)
    program.add(kinds.VPC, "vpc")
    program.add(kinds.DB_SUBNET_GROUP, "group", subnetIds=[program["a"].id, program["b"].id])
    return program


def test_a_list_of_ids_is_joined_element_by_element(program: Program, phase: Phase) -> None:
    found = members(program, phase)
    assert names(found.sure) == {"a", "b"}
    assert found.complete


def test_a_list_that_is_unknown_as_a_whole_holds_some_of_what_its_edges_say(program: Program) -> None:
    program["group"].inputs["subnetIds"] = Derived((program["a"].id, program["b"].id), lambda *ids: list(ids[1:]))
    found = members(program, "preview")
    assert not found.sure, "an apply may leave out some of what it was given"
    assert (names(found.maybe), found.slots, found.waits_for) == ({"a", "b"}, 1, None)
    assert names(members(program, "update").sure) == {"b"}
    program["group"].inputs["subnetIds"] = Derived((program["a"].id,), lambda a: [a])
    assert names(members(program, "preview").sure) == {"a"}, "a list of one has nothing to leave out"


def test_edges_to_other_types_make_a_whole_list_doubtful(program: Program) -> None:
    outputs = (program["a"].id, program["b"].id, program["vpc"].id)
    program["group"].inputs["subnetIds"] = Derived(outputs, lambda a, *_: [a])
    found = members(program, "preview")
    assert not found.sure, "a remote component's outputs depend on all of its children"
    assert names(found.maybe) == {"a", "b"}
    assert names(members(program, "update").sure) == {"a"}


def test_the_remote_component_that_made_the_candidates_is_no_element_itself(program: Program, phase: Phase) -> None:
    network = program.add("awsx:ec2:Vpc", "network")
    program["vpc"].parent = network
    for name in ("a", "b"):
        program[name].parent = program["vpc"]
    outputs = (program["a"].id, program["b"].id, network.out("subnetIds"))
    program["group"].inputs["subnetIds"] = Derived(outputs, lambda a, b, _: [a, b])
    found = members(program, phase)
    assert names((*found.sure, *found.maybe)) == {"a", "b"}
    assert found.waits_for is None
    program["a"].parent = program["b"].parent = None
    assert members(program, "preview").waits_for is not None, "of somebody else's output nothing is known"


def test_more_edges_than_elements_leave_open_which_they_are(program: Program) -> None:
    either = Derived((program["a"].id, program["b"].id), lambda a, b: a)
    program["group"].inputs["subnetIds"] = [either]
    found = members(program, "preview")
    assert (names(found.maybe), found.slots) == ({"a", "b"}, 1)


def test_fewer_edges_than_elements_leave_the_rest_open(program: Program) -> None:
    program["group"].inputs["subnetIds"] = [program["a"].id, Elsewhere("subnet-elsewhere")]
    preview, update = members(program, "preview"), members(program, "update")
    assert names(preview.sure) == {"a"}
    assert preview.waits_for is not None
    assert update.outside == ("subnet-elsewhere",)
    assert not update.complete


def test_a_dependency_of_another_type_is_no_join(program: Program) -> None:
    program["group"].inputs["subnetIds"] = [program["vpc"].id]
    found = members(program, "preview")
    assert not found.sure
    assert not found.maybe
    assert found.waits_for is not None
    assert "vpc vpc" in found.waits_for


def test_an_id_taken_from_the_association_is_the_id_of_the_subnet(program: Program, phase: Phase) -> None:
    association = program.add(kinds.ROUTE_TABLE_ASSOCIATION, "assoc", subnetId=program["c"].id)
    program["group"].inputs["subnetIds"] = [association.out("subnetId")]
    graph = program.graph(phase)
    through = Reference({kinds.SUBNET: ("id",)}, through={kinds.ROUTE_TABLE_ASSOCIATION: "subnetId"})
    assert names(graph.members(node(graph, "group").props.items("subnetIds"), through).sure) == {"c"}


def test_a_known_id_is_not_foreign_while_a_candidate_came_without_any_identity() -> None:
    bare = Node("urn:a", kinds.SUBNET, kinds.SUBNET, "a", None, Props({}, {}))
    found = Graph([bare]).link(Known("subnet-1"), SUBNET)
    assert found.waits_for is not None, "otherwise a recording without ids would pass everything"


@for_each(
    "alias, kind",
    [
        ("aws:alb/listener:Listener", kinds.LISTENER),
        ("aws:elasticloadbalancingv2/listenerRule:ListenerRule", kinds.LISTENER_RULE),
        ("aws:applicationloadbalancing/loadBalancer:LoadBalancer", kinds.LOAD_BALANCER),
        ("aws:elasticloadbalancing/loadBalancer:LoadBalancer", kinds.CLASSIC_LOAD_BALANCER),
        ("aws:s3/bucketV2:BucketV2", kinds.BUCKET),
        ("aws:s3/bucketAclV2:BucketAclV2", kinds.BUCKET_ACL),
        ("aws:s3/bucketObjectv2:BucketObjectv2", kinds.BUCKET_OBJECT),
    ],
)
def test_old_tokens_are_the_same_kind(alias: str, kind: str) -> None:
    assert kinds.kind_of(alias) == kind
