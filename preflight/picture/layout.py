"""Where everything of a picture goes, in pixels: boxes first, then the lanes in which the arrows run between them.

Tiers lie below each other and zones beside each other; a thing is as wide as the zones that it stands in. What has no
subnet stands in a column at the right. Arrows run in lanes: left of the tiers one for each source of calls, between the
VPCs and the column one for each store, right of the column one for each target in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from preflight.picture.flows import WORLD
from preflight.picture.text import width

MARGIN, PAD, GAP = 16.0, 14.0, 10.0
CARD, HEAD, TOP = 54.0, 26.0, 40.0
LANE = 11.0
LABEL = 10.0
_ARROW = 14.0
_ZONES_WIDE, _ZONE_LEAST, _COLUMN = 690, 168, 250
_LABELS_MOST = 150
_ORDER = (
    "entry", "balancer", "gateway", "container", "machine", "function", "clock", "database", "cache", "table", "files",
    "queue", "bucket", "topic",
)  # fmt: skip


# Of (URN, side): the lanes that meet it, each a group and a key.
_Sides = Mapping[tuple[str, str], list[tuple[str, str]]]


class Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


class Tier(NamedTuple):
    """A tier: its box, its words, and each subnet with its box."""

    box: Box
    name: str
    way: str
    cells: tuple[tuple[Box, str], ...]


class Vpc(NamedTuple):
    """A VPC: its box, its words, the columns of its zones and its tiers."""

    box: Box
    title: str
    note: str
    zones: tuple[tuple[Box, str], ...]
    tiers: tuple[Tier, ...]


class Arrow(NamedTuple):
    """One way from a source to a target: corners, what stands on it, where that begins or ends, and its colour."""

    points: tuple[tuple[float, float], ...]
    label: str
    label_at: tuple[float, float]
    label_ends: bool
    colour: str
    sure: bool
    said: str


@dataclass(kw_only=True)
class Scene:
    """Everything with its place."""

    size: tuple[float, float] = (0, 0)
    regions: list[tuple[Box, str]] = field(default_factory=list)
    titles_at: float = 0
    world: Box | None = None
    vpcs: list[Vpc] = field(default_factory=list)
    columns: list[tuple[Box, str]] = field(default_factory=list)
    cards: dict[str, Box] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)


def scene(picture: Mapping[str, Any]) -> Scene:
    """The places of a `picture` section."""
    return _Layout(picture).scene()


def regions(picture: Mapping[str, Any]) -> list[str | None]:
    """The regions in which something is drawn, the stack's own first."""
    held = {each["region"] for each in picture["vpcs"]}
    held |= {each["region"] for each in picture["things"] if each["place"] != "global"}
    return sorted(held, key=lambda region: (region != picture["region"], region or ""))


class _Layout:
    def __init__(self, picture: Mapping[str, Any]) -> None:
        self._picture = picture
        self._things = {thing["urn"]: thing for thing in picture["things"]}
        self._flows: list[Mapping[str, Any]] = list(picture["flows"])
        self._inside = {urn for urn, thing in self._things.items() if thing["vpc"] is not None}
        self._buses = {(*self._bus(flow), flow["from"], flow["to"]): flow for flow in self._flows}
        self._lanes = {group: self._keys(group) for group in "LRO"}
        self._attachments = self._sides()
        self._cards: dict[str, Box] = {}

    def scene(self) -> Scene:
        """Boxes first, as the lanes need their height."""
        found = Scene(cards=self._cards)
        labels = {group: self._label_room(group) for group in "LRO"}
        top = MARGIN
        if any(flow["from"] == WORLD for flow in self._flows):
            found.world = Box(MARGIN, top, 96, 34)
        at = MARGIN + 96 + 3 * PAD
        for urn in self._at("global"):
            self._cards[urn] = Box(at, top - 4, _COLUMN, CARD - 12)
            at += _COLUMN + GAP
        above = len({target for group, target, source, _ in self._buses if group != "O" and source not in self._inside})
        if found.world or self._at("global"):
            top += CARD - 12 + above * LANE + GAP
        left = MARGIN + PAD
        inner = left + PAD + len(self._lanes["L"]) * LANE + (labels["L"] if self._lanes["L"] else 0)
        found.titles_at = inner - 4 if self._picture["vpcs"] else left
        right, bottom = self._regions(found, left, top, inner, labels)
        found.arrows = self._arrows(found, inner, labels)
        ends = [*(card.right for card in self._cards.values()), right + PAD]
        lowest = [*(card.bottom for card in self._cards.values()), bottom]
        found.size = max(ends) + MARGIN, max(lowest) + MARGIN
        return found

    def _regions(
        self, found: Scene, left: float, top: float, inner: float, labels: Mapping[str, float]
    ) -> tuple[float, float]:
        """The boxes of the regions and what stands in them; where that ends, to the right and below."""
        right, here = left, top
        spans: list[tuple[str | None, float, float]] = []
        for region in regions(self._picture):
            begin, here = here, here + HEAD
            for vpc in self._picture["vpcs"]:
                if vpc["region"] == region:
                    placed = self._vpc(vpc, left, here, inner, labels["R"])
                    found.vpcs.append(placed)
                    right, here = max(right, placed.box.right), placed.box.bottom + PAD
            if column := self._regional(region):
                here = max(here, begin + HEAD + self._column_height(column) + PAD)
            spans.append((region, begin, here))
            here += GAP
        found.vpcs = [vpc._replace(box=vpc.box._replace(width=right - vpc.box.x)) for vpc in found.vpcs]
        lanes = (len(self._lanes["R"]) + 1) * LANE if self._lanes["R"] else 0
        if any(thing["place"] == "regional" for thing in self._things.values()):
            x = right + lanes + (self._entry_room() if lanes else 0) + (PAD if found.vpcs else 0)
            found.titles_at = found.titles_at if found.vpcs else x + 12
            for region, begin, _ in spans:
                right = self._column(found, self._regional(region), x, begin + HEAD, labels["O"])
        else:
            right += lanes
        for region, begin, end in spans:
            said = f"Region {region}" if region else "Region not known"
            found.regions.append((Box(MARGIN, begin, right + PAD - MARGIN, end - begin), said))
        return right, spans[-1][2] if spans else top + HEAD

    def _regional(self, region: str | None) -> list[str]:
        return [urn for urn in self._at("regional") if self._things[urn]["region"] == region]

    def _column_height(self, urns: Sequence[str]) -> float:
        return HEAD + sum(self._height(urn) + GAP for urn in urns)

    def _column(self, found: Scene, urns: Sequence[str], x: float, y: float, labels: float) -> float:
        """What stands in a region and in no subnet of it; where the column ends at the right, whatever is in it."""
        outer = len(self._lanes["O"]) * LANE + (labels if self._lanes["O"] else 0)
        box = Box(x, y, _COLUMN + 2 * PAD + outer, self._column_height(urns))
        if urns:
            found.columns.append((box, "In the region, in no subnet"))
        y += HEAD
        for urn in self._by_source(urns):
            self._cards[urn] = Box(x + PAD, y, _COLUMN, self._height(urn))
            y += self._cards[urn].height + GAP
        return box.right

    def _vpc(self, vpc: Mapping[str, Any], x: float, y: float, inner: float, labels: float) -> Vpc:
        zones: Sequence[str] = vpc["zones"] or [""]
        wide = max(_ZONE_LEAST, (_ZONES_WIDE - GAP * (len(zones) - 1)) / len(zones))
        starts = {zone: inner + place * (wide + GAP) for place, zone in enumerate(zones)}
        right = inner + len(zones) * (wide + GAP) - GAP
        here = y + TOP + HEAD
        tiers = []
        for place, tier in enumerate(vpc["tiers"]):
            begin = here
            here += HEAD
            for row in self._rows(vpc["key"], place):
                for urn in row:
                    spanned = [starts[zone] for zone in self._things[urn]["zones"] if zone in starts] or [inner]
                    height = self._height(urn) - 8 * (len(row) > 1)
                    self._cards[urn] = Box(min(spanned) + 6, here, max(spanned) + wide - min(spanned) - 12, height)
                here += max(self._cards[urn].height for urn in row) + GAP
            cells = tuple(
                (Box(starts[subnet["zone"]], begin, wide, HEAD), subnet["cidr"] or "")
                for subnet in tier["subnets"]
                if subnet["zone"] in starts
            )
            tiers.append(Tier(Box(inner - 4, begin, right - inner + 8, here - begin), tier["name"], tier["way"], cells))
            here += GAP
        columns = tuple(
            (Box(start, y + TOP, wide, here - y - TOP), zone or "zone not known") for zone, start in starts.items()
        )
        note = f"endpoints: {', '.join(vpc['endpoints'])}" if vpc["endpoints"] else ""
        box = Box(x, y, right + PAD + (labels if self._lanes["R"] else 0) - x, here - y + 4)
        return Vpc(box, f"VPC {vpc['name']}" + (f"  {vpc['cidr']}" if vpc["cidr"] else ""), note, columns, tuple(tiers))

    def _height(self, urn: str) -> float:
        """Room for the words, and for each arrow at a side with what stands on it."""
        return max(CARD, *(_ARROW * (len(self._attachments.get((urn, side), ())) + 1) for side in ("left", "right")))

    def _rows(self, vpc: str, tier: int) -> list[list[str]]:
        """A row for each thing; those that no arrow touches share one where their zones allow it."""
        busy = {end for flow in self._flows for end in (flow["from"], flow["to"])}
        rows: list[list[str]] = []
        taken: list[set[str] | None] = []
        for urn in self._ordered(u for u in self._inside if self._place(u) == (vpc, tier)):
            zones = set(self._things[urn]["zones"])
            free = next((n for n, used in enumerate(taken) if used is not None and not used & zones), None)
            if urn in busy or len(zones) != 1 or free is None:
                rows.append([urn])
                taken.append(None if urn in busy or len(zones) != 1 else zones)
            else:
                rows[free].append(urn)
                used = taken[free]
                assert used is not None
                taken[free] = used | zones
        return rows

    def _place(self, urn: str) -> tuple[str, int]:
        return self._things[urn]["vpc"], self._things[urn]["tier"]

    def _ordered(self, urns: Any) -> list[str]:
        return sorted(urns, key=lambda u: (_ORDER.index(self._things[u]["shape"]), self._things[u]["name"], u))

    def _at(self, place: str) -> list[str]:
        return self._ordered(urn for urn, thing in self._things.items() if thing["place"] == place)

    def _by_source(self, urns: Sequence[str]) -> list[str]:
        """Things beside whoever uses them, those that nobody uses last."""
        heights = {
            urn: [
                self._cards[flow["from"]].y for flow in self._flows if flow["to"] == urn and flow["from"] in self._cards
            ]
            for urn in urns
        }
        far = 1e9
        return sorted(
            urns, key=lambda urn: (sum(heights[urn]) / len(heights[urn]) if heights[urn] else far, urns.index(urn))
        )

    def _bus(self, flow: Mapping[str, Any]) -> tuple[str, str]:
        """The group of lanes and what the lane belongs to."""
        source, target = flow["from"], flow["to"]
        if target in self._inside:
            if flow["kind"] != "store" and self._thing_place(source) != "regional":
                return "L", source
            return "R", target
        if self._thing_place(source) == "regional":
            return "O", target
        return "R", target

    def _thing_place(self, urn: str) -> str | None:
        return self._things[urn]["place"] if urn in self._things else None

    def _keys(self, group: str) -> list[str]:
        found = {key for each, key, _, _ in self._buses if each == group}
        return sorted(found, key=lambda key: (key != WORLD, self._rank(key), key))

    def _rank(self, urn: str) -> tuple[int, int, str]:
        thing = self._things.get(urn)
        if thing is None:
            return 0, 0, urn
        return (thing["tier"] if thing["tier"] is not None else 9), _ORDER.index(thing["shape"]), thing["name"]

    def _label_room(self, group: str) -> float:
        widest = max(
            (width(flow["label"], LABEL) for (each, *_), flow in self._buses.items() if each == group), default=0
        )
        return min(widest, _LABELS_MOST) + 18

    def _entry_room(self) -> float:
        """For what stands before the arrows that end in the column and begin at no card in a tier."""
        found = [
            width(flow["label"], LABEL) + LANE
            for (group, _, source, target), flow in self._buses.items()
            if group == "R" and target not in self._inside and (source not in self._cards or source not in self._inside)
        ]
        return min(max(found, default=0), _LABELS_MOST)

    def _arrows(self, found: Scene, inner: float, labels: Mapping[str, float]) -> list[Arrow]:
        lanes = {("L", key): inner - labels["L"] - LANE * place for place, key in enumerate(self._lanes["L"])}
        edge = max((vpc.box.right for vpc in found.vpcs), default=MARGIN + PAD)
        lanes |= {("R", key): edge + LANE * (place + 1) for place, key in enumerate(self._lanes["R"])}
        if found.columns:
            start = found.columns[0][0].x + PAD + _COLUMN + labels["O"]
            lanes |= {("O", key): start + LANE * place for place, key in enumerate(self._lanes["O"])}
        sides = self._attachments
        channels = sorted(
            {
                key
                for _, key, source, _ in self._buses
                if source not in self._cards or self._thing_place(source) == "global"
            }
        )
        arrows = []
        for (group, key, source, target), flow in sorted(self._buses.items()):
            lane = lanes[group, key]
            end = self._attached(sides, target, group, key)
            colour = (
                "entry"
                if source == WORLD
                else "call"
                if flow["kind"] != "store"
                else f"store{self._lanes[group].index(key) % 5}"
            )
            begun = self._begin(found, sides, group, key, source, target, lane, channels)
            points = (*begun, end) if self._thing_place(target) == "global" else (*begun, (lane, end[1]), end)
            at_source = group != "L" and source in self._cards and self._thing_place(source) != "global"
            at = self._attached(sides, source, group, key) if at_source else end
            ends = not at_source or self._side(source, group) == "left"
            label_at = (at[0] - (6 if at_source else 10), at[1]) if ends else (at[0] + 6, at[1])
            names = [self._things[urn]["name"] if urn in self._things else "the internet" for urn in (source, target)]
            said = f"{names[0]} to {names[1]}" + (f": {flow['label']}" if flow["label"] else "")
            arrows.append(Arrow(points, flow["label"], label_at, ends, colour, flow["sure"], said))
        return arrows

    def _begin(
        self, found: Scene, sides: _Sides, group: str, key: str, source: str, target: str, lane: float,
        channels: Sequence[str],
    ) -> tuple[tuple[float, float], ...]:  # fmt: skip
        if source == WORLD and found.world is not None:
            if self._thing_place(target) == "global":
                return ((found.world.right, self._attached(sides, target, group, key)[1]),)
            if group == "L":
                x = min(max(lane, found.world.x + 8), found.world.right - 8)
                return (
                    ((x, found.world.bottom), (lane, found.world.bottom)) if x != lane else ((x, found.world.bottom),)
                )
        if source == WORLD or self._thing_place(source) == "global":
            box = found.world if source == WORLD and found.world is not None else self._cards[source]
            x = box.x + box.width - 12 if source == WORLD else box.x + 20
            y = MARGIN + CARD - 12 + LANE * (channels.index(key) + 0.5)
            return (x, box.bottom), (x, y), (lane, y)
        start = self._attached(sides, source, group, key)
        return start, (lane, start[1])

    def _sides(self) -> _Sides:
        """Which lanes meet each side of each thing, in the order in which they are attached from above."""
        found: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for group, key, source, target in self._buses:
            for urn in (source, target):
                if urn in self._things:
                    found.setdefault((urn, self._side(urn, group)), set()).add((group, key))
        return {
            end: sorted(buses, key=lambda bus: (bus[1] == end[0], self._lanes[bus[0]].index(bus[1])))
            for end, buses in found.items()
        }

    def _side(self, urn: str, group: str) -> str:
        if self._thing_place(urn) == "global" or group == "L" or (group == "R" and urn not in self._inside):
            return "left"
        return "right"

    def _attached(self, sides: _Sides, urn: str, group: str, key: str) -> tuple[float, float]:
        side = self._side(urn, group)
        card, buses = self._cards[urn], sides[urn, side]
        y = card.y + card.height * (buses.index((group, key)) + 1) / (len(buses) + 1)
        return (card.x if side == "left" else card.right), y
