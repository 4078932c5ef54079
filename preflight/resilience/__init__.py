"""What a stack loses when a zone, a NAT gateway or a single instance goes, and what exists only once. A pure function
of the graph and of the prices; docs/preflight.md says what is not looked at.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from preflight.reach import Surroundings
from preflight.resilience.parts import KEPT, Part, parts
from preflight.resilience.points import Gateway, Points, Rated, gateways


def resilience(around: Surroundings, rated: Rated | None) -> dict[str, Any]:
    """The `resilience` section of a stack. `rated` estimates what resources cost; None: nothing is priced."""
    found, nats = parts(around), gateways(around)
    zones = sorted({zone for part in found for zone in part.zones or ()})
    points = Points(around, found, nats, rated).all()
    return {
        "zones": [
            {
                "zone": zone,
                "parts": [left for part in found if (left := part.without(zone)) is not None],
                "internet": [_cut(nat, zone) for nat in nats if nat.zone == zone and _outside(nat, zone)],
            }
            for zone in zones
        ],
        "gateways": [
            {"urn": nat.node.urn, "what": nat.what, "zone": nat.zone, "services": list(_services(nat))} for nat in nats
        ],
        "instances": [_instance(part) for part in found if part.number == 1 and not part.standby],
        "singlePoints": points,
    }


def _outside(nat: Gateway, zone: str) -> bool:
    return bool(nat.zones - {zone})


def _cut(nat: Gateway, zone: str) -> dict[str, Any]:
    """The services that get out by a gateway of the zone from other zones too."""
    hit = [service.node.urn for service, _, zones in nat.services if set(zones) - {zone}]
    return {"gateway": nat.node.urn, "services": sorted(hit), "zones": sorted(nat.zones - {zone})}


def _services(nat: Gateway) -> Iterator[dict[str, Any]]:
    for service, subnets, _ in nat.services:
        rest = len(service.subnets) - len(subnets)
        yield {"urn": service.node.urn, "subnets": list(subnets), "internet": "lost in part" if rest else "lost"}


def _instance(part: Part) -> dict[str, Any]:
    """What is left when the only one goes."""
    return {
        "urn": part.node.urn, "what": part.what, "left": 0, "minimum": part.minimum, "replaced": part.heals,
        "beside": max(len(part.alike) - 1, 0),
    }  # fmt: skip


def lost(zone: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The parts of a zone's answer that are not kept."""
    return [part for part in zone["parts"] if part["answer"] != KEPT]
