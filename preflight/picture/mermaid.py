"""A `picture` section as a Mermaid flowchart: text that GitHub and many wikis draw."""

from collections.abc import Iterator, Mapping
from typing import Any

from preflight.picture.flows import WORLD
from preflight.picture.layout import regions
from preflight.visible import one_line

_INDENT = "  "
# The brackets of a node's shape, by the shape of the thing.
_SHAPES = {"database": ("[(", ")]"), "bucket": ("[(", ")]"), "table": ("[(", ")]"), "queue": ("[/", "/]"),
           "function": ("([", "])"), "clock": ("([", "])")}  # fmt: skip
# What Mermaid would read as its own, with the entity codes that it knows.
_CODES = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\\": "#92;", "|": "#124;"}


def mermaid(picture: Mapping[str, Any]) -> str:
    """The text, ending with a line break."""
    return "\n".join(_lines(picture)) + "\n"


def _lines(picture: Mapping[str, Any]) -> Iterator[str]:
    ids = {thing["urn"]: f"n{place}" for place, thing in enumerate(picture["things"])}
    yield "flowchart LR"
    if any(flow["from"] == WORLD for flow in picture["flows"]):
        yield f'{_INDENT}{WORLD}(["Internet"])'
    for thing in picture["things"]:
        if thing["place"] == "global":
            yield _INDENT + _node(thing, ids)
    for place, region in enumerate(regions(picture)):
        said = f"Region {region}" if region else "Region not known"
        yield f'{_INDENT}subgraph region{place or ""}["{_said(said)}"]'
        yield from _region(picture, region, ids)
        yield f"{_INDENT}end"
    ids[WORLD] = WORLD
    for flow in picture["flows"]:
        line = "-->" if flow["sure"] else "-.->"
        label = f'|"{_said(flow["label"])}"|' if flow["label"] else ""
        yield f"{_INDENT}{ids[flow['from']]} {line}{label} {ids[flow['to']]}"


def _region(picture: Mapping[str, Any], region: str | None, ids: Mapping[str, str]) -> Iterator[str]:
    """The VPCs of a region with their tiers, then what stands in no subnet."""
    for number, vpc in enumerate(picture["vpcs"]):
        if vpc["region"] != region:
            continue
        words = " ".join(word for word in ("VPC", vpc["name"], vpc["cidr"]) if word)
        yield f'{_INDENT * 2}subgraph vpc{number}["{_said(words)}"]'
        for place, tier in enumerate(vpc["tiers"]):
            within = [t for t in picture["things"] if (t["vpc"], t["tier"]) == (vpc["key"], place)]
            if within:
                yield f'{_INDENT * 3}subgraph vpc{number}tier{place}["{_said(tier["name"])}"]'
                yield from (_INDENT * 4 + _node(thing, ids) for thing in within)
                yield f"{_INDENT * 3}end"
        yield f"{_INDENT * 2}end"
    for thing in picture["things"]:
        if thing["place"] == "regional" and thing["region"] == region:
            yield _INDENT * 2 + _node(thing, ids)


def _node(thing: Mapping[str, Any], ids: Mapping[str, str]) -> str:
    before, after = _SHAPES.get(thing["shape"], ("[", "]"))
    words = [_said(thing["name"]), _said(thing["what"]), _said(", ".join(thing["badges"]))]
    return f'{ids[thing["urn"]]}{before}"{"<br/>".join(word for word in words if word)}"{after}'


def _said(words: str) -> str:
    return "".join(_CODES.get(letter, letter) for letter in one_line(words))
