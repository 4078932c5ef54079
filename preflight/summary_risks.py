"""What the terminal says of reach and resilience: a few lines each, the whole matrix stands in the JSON."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preflight.summary import Page

_INDENT = "  "
# Packages that open nothing to the world, or are read with what they make (awsx, docker-build: images).
_READ = frozenset({"aws", "awsx", "pulumi", "random", "tls", "time", "command", "docker-build", "docker"})
_SHOWN = 4  # of entries, mismatches and points before "and N more"; --verbose shows all


def reach(stack: Mapping[str, Any], page: "Page") -> list[str]:
    """What the world reaches, and where network and rights do not agree."""
    found = stack["reach"]
    if found is None:
        return []
    names = _names(stack)
    entries = [entry for entry in found["entries"] if entry["world"] != "not known"]
    doubtful = [entry for entry in found["entries"] if entry["world"] == "not known"]
    others = not_read(stack)
    said = [f"what {', '.join(others)} makes"] * bool(others) + own_not_read(stack)
    unread = page.wrapped(f"not read: {', '.join(said)}", _INDENT * 2, _INDENT, "yellow") if said else []
    unread = _listed(shut(stack, names), page, "yellow") + unread
    if not found["entries"]:
        return page.wrapped(f"The world reaches nothing{limit(stack)}", _INDENT, _INDENT, "bold") + unread
    lines = page.wrapped("The world reaches" if entries else "The world reaches nothing for certain", _INDENT, _INDENT,
                         "bold")  # fmt: skip
    lines += _listed([_entry(entry, names) for entry in entries], page)
    if doubtful:
        also = ", ".join(f"{names[entry['urn']]} ({entry['what']}){_perhaps(entry)}" for entry in doubtful)
        lines += page.wrapped(f"not known whether also: {also}", _INDENT * 2, _INDENT, "yellow")
    odd = [
        f"{names[row['service']]} and {names[row['store']]}: {row['mismatch']}"
        for row in found["matrix"]
        if row["mismatch"]
    ]
    lines += _listed(odd, page, "yellow")
    unreached = sorted({names[to["urn"]] for entry in entries for to in entry["to"] if to["answer"] == "no"})
    if unreached:
        lines += page.wrapped(f"sends on to, without a way: {', '.join(unreached)}", _INDENT * 2, _INDENT, "yellow")
    return lines + unread


def shut(stack: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """What the program means to open and AWS keeps shut. A report that was saved before 2026-11-22 does not say."""
    return [f"not {names[each['urn']]}: {each['why']}" for each in stack["reach"].get("shut", ())]


def not_read(stack: Mapping[str, Any]) -> list[str]:
    """Packages of which it is not known what their resources open: of other clouds, and of components that another
    process fills."""
    custom = {each["type"] for each in stack["resources"] if each["custom"]}
    closed = stack["reach"]["notRead"]
    remote = {each["type"] for each in stack["resources"] if each["remote"] and each["urn"] in closed}
    foreign = {kind.partition(":")[0] for kind in custom} - _READ
    return sorted(foreign | {kind.partition(":")[0] for kind in remote})


def own_not_read(stack: Mapping[str, Any]) -> list[str]:
    """What AWS runs code on and is not looked at, by name and type; not what is an entry all the same."""
    types = {each["urn"]: each["type"] for each in stack["resources"] if not each["remote"]}
    names = _names(stack)
    told = {entry["urn"] for entry in stack["reach"]["entries"]}
    found = [urn for urn in stack["reach"]["notRead"] if urn not in told and types.get(urn, "").startswith("aws:")]
    shown = [f"{names[urn]} ({_kind(types[urn])})" for urn in found[:_SHOWN]]
    return shown + [f"and {len(found) - _SHOWN} more"] * (len(found) > _SHOWN)


def _kind(token: str) -> str:
    """`sagemaker.Endpoint` of a type of AWS."""
    return f"{token.split(':')[1].partition('/')[0]}.{token.rpartition(':')[2]}"


def limit(stack: Mapping[str, Any]) -> str:
    """What "nothing" is restricted to, where not all is read."""
    if not_read(stack):
        return " of AWS that is made here"
    return " of what is looked at" if stack["reach"]["notRead"] else ""


def resilience(stack: Mapping[str, Any], page: "Page") -> list[str]:
    """What goes with a zone, and what exists only once."""
    found = stack["resilience"]
    if found is None or not (found["zones"] or found["singlePoints"]):
        return []
    names = _names(stack)
    names |= told_apart(found["zones"], names)
    lines = page.wrapped("When something fails", _INDENT, _INDENT, "bold")
    for zones, said in _zones(found["zones"], names):
        lines += page.wrapped(f"{zones}: {said}", _INDENT * 2, _INDENT)
    kept = _kept(found["zones"], names)
    lines += page.wrapped(f"kept: {', '.join(kept)}", _INDENT * 2, _INDENT) if kept else []
    points = [f"only one: {names[each['urn']]}, {each['what']} ({_price(each)})" for each in found["singlePoints"]]
    return lines + _listed(points, page, "yellow")


def _perhaps(entry: Mapping[str, Any]) -> str:
    ports = [port["port"] for port in entry["ports"] if port["port"] != "not known"]
    return f" on {', '.join(ports)}" if ports else ""


def _entry(entry: Mapping[str, Any], names: Mapping[str, str]) -> str:
    ports = ", ".join(port["port"] for port in entry["ports"] if port["world"] != "not known")
    to = sorted({names[each["urn"]] for each in entry["to"] if each["urn"] != entry["urn"] and each["answer"] != "no"})
    some = " from some addresses" if entry["world"] != "yes" else ""
    notes = f"; {'; '.join(entry['notes'])}" if entry["notes"] else ""
    return f"{names[entry['urn']]} ({entry['what']}) on {ports}{some}" + (f" -> {', '.join(to)}" if to else "") + notes


def _zones(zones: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Zones of which the same is to say, together."""
    same: dict[str, list[str]] = {}
    for zone in zones:
        parts: dict[str, list[str]] = {}
        for part in zone["parts"]:
            if part["answer"] != "kept":
                replaced = " until started elsewhere" if part["replaced"] else ""
                answer = part["answer"] if part["sure"] or part["answer"] == "not known" else f"may be {part['answer']}"
                parts.setdefault(answer + replaced, []).append(names[part["urn"]])
        said = [f"{', '.join(sorted(found))} {answer}" for answer, found in sorted(parts.items())]
        cut = sorted({names[urn] for each in zone["internet"] for urn in each["services"]})
        said += [f"no way out for {', '.join(cut)} elsewhere"] if cut else []
        same.setdefault("; ".join(said) or "nothing falls below what it needs", []).append(zone["zone"])
    return [(" or ".join(found), said) for said, found in same.items()]


def _kept(zones: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    """What no loss of a single zone takes away, with the reason where there is one to say."""
    parts = [part for zone in zones for part in zone["parts"]]
    lost = {part["urn"] for part in parts if part["answer"] != "kept"}
    whys = {part["urn"]: "" for part in parts if part["urn"] not in lost}
    whys |= {part["urn"]: f" ({part['why']})" for part in parts if part["urn"] in whys and part["why"]}
    return sorted(f"{names[urn]}{why}" for urn, why in whys.items())


def _price(point: Mapping[str, Any]) -> str:
    cost = f"{float(point['usd']):,.2f} USD a month" if point["usd"] is not None else point["why"]
    return f"{point['removal']}: {cost}"


def _listed(texts: Sequence[str], page: "Page", *styles: str) -> list[str]:
    shown = texts if page.verbose or len(texts) <= _SHOWN + 1 else texts[:_SHOWN]
    lines = [line for text in shown for line in page.wrapped(text, _INDENT * 2, _INDENT, *styles)]
    if len(shown) < len(texts):
        lines += page.wrapped(f"and {len(texts) - len(shown)} more (--verbose shows all)", _INDENT * 2)
    return lines


def told_apart(zones: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, str]:
    """Of parts that have one name between them: the name with what each is."""
    parts = {part["urn"]: part["what"] for zone in zones for part in zone["parts"]}
    shared = Counter(names.get(urn) for urn in parts)
    return {urn: f"{names[urn]} ({what})" for urn, what in parts.items() if shared[names.get(urn)] > 1 and urn in names}


def _names(stack: Mapping[str, Any]) -> dict[str, str]:
    return {entry["urn"]: entry["name"] for entry in stack["resources"]}
