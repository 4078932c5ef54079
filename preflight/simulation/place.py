"""Where the simulated resources live, and the digests that stand in for what AWS would have drawn at random."""

import functools
import hashlib
from dataclasses import dataclass

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# What the regions of a partition begin with -> its code, and the end of the names of its hosts (botocore 1.44.5,
# partitions.json, 2026-11-17).
_PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov"),
}
_PARTITION = ("aws", "amazonaws.com")


@dataclass(frozen=True)
class Place:
    """A region of an account; everything else about it follows."""

    region: str
    account: str

    @property
    def partition(self) -> str:
        """The second field of an ARN: aws, aws-cn, aws-us-gov, ..."""
        return _partition(self.region)[0]

    @property
    def dns_suffix(self) -> str:
        """The end of the names of service endpoints."""
        return _partition(self.region)[1]

    @property
    def zones(self) -> tuple[str, str, str]:
        """Three availability zones; real regions have two to six, whose letters differ from account to account."""
        return (f"{self.region}a", f"{self.region}b", f"{self.region}c")


@functools.cache
def _partition(region: str) -> tuple[str, str]:
    return next((found for begin, found in _PARTITIONS.items() if region.startswith(begin)), _PARTITION)


def digest(seed: str, length: int) -> str:
    """The same hexadecimal digits for the same seed, in every process."""
    return hashlib.sha256(seed.encode()).hexdigest()[:length]


def drawn(seed: str, length: int, alphabet: str) -> str:
    """Characters of an alphabet, the same for the same seed."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    characters = []
    for _ in range(length):
        number, index = divmod(number, len(alphabet))
        characters.append(alphabet[index])
    return "".join(characters)


def uuid(seed: str) -> str:
    """A version 4 UUID, the same for the same seed."""
    h = digest(seed, 32)
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"


def address(seed: str) -> str:
    """An address of the documentation range 203.0.113.0/24 (RFC 5737), which belongs to nobody."""
    return f"203.0.113.{int(digest(seed, 4), 16) % 254 + 1}"
