"""Where the simulated resources live, and the digests that stand in for what AWS would have drawn at random."""

import hashlib
from dataclasses import dataclass

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class Place:
    """A region of an account; everything else about it follows."""

    region: str
    account: str

    @property
    def partition(self) -> str:
        """The first field of an ARN: aws, aws-cn or aws-us-gov."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def dns_suffix(self) -> str:
        """The end of the names of service endpoints."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    @property
    def zones(self) -> tuple[str, str, str]:
        """Three availability zones; real regions have two to six, whose letters differ from account to account."""
        return (f"{self.region}a", f"{self.region}b", f"{self.region}c")


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
