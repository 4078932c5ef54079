"""The picture of a stack: what is drawn and what is not, where it stands, who speaks to whom; then the drawing itself."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from preflight.picture import picture, stems
from preflight.picture.files import drawn
from preflight.picture.layout import Box, Scene, scene
from preflight.picture.mermaid import mermaid
from preflight.picture.svg import svg
from preflight.picture.text import fitted, width
from preflight.reach import reach
from tests.gathered import for_each
from tests.preflight.reach.baseline import STACK
from tests.preflight.reach.stacks import SEEN, Ref, changed, resource, surroundings, swapped

_SVG = "{http://www.w3.org/2000/svg}"


def _picture(*resources: dict[str, Any], **how: bool) -> dict[str, Any]:
    around = surroundings(*resources, **how)
    return picture(around, reach(around), None)


def _things(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {thing["name"]: thing for thing in found["things"]}


def _flows(found: dict[str, Any]) -> set[tuple[str, str, str, bool]]:
    names = {thing["urn"]: thing["name"] for thing in found["things"]} | {"internet": "internet"}
    return {(names[flow["from"]], names[flow["to"]], flow["label"], flow["sure"]) for flow in found["flows"]}


@pytest.mark.parametrize("seen", SEEN)
def test_services_stand_in_the_tier_of_their_subnets_and_stores_of_the_api_in_none(seen: dict[str, bool]) -> None:
    found = _picture(*STACK.values(), **seen)

    assert [(tier["name"], tier["way"]) for tier in found["vpcs"][0]["tiers"]] == [
        ("public", "public"),
        ("private", "private"),
    ]
    things = _things(found)
    assert (things["lb"]["tier"], things["service"]["tier"], things["bucket"]["tier"]) == (0, 1, None)
    assert things["bucket"]["place"] == "regional"
    assert things["service"]["zones"] == ["us-east-1a", "us-east-1b"]
    assert things["nat-a"]["zones"] == ["us-east-1a"]
    assert found["region"] == "us-east-1"


def test_arrows_say_who_reaches_whom_with_ports_and_rights_and_nobody_else() -> None:
    assert _flows(_picture(*STACK.values())) == {
        ("internet", "lb", "443 HTTPS", True),
        ("lb", "service", "8080", True),
        ("service", "bucket", "read", True),
        ("service", "db", "5432", False),  # its engine asks for a password, of which IAM knows nothing
    }


def test_what_is_shut_off_has_no_arrow() -> None:
    shut = _picture(*swapped(STACK, without="db-in"))

    assert ("service", "db") not in {flow[:2] for flow in _flows(shut)}
    assert "db" in _things(shut)


def test_rights_without_a_way_and_ways_without_rights_have_no_arrow() -> None:
    cut_off = _picture(*swapped(STACK, without="app-https"))
    assert ("service", "bucket") not in {flow[:2] for flow in _flows(cut_off)}

    powerless = _picture(*swapped(STACK, without="policy"))
    assert ("service", "bucket") not in {flow[:2] for flow in _flows(powerless)}
    assert {"service", "bucket"} <= set(_things(powerless))


def test_badges_say_number_and_size_and_leave_out_what_is_not_known() -> None:
    things = _things(_picture(*STACK.values()))
    assert things["service"]["badges"] == ["4 tasks", "0.25 vCPU", "0.5 GiB"]
    assert things["db"]["badges"] == ["PostgreSQL", "db.t4g.micro", "20 GiB"]

    unknown = changed(STACK["db"], allocatedStorage={"$unknown": True}, instanceClass={"$unknown": True})
    assert _things(_picture(*swapped(STACK, unknown)))["db"]["badges"] == ["PostgreSQL"]

    somewhere = changed(STACK["task"], runtimePlatform={"cpuArchitecture": {"$unknown": True}})
    assert _things(_picture(*swapped(STACK, somewhere)))["service"]["badges"] == ["4 tasks", "0.25 vCPU", "0.5 GiB"]
    arm = changed(STACK["task"], runtimePlatform={"cpuArchitecture": "ARM64"})
    assert _things(_picture(*swapped(STACK, arm)))["service"]["badges"][-1] == "arm64"

    target = resource(
        "aws:appautoscaling/target:Target", "count", serviceNamespace="ecs", minCapacity=2, maxCapacity=9,
        resourceId="service/cluster/service",
    )  # fmt: skip
    assert _things(_picture(*STACK.values(), target))["service"]["badges"][0] == "2 to 9 tasks"


def test_a_queue_for_what_was_given_up_is_not_drawn_and_the_other_is() -> None:
    dead = resource("aws:sqs/queue:Queue", "dead")
    alive = changed(STACK["queue"], redrivePolicy={"deadLetterTargetArn": Ref(dead, "arn"), "maxReceiveCount": 3})
    names = set(_things(_picture(*swapped(STACK, alive, dead))))

    assert "queue" in names
    assert "dead" not in names
    assert "dead" in _things(_picture(*swapped(STACK, dead)))


def test_keys_and_secrets_are_not_drawn() -> None:
    key, secret = resource("aws:kms/key:Key", "key"), resource("aws:secretsmanager/secret:Secret", "secret")

    assert not {"key", "secret"} & set(_things(_picture(*STACK.values(), key, secret)))


def test_what_makes_a_nat_instance_is_not_a_service_beside_it() -> None:
    card = resource("aws:ec2/networkInterface:NetworkInterface", "nat-card", subnetId=Ref(STACK["public-a"]))
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate", "nat-template", networkInterfaces=[{"networkInterfaceId": Ref(card)}]
    )
    fleet = resource(
        "aws:autoscaling/group:Group", "nat-maker", minSize=1, maxSize=1, launchTemplate={"id": Ref(template)},
        vpcZoneIdentifiers=[Ref(STACK["public-a"])],
    )  # fmt: skip
    route = changed(STACK["out-a-out"], natGatewayId=None, networkInterfaceId=Ref(card))
    things = _things(_picture(*swapped(STACK, route, card, template, fleet)))

    assert things["nat-card"]["what"] == "NAT instance"
    assert "nat-maker" not in things


def test_a_cdn_stands_outside_of_the_region_and_calls_the_load_balancer_not_what_is_behind() -> None:
    cdn = resource(
        "aws:cloudfront/distribution:Distribution", "cdn", enabled=True,
        origins=[{"originId": "lb", "domainName": Ref(STACK["lb"], "dnsName")}],
    )  # fmt: skip
    found = _picture(*STACK.values(), cdn)

    assert _things(found)["cdn"]["place"] == "global"
    assert {target for source, target, *_ in _flows(found) if source == "cdn"} == {"lb"}


def test_a_thing_alone_in_its_component_has_the_name_of_that() -> None:
    room = {**resource("shop:Api", "api"), "custom": False}
    inside = {**STACK["service"], "parent": room["urn"]}
    beside = {**STACK["db"], "parent": room["urn"]}

    assert "api" in _things(_picture(*swapped(STACK, inside, room)))
    both = _things(_picture(*swapped(STACK, inside, beside, room)))
    assert {"service", "db"} <= set(both)
    assert "api" not in both


def test_many_alike_that_no_arrow_touches_become_a_number_and_those_in_use_never_do() -> None:
    many = [resource("aws:sqs/queue:Queue", f"spare-{number:02}") for number in range(30)]
    things = _things(_picture(*swapped(STACK, *many, without="queue")))

    spare = [name for name in things if name.startswith("spare")]
    assert len(spare) == 6
    assert things["24 more"]["what"] == "queue, not shown"
    assert "service" in things

    right = {"Effect": "Allow", "Action": ["s3:GetObject", "sqs:*"], "Resource": "*"}
    used = changed(STACK["policy"], policy=json.dumps({"Statement": right}))
    assert len([name for name in _things(_picture(*swapped(STACK, used, *many))) if name.startswith("spare")]) == 30


def test_two_vpcs_are_two_boxes_and_a_foreign_one_has_its_id() -> None:
    other = resource(
        "aws:ec2/subnet:Subnet", "lone", vpcId="vpc-0123", availabilityZone="us-east-1c", cidrBlock="10.9.0.0/24"
    )
    vpcs = {vpc["name"]: vpc for vpc in _picture(*STACK.values(), other)["vpcs"]}

    assert set(vpcs) == {"vpc", "vpc-0123"}
    assert vpcs["vpc-0123"]["urn"] is None
    assert vpcs["vpc-0123"]["zones"] == ["us-east-1c"]


@for_each(
    "names, expected",
    [
        (["net-public-us-east-1a", "net-data-us-east-1a"], ["public", "data"]),
        (["vpc-public-1", "vpc-public-2", "vpc-private-1"], ["public", "public", "private"]),
        (["publicA", "publicB", "privateA"], ["public", "public", "private"]),
        (["app_a", "app_b"], ["app", "app"]),
        (["subnet1", "subnet2"], ["subnet", "subnet"]),
        (["puba", "pubb", "pubc", "prva", "prvb"], ["pub", "pub", "pub", "prv", "prv"]),
        (["app-puba", "app-pubb", "app-data"], ["pub", "pub", "data"]),
        (["data", "dmzb"], ["data", "dmzb"]),
        (["a", "b"], ["a", "b"]),
        (["eu-west-1a"], ["eu"]),
    ],
)
def test_a_tier_has_what_its_subnets_have_in_common(names: list[str], expected: list[str]) -> None:
    assert [stems(names)[name] for name in names] == expected


def test_what_stands_in_another_region_is_in_a_box_of_that_region_and_not_in_the_stacks_own() -> None:
    provider = resource("pulumi:providers:aws", "eu", region="eu-west-1")
    over = {"options": {"provider": provider["urn"]}}
    vpc = resource("aws:ec2/vpc:Vpc", "eu", cidrBlock="10.9.0.0/16") | over
    subnet = resource("aws:ec2/subnet:Subnet", "eu-a", vpcId=Ref(vpc), cidrBlock="10.9.0.0/24") | over
    cache = resource("aws:rds/subnetGroup:SubnetGroup", "eu", subnetIds=[Ref(subnet)]) | over
    base = resource("aws:rds/instance:Instance", "eu-db", dbSubnetGroupName=Ref(cache, "name")) | over
    own = resource("aws:s3/bucket:Bucket", "far", region="ap-south-1")
    around = surroundings(*STACK.values(), provider, vpc, subnet, cache, base, own)
    found = picture(around, reach(around), "us-east-1")
    placed = scene(found)

    regions = {name: thing["region"] for name, thing in _things(found).items()}
    assert (regions["eu-db"], regions["far"]) == ("eu-west-1", "ap-south-1")
    assert (regions["bucket"], regions["service"]) == ("us-east-1", "us-east-1")
    assert {each["name"]: each["region"] for each in found["vpcs"]} == {"vpc": "us-east-1", "eu": "eu-west-1"}
    boxes = {words: box for box, words in placed.regions}
    assert [words for _, words in placed.regions] == ["Region us-east-1", "Region ap-south-1", "Region eu-west-1"]
    assert not [pair for pair in itertools.combinations(boxes.values(), 2) if _overlap(*pair)]
    for thing in found["things"]:
        held = [words for words, box in boxes.items() if _within(placed.cards[thing["urn"]], box)]
        assert held == [f"Region {thing['region']}"], thing["name"]
    lines = mermaid(found).splitlines()
    region = lines.index('  subgraph region1["Region ap-south-1"]')
    assert '"far<br/>bucket"' in lines[region + 1]
    assert lines[region + 2] == "  end"
    assert not any('"far<br/>' in line for line in lines[:region])


# The drawing.


def test_names_with_line_breaks_and_control_characters_are_one_line_of_xml_and_of_mermaid() -> None:
    found = _picture(resource("aws:sqs/queue:Queue", "two\nlines\x07\u202e\x0b|"))
    root = ElementTree.fromstring(svg(found, "a\x01b"))
    assert "two lines\\x07\\u202e |" in "".join(root.itertext())
    assert '"two lines#92;x07#92;u202e #124;<br/>queue"' in mermaid(found)


def _overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _within(inner: Box, outer: Box) -> bool:
    return outer.x <= inner.x and inner.right <= outer.right and outer.y <= inner.y and inner.bottom <= outer.bottom


def _crowd() -> Iterator[dict[str, Any]]:
    """The stack with forty services more, each with two queues."""
    yield from STACK.values()
    for number in range(40):
        queues = [resource("aws:sqs/queue:Queue", f"queue-{number}-{which}") for which in "ab"]
        yield from queues
        yield {**STACK["service"], "urn": f"{STACK['service']['urn']}-{number}", "name": f"service-{number}"}


@for_each("resources", [tuple(STACK.values()), tuple(_crowd()), (STACK["bucket"],), ()])
def test_no_card_lies_on_another_and_each_is_in_its_tier_and_on_the_page(resources: tuple[dict[str, Any], ...]) -> None:
    found = _picture(*resources)
    placed: Scene = scene(found)

    assert set(placed.cards) == {thing["urn"] for thing in found["things"]}
    assert not [pair for pair in itertools.combinations(placed.cards.values(), 2) if _overlap(*pair)]
    page = Box(0, 0, *placed.size)
    assert all(_within(card, page) for card in placed.cards.values())
    for thing in found["things"]:
        if thing["vpc"] is not None:
            tiers = placed.vpcs[[vpc["key"] for vpc in found["vpcs"]].index(thing["vpc"])].tiers
            assert _within(placed.cards[thing["urn"]], tiers[thing["tier"]].box), thing["name"]
    for arrow in placed.arrows:
        assert all(0 <= x <= page.width and 0 <= y <= page.height for x, y in arrow.points), arrow.said
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(arrow.points)), arrow.said


def test_what_stands_on_many_arrows_of_one_thing_can_be_read() -> None:
    queues = [resource("aws:sqs/queue:Queue", f"queue-{number}") for number in range(9)]
    right = {"Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"}
    used = changed(STACK["policy"], policy=json.dumps({"Statement": right}))
    placed = scene(_picture(*swapped(STACK, used, *queues)))

    starts = sorted(arrow.label_at for arrow in placed.arrows if not arrow.label_ends)
    assert len(starts) >= 9
    assert all(below[1] - above[1] >= 11 for above, below in itertools.pairwise(starts) if above[0] == below[0])


def test_arrows_end_at_the_edges_of_what_they_join_and_each_lane_belongs_to_one() -> None:
    found = _picture(*STACK.values())
    placed = scene(found)
    flows = sorted(found["flows"], key=lambda flow: (flow["from"], flow["to"]))
    edges = {urn: {card.x, card.right} for urn, card in placed.cards.items()}

    assert len(placed.arrows) == len(flows)
    ends = [arrow.points[-1][0] for arrow in placed.arrows]
    assert all(any(x in edge for edge in edges.values()) for x in ends)
    lanes = [arrow.points[-2][0] for arrow in placed.arrows]
    assert len(set(lanes)) == len(lanes)


def test_the_svg_is_well_formed_says_everything_in_words_and_never_changes() -> None:
    found = _picture(*STACK.values())
    text = svg(found, "a & b")
    root = ElementTree.fromstring(text)

    assert root.findtext(f"{_SVG}title") == "a & b"
    told = root.findtext(f"{_SVG}desc") or ""
    assert "service (ECS service), 4 tasks" in told
    assert "lb to service: 8080" in told
    assert text == svg(_picture(*reversed(STACK.values())), "a & b")
    assert not re.search(r"https?://(?!www\.w3\.org/)|<script|url\(", text)


def test_names_from_a_program_cannot_break_out_of_the_drawing() -> None:
    evil = resource("aws:s3/bucket:Bucket", '"><script>x</script>&|`#')
    found = _picture(evil)

    assert '"><script>x</script>&|`#' in "".join(ElementTree.fromstring(svg(found, "<&>")).itertext())
    assert "<script" not in svg(found, "<&>")
    line = next(line for line in mermaid(found).splitlines() if "script" in line)
    assert line.count('"') == 2
    assert not set("<>|`") & set(line.replace("<br/>", ""))


def test_the_mermaid_text_has_every_thing_once_and_every_arrow() -> None:
    found = _picture(*STACK.values())
    text = mermaid(found)

    assert text.startswith("flowchart LR\n")
    nodes = re.findall(r"^ +(n\d+)\W", text, re.MULTILINE)
    assert {f"n{place}" for place in range(len(found["things"]))} <= set(nodes)
    assert len(re.findall(r"--> ?|-\.-> ?|-->\||-\.->\|", text)) == len(found["flows"])
    assert text.count("subgraph") == len(re.findall(r"^ +end$", text, re.MULTILINE))


def test_text_is_cut_to_its_room_and_not_where_there_is_room() -> None:
    assert fitted("short", 10, 200) == "short"
    cut = fitted("network-nat-us-east-1a", 13, 100, bold=True)
    assert cut.endswith("…")
    assert width(cut, 13, bold=True) <= 100


def test_bold_takes_the_room_that_the_widest_of_the_usual_fonts_takes() -> None:
    """As Chromium 140 measured it with DejaVu Sans Bold, at 13 px."""
    for name, drawn_at in {
        "little-utility-filter-list": 153.2,
        "data-main": 74.9,
        "abcdefghij-klmnopqrs": 160.4,
    }.items():
        assert drawn_at - 0.5 <= width(name, 13, bold=True) <= drawn_at + 2
        assert width(name, 13) < width(name, 13, bold=True)


def _rows(drawing: str) -> dict[str, list[tuple[float, float, str]]]:
    """What stands on one line of one card: where each text begins and ends."""
    rows: dict[str, list[tuple[float, float, str]]] = {}
    for number, card in enumerate(ElementTree.fromstring(drawing).iter(f"{_SVG}g")):
        box = next(rect for rect in card.iter(f"{_SVG}rect") if "card" in rect.attrib["class"])
        edge = float(box.attrib["x"]) + float(box.attrib["width"])
        for text in card.iter(f"{_SVG}text"):
            x, size = float(text.attrib["x"]), float(text.attrib["font-size"])
            wide = width(text.text or "", size, bold="font-weight" in text.attrib)
            rows.setdefault(f"{number} {text.attrib['y']}", []).append((x, x + wide, text.text or ""))
            assert x + wide <= edge, text.text
    return rows


@pytest.mark.parametrize("letters", ["little-filter-", "ABCDWM-", "network-nat-"])
def test_no_name_touches_what_stands_beside_it_however_long_it_is(letters: str) -> None:
    found = _picture(*STACK.values())
    for thing in found["things"]:
        thing["badges"] = thing["badges"] or ["on demand"]
    for length in range(3, 48, 3):
        for thing in found["things"]:
            thing["name"] = (letters * 8)[:length]
        rows = _rows(svg(found, "long"))
        for row in rows.values():
            for (_, end, before), (begin, _, after) in itertools.pairwise(sorted(row)):
                assert end + 4 <= begin, (before, after)
        assert any(len(row) > 1 for row in rows.values())


def test_the_network_of_a_tier_is_said_in_full_where_its_words_have_no_room() -> None:
    found = _picture(*STACK.values())
    found["vpcs"][0]["tiers"][0] |= {"name": "little-utility-titles-of-forty-letters-tt", "way": "private"}
    drawing = svg(found, "long")
    texts = [text.text or "" for text in ElementTree.fromstring(drawing).iter(f"{_SVG}text")]
    cidr = found["vpcs"][0]["tiers"][0]["subnets"][0]["cidr"]
    assert f"· {cidr}" in texts
    (cut,) = [text for text in texts if text.startswith("little-utility-titles")]
    assert cut.endswith("…")
    assert cidr not in cut


def test_each_of_several_stacks_has_a_file_and_a_failed_one_has_none() -> None:
    found = _picture(*STACK.values())
    document = {"stacks": {"dev": {"picture": found}, "prod": {"picture": None}}}

    assert [target for target, _ in drawn(document, "svg", "out/picture.svg")] == ["out/picture.dev.svg"]
    one = {"stacks": {"dev": {"picture": found}}}
    assert [target for target, _ in drawn(one, "mermaid", "picture.mmd")] == ["picture.mmd"]
