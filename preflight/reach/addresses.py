"""Address ranges: which hold which, and how much of the internet they cover."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

WORLD = 0.25  # from this share of the public addresses on, ranges are "the world"; the share of the policy pack too

# Never on the internet (IANA's special-purpose registries, 2025-11), as far as anybody writes them into a rule.
_PRIVATE = [
    ip_network(cidr)
    for cidr in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                 "fc00::/7", "fe80::/10")
]  # fmt: skip
_GLOBAL_V6 = IPv6Network("2000::/3")


@lru_cache(maxsize=4096)
def network(cidr: str) -> IPv4Network | IPv6Network | None:
    """The range, in any spelling; None when the text is none."""
    try:
        return ip_network(cidr.strip(), strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def meets(one: str, other: str) -> bool | None:
    """Whether two ranges have an address in common; None when a text is no range."""
    left, right = network(one), network(other)
    if left is None or right is None:
        return None
    return left.version == right.version and left.overlaps(right)


@lru_cache(maxsize=4096)
def is_public(cidr: str) -> bool:
    """Whether the range holds addresses of the internet."""
    found = network(cidr)
    return found is not None and not any(
        found.version == private.version and found.subnet_of(private)  # type: ignore[arg-type]
        for private in _PRIVATE
    )


def is_world(cidrs: Iterable[str]) -> bool:
    """Whether the ranges together are so much of the internet that they let anybody in: two halves of it are it."""
    return _is_world(frozenset(cidrs))


@lru_cache(maxsize=4096)
def _is_world(cidrs: frozenset[str]) -> bool:
    public = [found for cidr in cidrs if is_public(cidr) and (found := network(cidr)) is not None]
    four = collapse_addresses([each for each in public if isinstance(each, IPv4Network)])
    six = collapse_addresses([_global(each) for each in public if isinstance(each, IPv6Network)])
    share_four = sum(each.num_addresses for each in four) / 2**32
    share_six = sum(each.num_addresses for each in six) / _GLOBAL_V6.num_addresses
    return max(share_four, share_six) >= WORLD


def _global(given: IPv6Network) -> IPv6Network:
    """The part of it that is on the internet, as far as a rule is ever wider than that."""
    return given if given.prefixlen >= _GLOBAL_V6.prefixlen else _GLOBAL_V6
