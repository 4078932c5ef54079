"""Which addresses each subnet of a VPC gets. Pure: no Pulumi, no AWS.

It lives beside the settings, not beside the network, because a stack file whose subnets do not fit is refused before
anything is built. The position of a subnet follows from its zone's letter and its tier alone, so that adding, removing
or reordering zones moves no other subnet: zone `a` owns the first four slots of the range (public, private, data, one
spare), `b` the next four. In IPv6 the same slots count /64s of the /56 that AWS gives to a VPC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, get_args

Tier = Literal["public", "private", "data"]
TIERS: tuple[Tier, ...] = get_args(Tier)
SLOTS = 4  # by zone: three tiers and a spare, so that a fourth tier moves nothing
# AWS makes subnets down to /28, but a load balancer's must be /27 or larger and have 8 free addresses (ELB user guide,
# "Subnets for your load balancer", read on 2026-11-21).
LARGEST_MASK = 27
# The only sizes of an IPv6 range that AWS gives, and of a subnet in it (VPC guide, 2026-09).
IPV6_VPC_MASK, IPV6_MASK = 56, 64


class DoesNotFitError(ValueError):
    """A zone lies beyond the range. `zone` is the one, `way_out` what would make room, `mask` the least mask of subnets
    that would; None if none does."""

    def __init__(self, problem: str, zone: str, way_out: str, mask: int | None) -> None:
        super().__init__(f"{problem}; {way_out}")
        self.problem = problem
        self.zone = zone
        self.way_out = way_out
        self.mask = mask


@dataclass(frozen=True, kw_only=True)
class ZonePlan:
    """The three subnets of one zone."""

    public: IPv4Network
    private: IPv4Network
    data: IPv4Network


@dataclass(frozen=True)
class AddressPlan:
    """The subnets of every zone, in the order in which the zones were given."""

    zones: Mapping[str, ZonePlan]

    def tier(self, tier: Tier) -> dict[str, IPv4Network]:
        """The subnets of one tier by zone."""
        return {zone: getattr(subnets, tier) for zone, subnets in self.zones.items()}


def plan(cidr: IPv4Network, mask: int, azs: Sequence[str]) -> AddressPlan:
    """The address plan of a VPC with subnets of size /mask. Raises DoesNotFitError, naming the zone and the way out."""
    return AddressPlan({az: _zone(cidr, mask, az) for az in azs})


def letters_that_fit(cidr: IPv4Network, mask: int) -> int:
    """How many zone letters, from `a` on, have room in the range."""
    return max(0, 2 ** (mask - cidr.prefixlen) // SLOTS) if mask >= cidr.prefixlen else 0


def ipv6_block(vpc_block: str, tier: Tier, az: str) -> str:
    """The /64 of one subnet in the /56 of a VPC. All 26 letters fit: they take 104 of its 256 blocks."""
    whole = IPv6Network(vpc_block)
    if whole.prefixlen != IPV6_VPC_MASK:
        raise ValueError(f"{vpc_block} is no /{IPV6_VPC_MASK}, which is what AWS gives to a VPC")
    slot = _position(az) * SLOTS + TIERS.index(tier)
    return str(IPv6Network((int(whole.network_address) + (slot << (128 - IPV6_MASK)), IPV6_MASK)))


def _zone(cidr: IPv4Network, mask: int, az: str) -> ZonePlan:
    position = _position(az)
    if position >= letters_that_fit(cidr, mask):
        fitting = cidr.prefixlen + _bits(position)
        enough = fitting if fitting <= LARGEST_MASK else None
        raise DoesNotFitError(_problem(cidr, mask, az), az, _way_out(mask, position, enough), enough)
    size = 2 ** (32 - mask)
    first = int(cidr.network_address) + position * SLOTS * size
    public, private, data = (IPv4Network((first + slot * size, mask)) for slot in range(len(TIERS)))
    return ZonePlan(public=public, private=private, data=data)


def _position(az: str) -> int:
    position = ord(az[-1]) - ord("a")
    if not 0 <= position < 26:
        raise ValueError(f"{az!r} is no availability zone: its name ends with a lower-case letter, as in us-east-1a")
    return position


def _problem(cidr: IPv4Network, mask: int, az: str) -> str:
    fitting = letters_that_fit(cidr, mask)
    if not fitting:
        return f"{cidr} has no room for even one zone with subnets of /{mask} (four of them a zone)"
    letters = "a" if fitting == 1 else f"a to {chr(ord('a') + min(fitting, 26) - 1)}"
    return f"{az} does not fit: with subnets of /{mask}, {cidr} holds the zone letters {letters} (four subnets a zone)"


def _bits(position: int) -> int:
    """How much longer than that of the range the mask of subnets has to be, for a zone's letter to have room."""
    return ((position + 1) * SLOTS - 1).bit_length()


def _way_out(mask: int, position: int, enough: int | None) -> str:
    larger = mask - _bits(position)
    ways = [] if enough is None else [f"a subnetMask of {enough} or more"]
    if larger >= 16:
        ways.append(f"a cidr of /{larger} or larger")
    return (
        " or ".join(ways) + " would do"
        if ways
        else "use a zone whose letter comes earlier, or smaller subnets in a larger cidr"
    )
