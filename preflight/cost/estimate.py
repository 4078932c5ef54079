"""The monthly estimate of a stack: every resource rated for three profiles, summed by meter, charged, shared out.

Tiers and free allowances hold for the account, so a meter is charged on its sum over the stack (in each region), and
each line bears its share of that by quantity.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from preflight.cost import backups, compute, data, databases, machines, network, services, watching
from preflight.cost.beside import beside
from preflight.cost.catalogue import Catalogue, Price, edition
from preflight.cost.free import is_free
from preflight.cost.meters import Unpriced, allowances, charge, priced, unit
from preflight.cost.raters import RATERS, Context, Line
from preflight.cost.usage import HOURS, PROFILES, Assumptions, Profile, figures
from preflight.cost.view import Entry, View, canonical, inputs

_RATED_BY = (backups, compute, data, databases, machines, network, services, watching)  # importing them fills RATERS
_CENTS = Decimal("0.01")
_PROVIDERS = ("pulumi:providers:", "pulumi:pulumi:")


@dataclass
class _Counted:
    """What one line of a resource counts in each profile."""

    meter: str
    what: str
    region: str
    quantities: dict[Profile, Decimal] = field(default_factory=dict)
    usd: dict[Profile, Decimal] = field(default_factory=dict)


def estimate(
    entries: Sequence[Entry], assumptions: Assumptions, region: str, lookups: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The `cost` section of a stack: `entries` are the resources of its report, `region` is where those stand that say
    nothing of their own, `lookups` what its program asked the account. Money is USD before tax, as text with two digits
    behind the point in every sum."""
    view = View(entries, lookups)
    counted: dict[str, list[_Counted]] = {}
    unpriced: dict[str, str] = {}
    catalogues: dict[str, Catalogue] = {}
    for entry in entries:
        if not entry["custom"] and not entry["remote"]:
            continue
        if entry["type"].startswith(_PROVIDERS):
            continue
        if entry.get("options", {}).get("external"):
            continue  # read, not made here: whoever made it pays for it
        more, free = [*beside(entry)], is_free(entry["type"])
        if free and not more:
            continue
        rows, why = ([], []) if free else _rated(entry, view, assumptions, _region(entry, view, region))
        for row in rows:
            catalogues.setdefault(row.region, Catalogue(row.region))
        missing = sorted({row.meter for row in rows if not priced(row.meter, catalogues[row.region])})
        reasons = [*why, *more, *(f"no list price of {meter} is known" for meter in missing)]
        if reasons:
            unpriced[entry["urn"]] = "; ".join(reasons)
        counted[entry["urn"]] = [row for row in rows if row.meter not in missing]
    used = _charge(counted, catalogues, assumptions)
    return _document(entries, counted, unpriced, assumptions, region, used)


def _rated(entry: Entry, view: View, assumptions: Assumptions, region: str) -> tuple[list[_Counted], list[str]]:
    rater = RATERS.get(canonical(entry["type"]))
    if rater is None:
        if entry["type"].startswith("awsx:ecr:") or (entry["remote"] and view.children(entry)):
            return [], []  # its children are what costs
        return [], ["this type is not priced"]
    rows: dict[tuple[str, str, str], _Counted] = {}
    reasons: dict[str, None] = {}
    for profile in PROFILES:
        found: list[Line] = []
        try:
            found.extend(rater(entry, Context(view=view, usage=assumptions.usage[profile])))
        except Unpriced as unknown:
            reasons[str(unknown)] = None
            found = _before(rater, entry, Context(view=view, usage=assumptions.usage[profile]))
        for line in found:
            there = line.region or region
            row = rows.setdefault((line.meter, line.what, there), _Counted(line.meter, line.what, there))
            row.quantities[profile] = row.quantities.get(profile, Decimal(0)) + line.quantity
    return list(rows.values()), list(reasons)


def _before(rater: Any, entry: Entry, context: Context) -> list[Line]:
    """What a rater says before it meets something that has no price."""
    found: list[Line] = []
    try:
        for line in rater(entry, context):
            found.append(line)  # noqa: PERF402 - what came before the exception is kept
    except Unpriced:
        pass
    return found


def _region(entry: Entry, view: View, default: str) -> str:
    """The resource's own region, else that of its provider."""
    provider = view.at(entry.get("options", {}).get("provider") or "") or {}
    for given in (entry, provider):
        own = inputs(given).get("region")
        if isinstance(own, str) and own:
            return own
    return default


def _charge(
    counted: Mapping[str, Sequence[_Counted]], catalogues: Mapping[str, Catalogue], assumptions: Assumptions
) -> set[tuple[Price, str]]:
    """Fills in what every line costs; gives the prices that were used, each with the regions it was used for. What
    is free is one account's, so a region has what others before it have left."""
    used: set[tuple[Price, str]] = set()
    rows = [row for each in counted.values() for row in each]
    for profile in PROFILES:
        left = allowances() if assumptions.free else {}
        for region in sorted(catalogues):
            sums: dict[str, Decimal] = {}
            here = [row for row in rows if row.region == region]
            for row in here:
                sums[row.meter] = sums.get(row.meter, Decimal(0)) + row.quantities.get(profile, Decimal(0))
            parts = charge(sums, catalogues[region], left)
            used |= {(part.price, region) for each in parts.values() for part in each}
            whole = {meter: sum((part.usd for part in each), Decimal(0)) for meter, each in parts.items()}
            for row in here:
                quantity = row.quantities.get(profile, Decimal(0))
                row.usd[profile] = whole[row.meter] * quantity / sums[row.meter] if sums[row.meter] else Decimal(0)
    return used


def _document(
    entries: Sequence[Entry], counted: Mapping[str, Sequence[_Counted]], unpriced: Mapping[str, str],
    assumptions: Assumptions, region: str, used: Set[tuple[Price, str]],
) -> dict[str, Any]:  # fmt: skip
    component = {entry["urn"]: entry.get("component") for entry in entries}
    sums = {urn: _sums(rows) for urn, rows in counted.items()}
    components: dict[str | None, dict[Profile, Decimal]] = {}
    for urn, each in sums.items():
        into = components.setdefault(component[urn], dict.fromkeys(PROFILES, Decimal(0)))
        for profile in PROFILES:
            into[profile] += each[profile]
    total = {profile: sum((each[profile] for each in sums.values()), Decimal(0)) for profile in PROFILES}
    elsewhere = sorted({price.sku for price, place in used if price.region != place})
    prices = {price for price, _ in used}
    return {
        "currency": "USD",
        "hours": HOURS,
        "region": region,
        "freeAllowances": assumptions.free,
        "usage": figures(assumptions),
        "total": _money(total),
        "components": [
            {"urn": urn, "usd": _money(components[urn])}
            for urn in sorted(components, key=lambda urn: (urn is None, urn or ""))
        ],
        "resources": [
            {
                "urn": urn,
                "usd": _money(sums[urn]),
                "lines": [
                    {
                        "meter": row.meter,
                        "what": row.what,
                        "unit": unit(row.meter, Catalogue(row.region)),
                        "quantity": {profile: _plain(row.quantities.get(profile, Decimal(0))) for profile in PROFILES},
                        "usd": _money(row.usd),
                    }
                    for row in counted[urn]
                ],
            }
            for urn in sorted(counted)
            if counted[urn]
        ],
        "unpriced": [{"urn": urn, "why": unpriced[urn]} for urn in sorted(unpriced)],
        "budget": _budget(total, assumptions),
        "prices": {
            "catalogue": edition(),
            "oldest": min((price.as_of for price in prices if price.as_of), default=None),
            "newest": max((price.as_of for price in prices if price.as_of), default=None),
            "fromElsewhere": elsewhere,
            "unverified": sorted({price.sku for price in prices if price.confidence == "memory"}),
        },
    }


def _sums(rows: Sequence[_Counted]) -> dict[Profile, Decimal]:
    return {profile: sum((row.usd.get(profile, Decimal(0)) for row in rows), Decimal(0)) for profile in PROFILES}


def _budget(total: Mapping[Profile, Decimal], assumptions: Assumptions) -> dict[str, Any] | None:
    if assumptions.budget is None:
        return None
    exceeded = _cents(total["expected"]) > assumptions.budget
    return {"usd": str(_cents(assumptions.budget)), "exceeded": exceeded}


def _money(amounts: Mapping[Profile, Decimal]) -> dict[str, str]:
    return {profile: str(_cents(amounts[profile])) for profile in PROFILES}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENTS, rounding=ROUND_HALF_UP)


def _plain(quantity: Decimal) -> str:
    return format(quantity.quantize(Decimal("0.0001")).normalize(), "f")
