"""The address plan: inside the range, apart from each other, and unmoved whatever happens to other zones."""

from ipaddress import IPv4Network, IPv6Network
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settings.address_plan import SLOTS, TIERS, AddressPlan, DoesNotFitError, Tier, ipv6_block, letters_that_fit, plan
from tests.gathered import for_each

many = settings(max_examples=200)


@st.composite
def fitting(draw: st.DrawFn) -> tuple[IPv4Network, int, list[str]]:
    """A range, a mask and zones in any order that fit into it."""
    prefix = draw(st.integers(16, 24))
    mask = draw(st.integers(prefix + 3, 28))
    network = IPv4Network((draw(st.integers(0, 2**32 - 1)) >> (32 - prefix) << (32 - prefix), prefix))
    letters = "abcdefghijklmnopqrstuvwxyz"[: letters_that_fit(network, mask)]
    chosen = draw(st.lists(st.sampled_from(letters), min_size=1, max_size=6, unique=True))
    return network, mask, [f"us-east-1{letter}" for letter in chosen]


def subnets(found: AddressPlan) -> dict[tuple[str, str], IPv4Network]:
    return {(zone, tier): found.tier(tier)[zone] for tier in TIERS for zone in found.zones}


@many
@given(fitting())
def test_subnets_lie_in_the_range_apart_in_the_order_of_their_zones_and_where_they_are_whatever_the_others(
    case: tuple[IPv4Network, int, list[str]],
) -> None:
    cidr, mask, zones = case
    found = plan(cidr, mask, zones)
    blocks = subnets(found)
    _lie_inside_the_range_and_have_the_size(case, blocks)
    assert not [pair for pair in combinations(blocks.values(), 2) if pair[0].overlaps(pair[1])]
    _each_zone_leaves_a_slot_of_its_own_free(case, found)
    assert [list(found.tier(tier)) for tier in TIERS] == [zones] * len(TIERS)
    random = Random(str(case))
    kept = random.sample(zones, random.randint(1, len(zones)))
    stayed = {place: block for place, block in blocks.items() if place[0] in kept}
    assert subnets(plan(cidr, mask, kept)) == stayed, "adding, removing or reordering zones moves no other subnet"


def _lie_inside_the_range_and_have_the_size(
    case: tuple[IPv4Network, int, list[str]], blocks: dict[tuple[str, str], IPv4Network]
) -> None:
    cidr, mask, zones = case
    assert len(blocks) == len(zones) * len(TIERS)
    assert all(block.subnet_of(cidr) and block.prefixlen == mask for block in blocks.values())


def _each_zone_leaves_a_slot_of_its_own_free(case: tuple[IPv4Network, int, list[str]], found: AddressPlan) -> None:
    cidr, mask, _ = case
    size = 2 ** (32 - mask)
    spare = [IPv4Network((int(zone.data.network_address) + size, mask)) for zone in found.zones.values()]
    assert all(slot.subnet_of(cidr) for slot in spare)
    assert not [slot for slot in spare for block in subnets(found).values() if slot.overlaps(block)]


def test_the_plan_is_pinned_because_moving_a_subnet_replaces_it() -> None:
    found = plan(IPv4Network("10.20.0.0/16"), 24, ["us-east-1a", "us-east-1c"])
    assert {place: str(block) for place, block in subnets(found).items()} == {
        ("us-east-1a", "public"): "10.20.0.0/24",
        ("us-east-1a", "private"): "10.20.1.0/24",
        ("us-east-1a", "data"): "10.20.2.0/24",
        ("us-east-1c", "public"): "10.20.8.0/24",
        ("us-east-1c", "private"): "10.20.9.0/24",
        ("us-east-1c", "data"): "10.20.10.0/24",
    }


@for_each(
    "cidr, mask, zone, said",
    [
        (
            "10.0.0.0/20",
            24,
            "us-east-1e",
            "holds the zone letters a to d (four subnets a zone); a subnetMask of 25 or more",
        ),
        ("10.0.0.0/22", 24, "us-east-1b", "holds the zone letters a (four subnets a zone); a subnetMask of 25 or more"),
        ("10.0.0.0/24", 24, "us-east-1a", "no room for even one zone with subnets of /24"),
        ("10.0.0.0/24", 16, "us-east-1a", "no room for even one zone with subnets of /16"),
        ("10.0.0.0/20", 24, "us-east-1e", "a cidr of /19 or larger would do"),
    ],
)
def test_a_zone_that_does_not_fit_is_refused_with_the_way_out(cidr: str, mask: int, zone: str, said: str) -> None:
    with pytest.raises(DoesNotFitError, match=said.replace("(", r"\(").replace(")", r"\)")) as caught:
        plan(IPv4Network(cidr), mask, ["us-east-1a", zone])
    assert caught.value.zone == (zone if "even" not in said else "us-east-1a")


@many
@given(st.integers(16, 24), st.integers(16, 28), st.integers(0, 25))
def test_the_way_out_leads_out(prefix: int, mask: int, position: int) -> None:
    zone = f"us-east-1{chr(ord('a') + position)}"
    cidr = IPv4Network((10 << 24, prefix))
    try:
        plan(cidr, mask, [zone])
    except DoesNotFitError as error:
        words = error.way_out.split()
        if "subnetMask" in words:
            better = int(words[words.index("subnetMask") + 2])
            assert plan(cidr, better, [zone])
            assert letters_that_fit(cidr, better - 1) <= position, "one less would not do"
        if "a cidr of" in error.way_out:
            larger = int(words[words.index("cidr") + 2].removeprefix("/"))
            assert plan(IPv4Network((10 << 24, larger)), mask, [zone])


def test_a_zone_is_told_by_its_letter() -> None:
    with pytest.raises(ValueError, match="ends with a lower-case letter"):
        plan(IPv4Network("10.0.0.0/16"), 24, ["use1-az1"])


def test_there_is_room_for_a_fourth_tier() -> None:
    assert len(TIERS) + 1 == SLOTS


def test_every_zone_letter_has_room_in_ipv6_and_no_two_subnets_overlap() -> None:
    whole = "2600:1f18:12:ab00::/56"
    zones = [f"us-east-1{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    blocks = [IPv6Network(ipv6_block(whole, tier, zone)) for tier in TIERS for zone in zones]
    assert len(set(blocks)) == len(blocks) == 78
    assert all(block.prefixlen == 64 and block.subnet_of(IPv6Network(whole)) for block in blocks)


@for_each(
    "tier, zone, block",
    [
        ("public", "us-east-1a", "2600:1f18:12:ab00::/64"),
        ("private", "us-east-1a", "2600:1f18:12:ab01::/64"),
        ("public", "eu-west-1b", "2600:1f18:12:ab04::/64"),
        ("data", "us-east-1f", "2600:1f18:12:ab16::/64"),
    ],
)
def test_a_subnet_has_the_same_slot_in_ipv6_as_in_ipv4(tier: Tier, zone: str, block: str) -> None:
    assert ipv6_block("2600:1f18:12:ab00::/56", tier, zone) == block
    slot = list(IPv4Network("10.0.0.0/16").subnets(new_prefix=24)).index(
        plan(IPv4Network("10.0.0.0/16"), 24, [zone]).tier(tier)[zone]
    )
    assert list(IPv6Network("2600:1f18:12:ab00::/56").subnets(new_prefix=64))[slot] == IPv6Network(block)


@pytest.mark.parametrize("given_", ["2600:1f18:12:ab00::/64", "2600::/48"])
def test_a_range_that_aws_does_not_give_is_refused(given_: str) -> None:
    with pytest.raises(ValueError, match=f"{given_} is no /56"):
        ipv6_block(given_, "public", "us-east-1a")
