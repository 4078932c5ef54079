"""The architecture of a stack as a person would draw it: what stands where, and who speaks to whom.

`picture` says it as data, for the JSON document; `svg` and `mermaid` draw it. All three are pure functions: the same
stack gives the same bytes. docs/preflight.md says what is left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from preflight.picture.flows import flows
from preflight.picture.things import REGIONAL, Thing, things
from preflight.reach import Surroundings
from preflight.reach.firewall import VPCS
from preflight.reach.graph import Node
from preflight.reach.routes import DIRECT, ENDPOINT, SUBNETS

_WAYS = ("public", "private", "isolated", "not known")  # the order of the tiers in the picture
_ELSEWHERE = "not known"
_ALIKE = 6  # things of one kind in one place without an arrow, before the others become a number


def picture(around: Surroundings, reached: Mapping[str, Any], region: str | None) -> dict[str, Any]:
    """The `picture` section of a stack. `reached` is its `reach` section."""
    places = _Places(around, region)
    found = things(around, reached)
    arrows = flows(around, reached, {thing.node.urn for thing in found})
    drawn = [
        {
            "urn": thing.node.urn,
            "name": thing.name,
            "what": thing.what,
            "shape": thing.shape,
            **places.of(thing),
            "badges": list(thing.badges),
        }
        for thing in found
    ]
    return {
        "region": places.region,
        "vpcs": places.vpcs,
        "things": _summed(drawn, {end for flow in arrows for end in (flow["from"], flow["to"])}),
        "flows": arrows,
    }


def _summed(drawn: list[dict[str, Any]], busy: set[str]) -> list[dict[str, Any]]:
    """Many of one kind in one place that no arrow touches become a few and a number: nobody would draw them all. The
    number stands in the place of the first that is left out."""
    kept: list[dict[str, Any]] = []
    counted: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for thing in drawn:
        if thing["urn"] in busy:
            kept.append(thing)
        else:
            alike = tuple(thing[key] for key in ("what", "region", "vpc", "tier", "place")) + tuple(thing["zones"])
            counted.setdefault(alike, []).append(thing)
    for found in counted.values():
        kept += found[:_ALIKE]
        if len(found) > _ALIKE:
            more = len(found) - _ALIKE
            kept.append(
                {**found[_ALIKE], "name": f"{more} more", "what": f"{found[0]['what']}, not shown", "badges": []}
            )
    return sorted(kept, key=lambda thing: thing["urn"])


class _Places:
    """VPCs with their tiers and zones. A tier is what subnets of one way out and one name, zones apart, make up."""

    def __init__(self, around: Surroundings, region: str | None) -> None:
        self._around, self._network = around, around.network
        subnets = around.graph.all(*SUBNETS)
        self._stems = stems([subnet.name for subnet in subnets])
        grouped: dict[str, dict[tuple[int, str], list[Node]]] = {}
        for subnet in subnets:
            vpc = self._network.vpc_key(subnet) or _ELSEWHERE
            tier = (_WAYS.index(self._way(subnet)), self._stems[subnet.name])
            grouped.setdefault(vpc, {}).setdefault(tier, []).append(subnet)
        self._tiers: dict[str, tuple[str, int]] = {}
        self.vpcs: list[dict[str, Any]] = []
        for key in sorted(grouped):
            tiers = [found for _, found in sorted(grouped[key].items())]
            self._tiers |= {subnet.urn: (key, place) for place, found in enumerate(tiers) for subnet in found}
            self.vpcs.append(self._vpc(key, tiers))
        self.region = region or _of_zones(zone for vpc in self.vpcs for zone in vpc["zones"])
        for each in self.vpcs:
            each["region"] = each["region"] or _of_zones(each["zones"]) or self.region

    def of(self, thing: Thing) -> dict[str, Any]:
        """Where a thing stands: the tier of most of its subnets, the upper one of two; None outside of any VPC."""
        counted = Counter(self._tiers[subnet.urn] for subnet in thing.subnets if subnet.urn in self._tiers)
        if not counted:
            place = thing.place or REGIONAL
            region = (self._region(thing.node) or self.region) if place == REGIONAL else None
            return {"region": region, "vpc": None, "tier": None, "zones": [], "place": place}
        (vpc, tier), _ = min(counted.items(), key=lambda item: (-item[1], item[0]))
        inside = [subnet for subnet in thing.subnets if self._tiers.get(subnet.urn, (None,))[0] == vpc]
        zones = sorted({self._network.zone(subnet) or "" for subnet in inside})
        fixed = [zone for zone in thing.zones if zone in zones]
        region = next(each["region"] for each in self.vpcs if each["key"] == vpc)
        return {"region": region, "vpc": vpc, "tier": tier, "zones": fixed or zones, "place": None}

    def _region(self, node: Node) -> str | None:
        """The resource's own region, else that of its provider."""
        provider = self._around.graph.at((node.entry.get("options") or {}).get("provider"))
        return node.given("region") or (provider.given("region") if provider is not None else None)

    def _way(self, subnet: Node) -> str:
        ways = self._network.ways(subnet)
        if any(way.what == DIRECT and way.sure for way in ways):
            return "public"
        if any(way.sure for way in ways):
            return "private"
        return "not known" if ways else "isolated"

    def _vpc(self, key: str, tiers: list[list[Node]]) -> dict[str, Any]:
        node = self._around.graph.at(key)
        every = [subnet for tier in tiers for subnet in tier]
        return {
            "key": key,
            "urn": node.urn if node else None,
            "region": self._region(every[0]),
            "name": node.name if node and node.kind in VPCS else key,
            "cidr": node.text("cidrBlock") if node else None,
            "zones": sorted({self._network.zone(subnet) or "" for subnet in every}),
            "endpoints": self._endpoints(node) if node else [],
            "tiers": [
                {
                    "name": self._stems[tier[0].name] or self._way(tier[0]),
                    "way": self._way(tier[0]),
                    "subnets": [
                        {
                            "urn": subnet.urn,
                            "zone": self._network.zone(subnet) or "",
                            "cidr": subnet.text("cidrBlock"),
                        }
                        for subnet in sorted(tier, key=lambda each: (self._network.zone(each) or "", each.urn))
                    ],
                }
                for tier in tiers
            ],
        }

    def _endpoints(self, vpc: Node) -> list[str]:
        """The AWS services with an endpoint in the VPC."""
        names = [node.text("serviceName") or "" for node in self._around.graph.owned(vpc, ENDPOINT, "vpcId")]
        return sorted({".".join(name.split(".")[3:]) for name in names if name.count(".") >= 3})


def _of_zones(zones: Iterable[str]) -> str | None:
    """What the names of the zones begin with, when it is the same for all."""
    found = {zone[:-1] for zone in zones if zone[-1:].isalpha() and zone[-2:-1].isdigit()}
    return found.pop() if len(found) == 1 else None


def stems(names: list[str]) -> dict[str, str]:
    """What is common to the names of the subnets of a tier: each without its zone, its number, and what all share.

    >>> stems(["shop-public-us-east-1a", "shop-data-us-east-1a"])
    {'shop-public-us-east-1a': 'public', 'shop-data-us-east-1a': 'data'}
    """
    words = _without_letters({name: _words(name) for name in names})
    found = list(words.values())
    shared = 0
    while found and all(len(each) > shared + 1 and each[shared] == found[0][shared] for each in found):
        shared += 1
    return {name: "-".join(each[shared:]) for name, each in words.items()}


def _without_letters(words: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """`puba`, `pubb` and `pubc` are `pub` three times, where there is an `a` and another; `data` alone stays."""
    letters: dict[tuple[str, ...], set[str]] = {}
    for each in words.values():
        if each and len(each[-1]) > 2 and each[-1][-1] in "abcdef":
            letters.setdefault((*each[:-1], each[-1][:-1]), set()).add(each[-1][-1])
    zoned = {stem for stem, found in letters.items() if len(found) > 1 and "a" in found}
    return {
        name: list(stem) if each and (stem := (*each[:-1], each[-1][:-1])) in zoned else each
        for name, each in words.items()
    }


def _words(name: str) -> list[str]:
    words = [word for word in name.replace("_", "-").split("-") if word]
    while len(words) > 1 and _tells_apart(words[-1]):
        words.pop()
    if words:  # public1, publicA
        bare = words[-1].rstrip("0123456789")
        bare = bare[:-1] if len(bare) > 2 and bare[-1].isupper() and bare[-2].islower() else bare
        words[-1] = bare or words[-1]
    return words


def _tells_apart(word: str) -> bool:
    """Whether a word names a zone or counts: `1`, `b`, `us`, `east`, `1a`, `az2`."""
    return (
        word.isdigit()
        or len(word) == 1
        or word.lower() in _OF_REGIONS
        or (len(word) <= 4 and word[0].isdigit())
        or (word.lower().startswith("az") and len(word) <= 3)
    )


_OF_REGIONS = frozenset({
    "af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us", "gov", "central", "east", "north", "northeast",
    "northwest", "south", "southeast", "southwest", "west",
    "use1", "use2", "usw1", "usw2", "euw1", "euw2", "euw3", "euc1",
})  # fmt: skip
