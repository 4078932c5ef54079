"""Ways that the base has open, and the program does not, and the other way round: part by part, so that whoever may
less than before is not told as somebody new."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Stack = Mapping[str, Any]
Renamed = Mapping[str, str]
_Pair = tuple[str, str, str, str]
"""Kind, who, to what, and what else tells two ways between the same apart: a port, to whom something is granted."""
_Way = tuple[str, str, str | None, str, Iterable[str], str]
_World = dict[str, list[tuple[str, str]]]
"""Ports and sources by entry."""
_PORTS = re.compile(r"(?P<protocol>\w+) (?P<low>\d+)(?:-(?P<high>\d+))?")
_SURE = ("yes", "some addresses")


def reach(base: Stack, head: Stack, renamed: Renamed) -> dict[str, list[dict[str, Any]]] | None:
    """Ways that are open in one and not in the other, and those that only lead another way or are known less surely;
    None when one of them was not read."""
    if base["reach"] is None or head["reach"] is None:
        return None
    first, second = _open(base["reach"], renamed), _open(head["reach"], {})
    before, after = _from_world(first), _from_world(second)
    found: dict[str, list[dict[str, Any]]] = {"opened": [], "closed": [], "changed": []}
    for pair in sorted({*first, *second}, key=lambda pair: (pair[0] != "world", pair)):
        old, new = first.get(pair, {}), second.get(pair, {})
        if old == new:
            continue
        if pair[0] == "internet" and old and new and {*old.values()} == {*new.values()}:
            for way in _told(pair, new):
                found["changed"].append({**way, "before": _what(pair, old)})
            continue
        gained = {part: answer for part, answer in new.items() if part not in old or answer == "yes" != old[part]}
        lost = {part: answer for part, answer in old.items() if part not in new}
        for part in [part for part in gained if part not in old]:
            if (wider := _wider(pair, part, before)) is not None:
                narrower = _told(pair, {part: gained.pop(part)})
                if _wider(pair, part, after) is None:  # else it is open by what is wider, as before
                    found["changed"] += [{**way, "before": wider} for way in narrower]
        found["opened"] += _told(pair, gained)
        found["closed"] += _told(pair, {part: each for part, each in lost.items() if _wider(pair, part, after) is None})
        other = {part: new[part] for part in new if part in old and part not in gained and new[part] != old[part]}
        for answer in sorted({old[part] for part in other}):
            same = {part: each for part, each in other.items() if old[part] == answer}
            found["changed"] += [{**way, "before": answer} for way in _told(pair, same)]
    return found


def _from_world(ways: Mapping[_Pair, Mapping[str, str]]) -> _World:
    """What the world surely reaches."""
    found: _World = {}
    for (kind, start, _, ports), sources in ways.items():
        if kind == "world":
            found.setdefault(start, []).extend((ports, each) for each, sure in sources.items() if sure in _SURE)
    return found


def _wider(pair: _Pair, source: str, world: _World) -> str | None:
    """What lets the same addresses through to the same ports, and others too."""
    kind, start, end, port = pair
    there = world.get(start, ()) if kind == "world" else ()
    others = [(ports, each) for ports, each in there if (ports, each) != (port, source) and _holds(ports, port)]
    for ports, each in others:
        if _contains([each], source):
            return _what((kind, start, end, ports), [each])
    together = [each for _, each in others]
    return _what(pair, together) if _contains(together, source) else None


def _holds(ports: str, port: str) -> bool:
    """Whether one text of ports says those of another, and perhaps more."""
    wide, narrow = _PORTS.fullmatch(ports), _PORTS.fullmatch(port)
    if ports == port or (ports == "all" and narrow):
        return True
    if not wide or not narrow or wide["protocol"] != narrow["protocol"]:
        return False
    low, high = (int(narrow[key] or narrow["low"]) for key in ("low", "high"))
    return int(wide["low"]) <= low and high <= int(wide["high"] or wide["low"])


def _contains(wide: Iterable[str], narrow: str) -> bool:
    """Whether a source is one of others, or an address range within them together."""
    listed = [*wide]
    inner = _network(narrow)
    if narrow in listed or inner is None:
        return narrow in listed
    outer = [each for each in map(_network, listed) if each is not None and each.version == inner.version]
    return any(inner.subnet_of(each) for each in ipaddress.collapse_addresses(outer))  # type: ignore[type-var,arg-type]


def _network(source: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(source)
    except ValueError:
        return None


def _told(pair: _Pair, parts: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """One way for each answer."""
    kind, start, end, _ = pair
    for answer in sorted({*parts.values()}):
        what = _what(pair, [part for part in parts if parts[part] == answer])
        yield {"kind": kind, "from": start, "to": end or None, "what": what, "answer": answer}


def _what(pair: _Pair, parts: Iterable[str]) -> str:
    kind, _, _, rest = pair
    listed = ", ".join(sorted(filter(None, parts)))
    if kind == "granted":
        return f"{listed} to {rest}"
    if kind == "world":
        return f"{rest} from {listed}" if listed else rest
    return listed or rest


def _open(found: Stack, renamed: Renamed) -> dict[_Pair, dict[str, str]]:
    """Every way that is open, or of which it is not known: its parts, each with the answer. That a thing reaches itself
    says nothing beside who else does."""
    ways: dict[_Pair, dict[str, str]] = {}
    for kind, start, end, rest, parts, answer in [*_from_outside(found), *_from_services(found), *_to_stores(found)]:
        if answer in ("no", "not asked") or start == end:
            continue
        pair = (kind, renamed.get(start, start), renamed.get(end, end) if end else "", rest)
        there = ways.setdefault(pair, {})
        for part in parts:
            there[part] = answer if there.get(part) != "yes" else "yes"
    return ways


def _from_outside(found: Stack) -> Iterator[_Way]:
    for entry in found["entries"]:
        for port in entry["ports"]:
            yield "world", entry["urn"], None, str(port["port"]), port["from"] or ("",), port["world"]
        for to in entry["to"]:
            yield "entry", entry["urn"], to["urn"], f"port {to['port']}" if to["port"] else "", ("",), to["answer"]


def _from_services(found: Stack) -> Iterator[_Way]:
    for service in found["services"]:
        ways = {each["way"] for each in service["internet"]["ways"]} or ("",)
        yield "internet", service["urn"], None, "", ways, service["internet"]["answer"]
        for other in service["services"]:
            yield "service", service["urn"], other["urn"], other["how"], ("",), other["answer"]


def _to_stores(found: Stack) -> Iterator[_Way]:
    for row in found["matrix"]:
        yield "network", row["service"], row["store"], "", ("",), row["network"]["answer"]
        yield from _rights(row["service"], row["store"], row["iam"]["rights"], row["iam"]["answer"])
    for store in found["stores"]:
        for each in store["granted"]:
            yield "granted", store["urn"], None, ", ".join(each["principals"]), each["actions"], "yes"
        for other in store["alsoRights"]:
            for answer in ("yes", "not known"):
                yield from _rights(other["urn"], store["urn"], other["rights"], answer)


def _rights(who: str, store: str, rights: Iterable[Mapping[str, Any]], answer: str) -> Iterator[_Way]:
    """Those to which this is the answer."""
    if said := [each["right"] for each in rights if each["answer"] == answer]:
        yield "rights", who, store, "", said, answer
