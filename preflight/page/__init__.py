"""The report as one HTML page that needs nothing else: no network, no server, no other file.

A pure function of the JSON document, so a page can be made of a saved one. Everything but the list of resources can be
read without JavaScript; light and dark follow the reader's setting.
"""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from preflight import report
from preflight.page import costs, exposure, head, resources, schedule
from preflight.page.markup import section
from preflight.picture.svg import palette, svg

LIMIT = 1_500_000
"""Bytes that a page has at most. Inputs of resources are left out, the longest first, until it fits."""
_ROWS = (400, 100, 25)
"""What a table has at most: the first of these with which all tables together take no more than half of the page."""


def page(document: Mapping[str, Any]) -> str:
    """The page. Raises nothing for a stack whose program failed: its errors are what is shown."""
    stacks: Mapping[str, Mapping[str, Any]] = document["stacks"]
    for most in _ROWS:
        bodies = {name: _stack(name, stack, most) for name, stack in stacks.items()}
        shell = _shell(document, bodies, "")
        if len(shell.encode()) <= LIMIT // 2:
            break
    data = resources.data(stacks, LIMIT - len(shell.encode()))
    return _shell(document, bodies, data)


def _shell(document: Mapping[str, Any], bodies: Mapping[str, str], data: str) -> str:
    light, dark = palette()
    style = f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}{_asset('page.css')}"
    title = f"Preflight: {', '.join(bodies)}" if bodies else "Preflight"
    return "".join((
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title><style>{style}</style></head><body>",
        head.top(document),
        "<main>",
        *bodies.values(),
        "</main>",
        f'<script type="application/json" id="data">{data}</script>' if data else "",
        f"<script>{_asset('page.js')}</script>",
        "</body></html>\n",
    ))  # fmt: skip


def _stack(name: str, stack: Mapping[str, Any], most: int) -> str:
    names = report.names(stack["resources"])
    parts = [
        section(name, "summary", "Summary", head.summary(stack, most)),
        section(name, "picture", "Picture", _picture(name, stack)),
        section(name, "exposure", "Who reaches what", exposure.reach(stack, names, most)),
        section(name, "resilience", "When something fails", exposure.resilience(stack, names, most)),
        section(name, "cost", "Cost a month", costs.cost(name, stack, names, most)),
        section(name, "time", "First deployment", schedule.schedule(stack, names, most)),
        section(name, "findings", "Findings", head.findings(stack, names, most)),
        section(name, "resources", "Resources", resources.place(name, stack)),
    ]
    label = escape(name, quote=True)
    return f'<article id="stack-{label}" data-stack="{label}"><h2>{escape(name)}</h2>{"".join(parts)}</article>'


def _picture(name: str, stack: Mapping[str, Any]) -> str:
    if stack["picture"] is None:
        return ""
    drawing = svg(stack["picture"], f"The architecture of {name}", alone=False)
    return f'<div class="scroll" tabindex="0" role="group" aria-label="Architecture, scrollable">{drawing}</div>'


def _asset(name: str) -> str:
    return files("preflight.page").joinpath(name).read_text(encoding="utf-8")
