"""The other committed stacks: networks that may be joined one day must not overlap."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Network
from pathlib import Path

from settings.errors import PROJECT, Doubt, Findings, Mistake, several
from settings.yaml_file import UNREADABLE, configured

KEY = ("network", "cidr")


def overlaps(root: Path, stack: str, cidr: IPv4Network) -> Findings:
    """Compares a stack's range with those of all other `Pulumi.<stack>.yaml` in `root`; warns of a file it cannot
    read."""
    ranges: dict[str, IPv4Network] = {}
    for name, file in _others(root, stack):
        try:
            other = _range(file)
        except UNREADABLE as error:
            reason = (error.strerror or "unreadable").lower() if isinstance(error, OSError) else "mistaken"
            yield Doubt(key=KEY, text=f"not compared with stack {name!r}: {file.name} is no use ({reason})")
            continue
        if other is not None:
            ranges[name] = other
    for name, other in ranges.items():
        if cidr.overlaps(other):
            free = _free(cidr.prefixlen, ranges.values())
            yield Mistake(
                key=KEY,
                problem=f"overlaps with the network of stack {name!r}: the two could never be connected",
                given=f'"{cidr}" in stack {stack!r}, "{other}" in stack {name!r}',
                allowed=f"a range apart from {several([str(taken) for taken in ranges.values()], 'and')}",
                change=f"use {free}, which is free" if free else "choose a range outside 10.0.0.0/8, which is full",
            )


def example(root: Path, stack: str, prefix: int) -> IPv4Network | None:
    """A range of this size that no other stack has, as far as their files can be read."""
    taken = []
    for _, file in _others(root, stack):
        with suppress(*UNREADABLE):
            taken.append(_range(file))
    return _free(prefix, filter(None, taken))


def _others(root: Path, stack: str) -> Iterator[tuple[str, Path]]:
    for file in sorted(root.glob("Pulumi.*")):
        name = file.stem.removeprefix("Pulumi.")
        if file.suffix in {".yaml", ".yml"} and file.stem != "Pulumi" and name != stack:
            yield name, file


def _range(file: Path) -> IPv4Network | None:
    """The range that a stack file states; None if it states none."""
    stated = configured(file, f"{PROJECT}:network", "cidr")
    return None if stated is None else IPv4Network(stated)


def _free(prefix: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """The first range of this size within 10.0.0.0/8 that nobody has; never 10.0.0.0/16, which half the world uses."""
    used = [*taken, IPv4Network("10.0.0.0/16")]
    candidates = IPv4Network("10.0.0.0/8").subnets(new_prefix=prefix)
    return next((candidate for candidate in candidates if not any(map(candidate.overlaps, used))), None)
