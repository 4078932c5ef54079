"""A `picture` section as SVG: light and dark by the reader's setting, no script, no outside font, the same bytes from
run to run."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax import saxutils
from xml.sax.saxutils import quoteattr

from preflight.picture.glyphs import GLYPHS
from preflight.picture.layout import LABEL, Arrow, Box, Scene, Vpc, scene
from preflight.picture.text import fitted, width
from preflight.visible import visible

_NAME, _SMALL = 13.0, 10.5
_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_GROUPS = {
    "entry": "door", "balancer": "door", "gateway": "door", "container": "run", "machine": "run", "function": "run",
    "clock": "run",
}  # fmt: skip
_LIGHT = {
    "back": "#ffffff", "ink": "#1b2430", "soft": "#55606e", "line": "#b4bdc8", "card": "#ffffff", "vpc": "#f6f8fb",
    "public": "#e7f3e8", "private": "#e6effa", "isolated": "#f1eafa", "unknown": "#f3f0e6", "pill": "#eef1f5",
    "door": "#8a4b08", "run": "#0b5394", "keep": "#5b2a86",
    "entry": "#b45309", "call": "#1d5fa8",
    "store0": "#6d28a8", "store1": "#0f766e", "store2": "#b0235f", "store3": "#4d6b0a", "store4": "#7a4a1d",
}  # fmt: skip
_DARK = {
    "back": "#12171e", "ink": "#e6ebf2", "soft": "#a5b0bf", "line": "#465262", "card": "#1a212b", "vpc": "#161c25",
    "public": "#17281b", "private": "#15243a", "isolated": "#241a35", "unknown": "#2a2618", "pill": "#28313d",
    "door": "#f0b267", "run": "#82bbf5", "keep": "#c9a4ef",
    "entry": "#f2a33c", "call": "#6cb0f5",
    "store0": "#c79bf2", "store1": "#4fd1c0", "store2": "#f48bb8", "store3": "#b5d65a", "store4": "#d9a878",
}  # fmt: skip


def svg(picture: Mapping[str, Any], title: str, *, alone: bool = True) -> str:
    """The drawing. `alone`: as a file of its own, with its colours; else it takes those of the page that holds it
    (`palette`)."""
    return "\n".join(_Drawing(picture, title, alone).lines()) + "\n"


def palette() -> tuple[str, str]:
    """The colours as CSS variables: light and dark."""
    light, dark = (";".join(f"--p-{name}:{colour}" for name, colour in each.items()) for each in (_LIGHT, _DARK))
    return light, dark


class _Drawing:
    def __init__(self, picture: Mapping[str, Any], title: str, alone: bool) -> None:
        self._picture, self._title, self._alone = picture, title, alone
        self._scene: Scene = scene(picture)
        self._things = {thing["urn"]: thing for thing in picture["things"]}

    def lines(self) -> Iterator[str]:
        """From the back to the front."""
        wide, high = self._scene.size
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" viewBox="0 0 {wide:.0f} {high:.0f}"'
            f' width="{wide:.0f}" height="{high:.0f}" role="img" font-family="system-ui,Helvetica,Arial,sans-serif">'
        )
        yield f"<title>{escape(self._title)}</title>"
        yield f"<desc>{escape(self._told())}</desc>"
        yield f"<style>{self._style()}</style>"
        if self._alone:
            yield f'<rect width="{wide:.0f}" height="{high:.0f}" fill="var(--p-back)"/>'
        for box, words in self._scene.regions:
            yield _rect(box, "region", 10)
            yield _text(self._scene.titles_at, box.y + 18, words, 12, "soft", bold=True)
        for vpc in self._scene.vpcs:
            yield from self._vpc(vpc)
        for box, words in self._scene.columns:
            yield _rect(box, "column", 8)
            yield _text(box.x + 12, box.y + 17, words, 12, "soft", bold=True)
        for arrow in self._scene.arrows:
            yield from self._arrow(arrow)
        if self._scene.world:
            yield from self._world(self._scene.world)
        for urn, box in sorted(self._scene.cards.items()):
            yield from self._card(self._things[urn], box)
        for arrow in self._scene.arrows:
            yield from self._label(arrow)
        yield "</svg>"

    def _style(self) -> str:
        light, dark = palette()
        colours = f".picture{{{light}}}@media(prefers-color-scheme:dark){{.picture{{{dark}}}}}" if self._alone else ""
        return colours + _RULES

    def _told(self) -> str:
        """What the picture says, for whoever cannot see it."""
        things = [
            ", ".join([f"{thing['name']} ({thing['what']})", *thing["badges"]]) for thing in self._picture["things"]
        ]
        flows = [arrow.said for arrow in self._scene.arrows]
        return "; ".join(things) + (". Arrows: " + "; ".join(flows) if flows else "") + "."

    def _vpc(self, vpc: Vpc) -> Iterator[str]:
        yield _rect(vpc.box, "vpc", 8)
        yield _text(self._scene.titles_at, vpc.box.y + 19, vpc.title, 13, "ink", bold=True)
        if vpc.note:
            room = vpc.box.right - self._scene.titles_at - 12
            yield _text(self._scene.titles_at, vpc.box.y + 35, fitted(vpc.note, _SMALL, room), _SMALL, "soft")
        for tier in vpc.tiers:
            yield _rect(tier.box, tier.way.split()[0] if tier.way != "not known" else "unknown", 6)
        for box, zone in vpc.zones:
            yield _rect(box, "zone", 4)
            yield _text(box.x + box.width / 2, box.y + 17, zone, 11.5, "soft", anchor="middle", bold=True)
        for tier in vpc.tiers:
            way = {"public": "", "private": ", outward only", "isolated": ", no way out"}.get(
                tier.way, ", way not known"
            )
            words = f"{tier.name}{way}" if tier.name != tier.way or way else tier.name
            for place, (box, cidr) in enumerate(tier.cells):
                yield from _cell(box, words if place == 0 else "", cidr)

    def _world(self, box: Box) -> Iterator[str]:
        yield _rect(box, "world", box.height / 2)
        yield _text(box.x + box.width / 2, box.y + 21, "Internet", 12.5, "ink", anchor="middle", bold=True)

    def _card(self, thing: Mapping[str, Any], box: Box) -> Iterator[str]:
        group = _GROUPS.get(thing["shape"], "keep")
        yield f"<g><title>{escape(_whole(thing))}</title>"
        yield _rect(box, f"card {group}", 6)
        scale = 20 / 24
        yield (
            f'<path class="glyph {group}" transform="translate({box.x + 9:.1f} {box.y + box.height / 2 - 10:.1f})'
            f' scale({scale:.3f})" d="{GLYPHS[thing["shape"]]}"/>'
        )
        x, room = box.x + 38, box.width - 46
        name = fitted(_short(thing), _NAME, room, bold=True)
        first, second = box.y + box.height / 2 - 6, box.y + box.height / 2 + 14
        yield _text(x, first, name, _NAME, "ink", bold=True)
        used = width(name, _NAME, bold=True) + 8
        pills = list(thing["badges"])
        if pills and room - used > width(thing["what"], _SMALL):
            yield _text(x + used, first, thing["what"], _SMALL, "soft")
        elif not pills:
            yield _text(x, second - 1, fitted(thing["what"], _SMALL, room), _SMALL, "soft")
        for pill in pills:
            wide = width(pill, _SMALL) + 12
            if x + wide > box.right - 6:
                break
            yield f'<rect class="pill" x="{x:.1f}" y="{second - 12:.1f}" width="{wide:.1f}" height="16" rx="8"/>'
            yield _text(x + 6, second - 0.5, pill, _SMALL, "ink")
            x += wide + 5
        yield "</g>"

    def _arrow(self, arrow: Arrow) -> Iterator[str]:
        (x, y), (before, _) = arrow.points[-1], arrow.points[-2]
        back = -7 if x >= before else 7
        corners = [*arrow.points[:-1], (x + back / 2, y)]
        path = "M" + "L".join(f"{at_x:.1f} {at_y:.1f}" for at_x, at_y in corners)
        dashed = "" if arrow.sure else ' stroke-dasharray="4 3"'
        yield f'<path class="flow {arrow.colour}"{dashed} d="{path}"><title>{escape(arrow.said)}</title></path>'
        yield f'<path class="head {arrow.colour}" d="M{x:.1f} {y:.1f}l{back} -4v8z"/>'

    def _label(self, arrow: Arrow) -> Iterator[str]:
        if not arrow.label:
            return
        x, y = arrow.label_at
        words = fitted(arrow.label, LABEL, 150)
        wide = width(words, LABEL)
        start = x - wide if arrow.label_ends else x
        yield f'<rect class="under" x="{start - 2:.1f}" y="{y - 12:.1f}" width="{wide + 4:.1f}" height="11"/>'
        yield _text(x, y - 3, words, LABEL, arrow.colour, anchor="end" if arrow.label_ends else "")


_RULES = (
    ".region{fill:none;stroke:var(--p-line);stroke-width:1.5}.vpc{fill:var(--p-vpc);stroke:var(--p-line)}"
    ".column{fill:none;stroke:var(--p-line);stroke-dasharray:2 3}"
    ".zone{fill:none;stroke:var(--p-line);stroke-dasharray:5 4}"
    ".public{fill:var(--p-public)}.private{fill:var(--p-private)}.isolated{fill:var(--p-isolated)}"
    ".unknown{fill:var(--p-unknown)}.card{fill:var(--p-card);stroke-width:1.2}.pill{fill:var(--p-pill)}"
    ".world{fill:var(--p-card);stroke:var(--p-entry);stroke-width:1.5}.glyph{fill:none;stroke-width:1.6;"
    "stroke-linejoin:round;stroke-linecap:round}.flow{fill:none;stroke-width:1.4;stroke-linejoin:round}"
    ".under{fill:var(--p-vpc);opacity:.75}"
    + "".join(f".card.{g},.glyph.{g}{{stroke:var(--p-{g})}}" for g in ("door", "run", "keep"))
    + "".join(
        f".flow.{c}{{stroke:var(--p-{c})}}.head.{c},text.{c}{{fill:var(--p-{c})}}"
        for c in ("entry", "call", *(f"store{n}" for n in range(5)))
    )
    + "text.ink{fill:var(--p-ink)}text.soft{fill:var(--p-soft)}"
)


def _rect(box: Box, kind: str, radius: float) -> str:
    return (
        f'<rect class={quoteattr(kind)} x="{box.x:.1f}" y="{box.y:.1f}" width="{max(box.width, 0):.1f}"'
        f' height="{max(box.height, 0):.1f}" rx="{radius:g}"/>'
    )


def _text(
    x: float, y: float, words: str, size: float, kind: str, *, anchor: str = "", bold: bool = False
) -> str:  # fmt: skip
    more = (f' text-anchor="{anchor}"' if anchor else "") + (' font-weight="600"' if bold else "")
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{more}>{escape(words)}</text>'


def _cell(box: Box, words: str, cidr: str) -> Iterator[str]:
    """Words and network of a subnet, of which the words give way: the network stands nowhere else."""
    x, y = box.x + 8, box.y + 17
    behind = f" · {cidr}" if words and cidr else cidr
    if words:
        begin = fitted(words, _SMALL, box.width - 12 - width(behind, _SMALL), bold=True)
        yield _text(x, y, begin, _SMALL, "soft", bold=True)
        x += width(begin, _SMALL, bold=True) + (width(" ", _SMALL) if behind else 0)
    if behind:
        yield _text(x, y, fitted(behind.strip(), _SMALL, box.right - 4 - x), _SMALL, "soft")


def _whole(thing: Mapping[str, Any]) -> str:
    return " · ".join([thing["name"], thing["what"], *thing["badges"], *thing["zones"]])


def _short(thing: Mapping[str, Any]) -> str:
    """Its name without the zone in whose column it stands."""
    zones = thing["zones"]
    name: str = thing["name"]
    return name.removesuffix(zones[0]).rstrip("-_") or name if len(zones) == 1 and zones[0] else name


def escape(words: str) -> str:
    """One line that XML can hold."""
    return saxutils.escape(visible(_BREAKS.sub(" ", words)))
