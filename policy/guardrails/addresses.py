"""How much of the public internet a set of address ranges covers.

Ranges that are never on the internet do not count, so ten private networks are not "wide" and two halves of the
internet are the internet. Source of the ranges: the IANA special-purpose registries, 2025-11; of IPv6 only 2000::/3
is global unicast.
"""

from functools import lru_cache
from ipaddress import ip_network

WHOLE = 0.999
"""From this share on a source is the whole internet (a /0, however it is spelled)."""

_NOT_PUBLIC_V4 = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
)  # fmt: skip
_Span = tuple[int, int]


class NotAnAddressRangeError(ValueError):
    """The text is no CIDR; it is not repeated, it could be anything."""


@lru_cache(maxsize=4096)
def span(cidr: str) -> tuple[int, int, int]:
    """Version, first and last address of a CIDR, in any spelling."""
    try:
        network = ip_network(cidr.strip(), strict=False)
    except ValueError:
        raise NotAnAddressRangeError("a source of traffic is no address range in CIDR form") from None
    return network.version, int(network.network_address), int(network.broadcast_address)


def is_range(cidr: str) -> bool:
    """Whether the text is a CIDR. AWS refuses any other, so what it would mean is never decided here."""
    try:
        span(cidr)
    except NotAnAddressRangeError:
        return False
    return True


def is_everything(cidr: str) -> bool:
    """Whether it is a /0, in any spelling."""
    version, first, last = span(cidr)
    return last - first + 1 == 1 << (32 if version == 4 else 128)


@lru_cache(maxsize=4096)
def coverage(cidrs: tuple[str, ...]) -> float:
    """The share of the public IPv4 or IPv6 internet that the ranges cover together, whichever is larger."""
    spans = [span(cidr) for cidr in cidrs]
    return max(_share(version, spans) for version in (4, 6))


def is_whole(cidr: str) -> bool:
    """Whether one range is the whole internet by itself."""
    return coverage((cidr,)) >= WHOLE


def first_match(rules: tuple[tuple[bool, str], ...]) -> float:
    """As `coverage`, of what an ordered list lets in: for each address, the first range that holds it decides."""
    shares = []
    for version in (4, 6):
        taken: list[_Span] = []
        allowed: list[_Span] = []
        for allow, cidr in rules:
            family, first, last = span(cidr)
            if family == version:
                allowed += _without((first, last), taken) if allow else []
                taken = _merged([*taken, (first, last)])
        shares.append(sum(_overlap(_merged(allowed), public) for public in _PUBLIC[version]) / _SIZE[version])
    return max(shares)


def _without(whole: _Span, taken: list[_Span]) -> list[_Span]:
    left, start = [], whole[0]
    for first, last in taken:
        if last < start or first > whole[1]:
            continue
        if first > start:
            left.append((start, first - 1))
        start = last + 1
    return [*left, (start, whole[1])] if start <= whole[1] else left


def _share(version: int, spans: list[tuple[int, int, int]]) -> float:
    mine = _merged([(first, last) for family, first, last in spans if family == version])
    return sum(_overlap(mine, public) for public in _PUBLIC[version]) / _SIZE[version] if mine else 0.0


def _overlap(spans: list[_Span], other: _Span) -> int:
    return sum(max(0, min(last, other[1]) - max(first, other[0]) + 1) for first, last in spans)


def _merged(spans: list[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _complement(spans: list[_Span], end: int) -> list[_Span]:
    gaps, start = [], 0
    for first, last in _merged(spans):
        if first > start:
            gaps.append((start, first - 1))
        start = last + 1
    return [*gaps, (start, end)] if start <= end else gaps


_PUBLIC = {4: _complement([span(cidr)[1:] for cidr in _NOT_PUBLIC_V4], 2**32 - 1), 6: [span("2000::/3")[1:]]}
_SIZE = {version: sum(last - first + 1 for first, last in spans) for version, spans in _PUBLIC.items()}
