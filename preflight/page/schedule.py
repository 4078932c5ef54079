"""How long a first deployment takes and why: the chain that decides, and a Gantt chart of what takes longest."""

from collections.abc import Mapping
from html import escape
from typing import Any

from preflight import times
from preflight.counted import counted
from preflight.page.markup import paragraph, spoken, table
from preflight.picture.text import fitted

_ROWS = 36  # what takes longest; more cannot be read
_WIDE, _NAMES, _ROW = 1080.0, 250.0, 20.0


def schedule(stack: Mapping[str, Any], names: Mapping[str, str], most: int) -> str:
    """The section."""
    line = stack["timeline"]
    if line is None:
        return ""
    unseen = ", ".join(names.get(urn, urn) for urn in line.get("notCounted", ()))
    left_out = paragraph(f"Not counted, as what it makes is not seen: {unseen}.") if unseen else ""
    if not line["steps"]:
        return left_out
    types = {entry["urn"]: entry["type"] for entry in stack["resources"]}
    untimed = sorted({types.get(urn, urn) for urn in times.untimed(line)})
    if untimed:
        left_out += paragraph(f"Counted as a second each, as nobody timed them: {', '.join(untimed)}.")
    chain = table(
        "The longest chain of resources that wait for each other",
        ["Resource", "Earliest start", "Takes"],
        (
            [_typed(link["urn"], names, types), spoken(link["start"]), spoken(link["end"] - link["start"])]
            for link in line["chain"]["links"]
        ),
        most,
        numbers=[1, 2],
    )
    span = f" ({found})" if (found := times.between(line["low"], line["high"], spoken)) else ""
    about = (
        f"About {spoken(line['seconds'])}{span}, with {counted(line['parallel'], 'resource')} at a time."
        f" The longest chain takes {spoken(line['chain']['seconds'])}, whatever"
        " runs beside it."
    )
    drawing = (
        f'<div class="scroll" tabindex="0" role="group" aria-label="Gantt chart, scrollable">{gantt(line, names)}</div>'
    )
    return paragraph(about) + left_out + drawing + chain


def _typed(urn: str, names: Mapping[str, str], types: Mapping[str, str]) -> str:
    kind = f" <small>{escape(types[urn])}</small>" if urn in types else ""
    return escape(names.get(urn, urn)) + kind


def gantt(line: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The chart as SVG, in the colours of the page: bars of the chain stand out."""
    deciding = {link["urn"] for link in line["chain"]["links"]}
    long = sorted(line["steps"], key=lambda step: (step["start"] - step["end"], step["urn"]))
    chosen = {step["urn"] for step in long[:_ROWS]} | {step["urn"] for step in long if step["urn"] in deciding}
    shown = [step for step in line["steps"] if step["urn"] in chosen]
    end = max(step["end"] for step in line["steps"]) or 1
    scale = (_WIDE - _NAMES - 60) / end
    high = _ROW * (len(shown) + 2)
    size = f'viewBox="0 0 {_WIDE:.0f} {high:.0f}" width="{_WIDE:.0f}" height="{high:.0f}"'
    out = [
        f'<svg class="gantt" {size} role="img" font-family="system-ui,Helvetica,Arial,sans-serif">',
        f"<title>First deployment, {spoken(line['seconds'])}</title>",
    ]
    step = _tick(end)
    for number in range(int(end / step) + 1):
        x = _NAMES + number * step * scale
        out.append(f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{_ROW}" y2="{high - 8:.1f}"/>')
        out.append(
            f'<text class="soft" x="{x:.1f}" y="14" font-size="11" text-anchor="middle">{spoken(number * step)}</text>'
        )
    for place, each in enumerate(shown):
        y = _ROW * (place + 1.2)
        kind = "chain" if each["urn"] in deciding else "other"
        x, wide = _NAMES + each["start"] * scale, max((each["end"] - each["start"]) * scale, 1.5)
        name = names.get(each["urn"], each["urn"])
        took = spoken(each["end"] - each["start"])
        out.append(f"<g><title>{escape(name)}: {took}, from {spoken(each['start'])} on</title>")
        out.append(
            f'<text class="ink" x="{_NAMES - 8:.0f}" y="{y + 12:.1f}" font-size="11.5" text-anchor="end">'
            f"{escape(fitted(name, 11.5, _NAMES - 14))}</text>"
        )
        out.append(f'<rect class="{kind}" x="{x:.1f}" y="{y + 2:.1f}" width="{wide:.1f}" height="{_ROW - 7}" rx="3"/>')
        out.append(f'<text class="soft" x="{x + wide + 5:.1f}" y="{y + 12:.1f}" font-size="10.5">{took}</text></g>')
    hidden = len(line["steps"]) - len(shown)
    if hidden:
        out.append(
            f'<text class="soft" x="{_NAMES:.0f}" y="{high - 4:.1f}" font-size="11">and {hidden} shorter ones</text>'
        )
    return "".join([*out, "</svg>"])


def _tick(end: float) -> float:
    """Seconds between the lines: about eight of them, at round numbers."""
    return next((step for step in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600) if end / step <= 9), 7200.0)
