"""What changes in the answers: cost, findings, reach, time, single points, exports. Names and sums as in the report."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from preflight.cost.usage import PROFILES
from preflight.findings import lasts

Stack = Mapping[str, Any]
Renamed = Mapping[str, str]
_CENT = Decimal("0.01")


def cost(base: Stack, head: Stack, renamed: Renamed) -> dict[str, Any] | None:
    """The estimates side by side, by component and resource where they differ; None when neither has one."""
    old, new = base["cost"], head["cost"]
    if old is None and new is None:
        return None
    totals = {"base": old["total"] if old else None, "head": new["total"] if new else None}
    both = [each["unpriced"] if each else [] for each in (old, new)]
    first = {(renamed.get(each["urn"], each["urn"]), each["why"]) for each in both[0]}
    second = {(each["urn"], each["why"]) for each in both[1]}
    return {
        **totals,
        "delta": _delta(totals["base"], totals["head"]),
        "components": _by_urn(old, new, "components", renamed),
        "resources": _by_urn(old, new, "resources", renamed),
        "budget": new["budget"]["usd"] if new and new["budget"] else None,
        "budgetExceeded": bool(new and new["budget"] and new["budget"]["exceeded"]),
        "unpriced": {
            "new": [{"urn": urn, "why": why} for urn, why in sorted(second - first)],
            "gone": [{"urn": urn, "why": why} for urn, why in sorted(first - second)],
        },
        "pricesDiffer": _other_prices(old, new),
    }


def _other_prices(old: Any, new: Any) -> bool | None:
    """Whether the two were estimated by other price tables; None where one does not say by which, as a report that was
    saved before 2026-11-22."""
    both = [each["prices"].get("catalogue") for each in (old, new) if each]
    if len(both) < 2:
        return False
    return None if None in both else both[0] != both[1]


def _by_urn(old: Any, new: Any, key: str, renamed: Renamed) -> list[dict[str, Any]]:
    first = {renamed.get(each["urn"], each["urn"]): each["usd"] for each in (old or {}).get(key, ())}
    second = {each["urn"]: each["usd"] for each in (new or {}).get(key, ())}
    found = [
        {"urn": urn, "base": first.get(urn), "head": second.get(urn), "delta": _delta(first.get(urn), second.get(urn))}
        for urn in {*first, *second}
        if first.get(urn) != second.get(urn)
    ]
    found = [each for each in found if any(Decimal(value) for value in each["delta"].values())]
    return sorted(found, key=lambda each: (-abs(Decimal(each["delta"]["expected"])), str(each["urn"])))


def _delta(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> dict[str, str]:
    return {
        profile: str((Decimal((new or {}).get(profile, 0)) - Decimal((old or {}).get(profile, 0))).quantize(_CENT))
        for profile in PROFILES
    }


def findings(base: Stack, head: Stack, renamed: Renamed) -> dict[str, Any]:
    """What is new and what is gone, as the report has it. The same finding: control, level, verdict and resource.

    What waits for ids at a preview is none, as in a check, once the update decides it: it passes, which is counted in
    `passAtUpdate` where the base does not wait for the same, and in `passAtUpdateGone` where only the base does; or it
    is a violation, which is a finding of its own.
    """

    def key(entry: Mapping[str, Any]) -> tuple[str, ...]:
        urn = renamed.get(entry["urn"], entry["urn"])
        return (entry["control"], entry["level"], entry["verdict"], entry.get("decidedAtUpdate", ""), urn)

    old, new = ([each for each in stack["findings"] if lasts(each)] for stack in (base, head))
    waited, waits = ([each for each in stack["findings"] if not lasts(each)] for stack in (base, head))
    come, went = _beyond(waits, Counter(map(key, waited)), key), _beyond(waited, Counter(map(key, waits)), key)
    return {
        "new": _beyond(new, Counter(map(key, old)), key),
        "gone": _beyond(old, Counter(map(key, new)), key),
        "passAtUpdate": sum(each["decidedAtUpdate"] == "pass" for each in come),
        "passAtUpdateGone": sum(each["decidedAtUpdate"] == "pass" for each in went),
    }


def _beyond(entries: Iterable[Any], others: Counter[Any], key: Any) -> list[Any]:
    left, found = Counter(others), []
    for entry in entries:
        if left[key(entry)]:
            left[key(entry)] -= 1
        else:
            found.append(dict(entry))
    return found


def timeline(base: Stack, head: Stack, renamed: Renamed) -> dict[str, Any] | None:
    """A first deployment of either: seconds, and what decides."""
    old, new = base["timeline"], head["timeline"]
    if old is None or new is None:
        return None
    chains = [[link["urn"] for link in each["chain"]["links"]] for each in (old, new)]
    chains[0] = [renamed.get(urn, urn) for urn in chains[0]]
    unseen = [sorted(renamed.get(urn, urn) for urn in old.get("notCounted", ())), [*new.get("notCounted", ())]]
    both = [
        {"seconds": each["seconds"], "parallel": each["parallel"], "chain": chain, "notCounted": not_counted}
        for each, chain, not_counted in zip((old, new), chains, unseen, strict=True)
    ]
    return {
        "base": both[0],
        "head": both[1],
        "delta": new["seconds"] - old["seconds"],
        "sameChain": chains[0] == chains[1],
    }


def single_points(base: Stack, head: Stack, renamed: Renamed) -> dict[str, list[Any]] | None:
    """What there is only one of, in one report and not in the other, whoever needs it."""
    if base["resilience"] is None or head["resilience"] is None:
        return None
    old, new = ([*each["resilience"]["singlePoints"]] for each in (base, head))
    first = {(renamed.get(each["urn"], each["urn"]), _kind(each)) for each in old}
    second = {(each["urn"], _kind(each)) for each in new}
    return {
        "new": [dict(each) for each in new if (each["urn"], _kind(each)) not in first],
        "gone": [dict(each) for each in old if (renamed.get(each["urn"], each["urn"]), _kind(each)) not in second],
    }


def _kind(point: Mapping[str, Any]) -> str:
    """What it is, whoever needs it; a report that was saved before 2026-11-22 says both in one."""
    return str(point.get("kind", point["what"]))


def exports(base: Stack, head: Stack) -> dict[str, Sequence[str]]:
    """Names that other stacks may read."""
    old, new = base["exports"], head["exports"]
    return {"added": sorted({*new} - {*old}), "removed": sorted({*old} - {*new})}
