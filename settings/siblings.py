"""The other committed stacks: networks that may be joined one day must not overlap."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from settings.errors import PROJECT, Doubt, Findings, Mistake, several

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml: about ten times as fast
_KEY = ("network", "cidr")
_DEEPEST = 100


def overlaps(root: Path, stack: str, cidr: IPv4Network) -> Findings:
    """Compares a stack's range with those of all other `Pulumi.<stack>.yaml` in `root`; warns of a file it cannot
    read."""
    ranges: dict[str, IPv4Network] = {}
    for name, file in _others(root, stack):
        try:
            other = _range(file)
        except (OSError, ValueError, yaml.YAMLError) as error:
            reason = (error.strerror or "unreadable").lower() if isinstance(error, OSError) else "mistaken"
            yield Doubt(key=_KEY, text=f"not compared with stack {name!r}: {file.name} is no use ({reason})")
            continue
        if other is not None:
            ranges[name] = other
    for name, other in ranges.items():
        if cidr.overlaps(other):
            free = _free(cidr.prefixlen, ranges.values())
            yield Mistake(
                key=_KEY,
                problem=f"overlaps with the network of stack {name!r}: the two could never be connected",
                given=f'"{cidr}" in stack {stack!r}, "{other}" in stack {name!r}',
                allowed=f"a range apart from {several([str(taken) for taken in ranges.values()], 'and')}",
                change=f"use {free}, which is free" if free else "choose a range outside 10.0.0.0/8, which is full",
            )


def _others(root: Path, stack: str) -> Iterator[tuple[str, Path]]:
    for file in sorted(root.glob("Pulumi.*")):
        name = file.stem.removeprefix("Pulumi.")
        if file.suffix in {".yaml", ".yml"} and file.stem != "Pulumi" and name != stack:
            yield name, file


def _range(file: Path) -> IPv4Network | None:
    """The range that a stack file states; None if it states none."""
    text = file.read_text(encoding="utf-8")
    _refuse_depth(text)
    here = yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is the safe loader
    for part in ("config", f"{PROJECT}:network", "cidr"):
        if here is None:
            return None
        if not isinstance(here, dict):
            raise yaml.YAMLError(f"{part} is not in a map")
        here = here.get(part)
    return None if here is None else IPv4Network(here)


def _refuse_depth(text: str) -> None:
    """Loading recurses, in C, where depth ends the process and not in an exception; events do not."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError("nested too deeply")


def _free(prefix: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """The first range of this size within 10.0.0.0/8 that nobody has; never 10.0.0.0/16, which half the world uses."""
    used = [*taken, IPv4Network("10.0.0.0/16")]
    candidates = IPv4Network("10.0.0.0/8").subnets(new_prefix=prefix)
    return next((candidate for candidate in candidates if not any(map(candidate.overlaps, used))), None)
