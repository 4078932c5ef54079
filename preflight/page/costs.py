"""What a stack costs a month, with a choice of the profile of use."""

from collections.abc import Mapping
from html import escape
from typing import Any

from preflight import report
from preflight.cost import HOME
from preflight.page.markup import paragraph, table, usd

_PROFILES = ("idle", "expected", "peak")
_ASSUMED = ("load", "requests", "responseKilobytes", "natGigabytes", "crossZoneGigabytes", "databaseGigabytes",
            "bucketGigabytes", "functionCalls")  # fmt: skip
_FIRST = 12  # resources that are shown at once


def cost(name: str, stack: Mapping[str, Any], names: Mapping[str, str], most: int) -> str:
    """Totals, components and resources; the profile is chosen by radio buttons."""
    found = stack["cost"]
    if found is None:
        return ""
    label = escape(name, quote=True)
    choice = "".join(
        f'<label><input type="radio" name="profile-{label}" value="{profile}"'
        f"{' checked' if profile == 'expected' else ''}> {profile} <b>{usd(found['total'][profile])} USD</b></label>"
        for profile in _PROFILES
    )
    types = {entry["urn"]: entry["type"] for entry in stack["resources"]}
    costly = [each for each in _dear(found["resources"]) if any(float(each["usd"][profile]) for profile in _PROFILES)]
    return (
        f'<fieldset class="profiles"><legend>Profile of use</legend>{choice}</fieldset>'
        + _assumed(found.get("usage") or {}, most)
        + paragraph(_about(found))
        + _table("Components", _dear(found["components"]), names, {}, most)
        + _table("Most expensive resources", costly[:_FIRST], names, types, most)
        + (
            f"<details><summary>{len(costly) - _FIRST} cheaper ones</summary>"
            + _table("Cheaper resources", costly[_FIRST:], names, types, most)
            + "</details>"
            if len(costly) > _FIRST
            else ""
        )
        + _unpriced(found["unpriced"], names, most)
    )


def _assumed(figures: Mapping[str, Mapping[str, str]], most: int) -> str:
    """What the profiles take for granted: what most depends on in sight, the rest below."""
    if not figures:
        return ""

    def rows(keys: list[str]) -> str:
        cells = ([f"<code>{key}</code>", *(_figure(figures[key][profile]) for profile in _PROFILES)] for key in keys)
        return table("What the profiles assume of a month", ["Figure", *_PROFILES], cells, most, numbers=[1, 2, 3])

    first, rest = [key for key in _ASSUMED if key in figures], [key for key in figures if key not in _ASSUMED]
    more = f"<details><summary>{len(rest)} more figures</summary>{rows(rest)}</details>" if rest else ""
    said = "What each figure counts: docs/cost.md. A stack sets its own under preflight:usage."
    return rows(first) + more + paragraph(said)


def _figure(value: str) -> str:
    return f"{float(value):,.10g}"


def _about(found: Mapping[str, Any]) -> str:
    prices, budget = found["prices"], found["budget"]
    free = "with" if found["freeAllowances"] else "without"
    said = (
        f"List prices in {found['region']} from {prices['oldest']} to {prices['newest']}, before tax,"
        f" {found['hours']} hours a month, {free} free allowances."
    )
    if budget:
        words = report.budget_words(found, usd)
        said += f" {words[0].upper()}{words[1:]}."
    if prices["fromElsewhere"]:
        said += f" Taken from {HOME}, as the region has none for them: {', '.join(prices['fromElsewhere'])}."
    if prices["unverified"]:
        said += f" Not read off a price list: {', '.join(prices['unverified'])}."
    return said


def _dear(rows: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: (-float(row["usd"]["expected"]), -float(row["usd"]["peak"]), row["urn"] or ""))


def _table(
    caption: str, rows: list[Mapping[str, Any]], names: Mapping[str, str], types: Mapping[str, str], most: int
) -> str:
    highest = {profile: max((float(row["usd"][profile]) for row in rows), default=0) or 1 for profile in _PROFILES}
    return table(
        caption,
        ["Name", *(f"{profile}, USD" for profile in _PROFILES), "Share"],
        (
            [
                escape(names.get(row["urn"], row["urn"]) if row["urn"] else "outside of any component")
                + _of(row, types),
                *(f'<span class="{profile}">{usd(row["usd"][profile])}</span>' for profile in _PROFILES),
                "".join(_bar(profile, float(row["usd"][profile]) / highest[profile]) for profile in _PROFILES),
            ]
            for row in rows
        ),
        most,
        numbers=[1, 2, 3],
    )


def _bar(profile: str, share: float) -> str:
    return f'<i class="bar {profile}" style="width:{100 * share:.1f}%"></i>'


def _of(row: Mapping[str, Any], types: Mapping[str, str]) -> str:
    """Type and meters of a resource."""
    kind = f" <small>{escape(types[row['urn']])}</small>" if row["urn"] in types else ""
    said = "; ".join(f"{line['what']}, {line['unit']}" for line in row.get("lines") or ())
    return kind + (f"<br><small>{escape(said)}</small>" if said else "")


def _unpriced(found: list[Mapping[str, Any]], names: Mapping[str, str], most: int) -> str:
    return table(
        "Not priced: to be added by hand",
        ["Resource", "Why"],
        ([escape(names.get(each["urn"], each["urn"])), escape(str(each["why"]))] for each in found),
        most,
    )
