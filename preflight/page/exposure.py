"""Who reaches what, and what goes with a zone: the tables of two sections."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from preflight import summary_risks
from preflight.page.markup import listed, mark, paragraph, table, usd

_ACTIONS = 4  # of a policy on a store before "and N more"
_TONES = {"yes": "good", "no": "plain", "not known": "doubt"}
_ANSWERS = {"kept": "good", "below the minimum": "doubt", "gone": "bad", "not known": "doubt"}


def reach(stack: Mapping[str, Any], names: Mapping[str, str], most: int) -> str:
    """What the world reaches, what services reach, and who gets at each store by network and by rights."""
    found = stack["reach"]
    if found is None:
        return ""
    odd = [row for row in found["matrix"] if row["mismatch"]]
    others = summary_risks.not_read(stack)
    return (
        _entries(found["entries"], names, most, f"The world reaches nothing{summary_risks.limit(stack)}.")
        + listed([escape(said) for said in summary_risks.shut(stack, names)], most)
        + (paragraph(f"Not looked at: what {', '.join(others)} makes.") if others else "")
        + (
            "<h4>Network and rights do not agree</h4>"
            + listed(
                (
                    f"{_name(row['service'], names)} and {_name(row['store'], names)}: {escape(row['mismatch'])}"
                    for row in odd
                ),
                most,
            )
            if odd
            else ""
        )
        + _matrix(found["matrix"], names, most)
        + _others(found["stores"], names, most)
        + _ways(found["services"], names, most)
        + (
            paragraph(
                "Not looked at, although it runs code or makes what is not known here: "
                + ", ".join(_plain(urn, names) for urn in found["notRead"])
            )
            if found["notRead"]
            else ""
        )
    )


def resilience(stack: Mapping[str, Any], names: Mapping[str, str], most: int) -> str:
    """What is left without each zone, and what there is only one of."""
    found = stack["resilience"]
    if found is None:
        return ""
    names = {**names, **summary_risks.told_apart(found["zones"], names)}
    zones = [zone["zone"] for zone in found["zones"]]
    parts: dict[str, dict[str, Mapping[str, Any]]] = {}
    for zone in found["zones"]:
        for part in zone["parts"]:
            parts.setdefault(part["urn"], {})[zone["zone"]] = part
    matrix = table(
        "What is left when a zone goes",
        ["Part", *[f"without {zone}" for zone in zones]],
        (
            [_name(urn, names), *[_left(by_zone.get(zone)) for zone in zones]]
            for urn, by_zone in sorted(parts.items(), key=lambda item: names.get(item[0], item[0]))
        ),
        most,
    )
    cut = [
        f"without {escape(zone['zone'])}: {', '.join(_name(urn, names) for urn in each['services'])}"
        f" {'lose' if len(each['services']) > 1 else 'loses'} the way out by {_name(each['gateway'], names)}"
        f" in {escape(', '.join(each['zones']))}"
        for zone in found["zones"]
        for each in zone["internet"]
        if each["services"]
    ]
    points = table(
        "What there is only one of, and what a second one costs",
        ["What", "Why it matters", "What helps", "USD a month more"],
        (
            [
                _name(point["urn"], names),
                escape(point["what"]),
                escape(point["removal"]),
                usd(point["usd"]) if point["usd"] is not None else escape(point["why"] or ""),
            ]
            for point in found["singlePoints"]
        ),
        most,
        numbers=[3],
    )
    return (
        matrix
        + listed(cut, most)
        + (points or paragraph("There is no single point of failure among what is looked at."))
    )


def _entries(entries: Iterable[Mapping[str, Any]], names: Mapping[str, str], most: int, none: str) -> str:
    rows = [
        [
            f"{_name(entry['urn'], names)} <small>{escape(entry['what'])}</small>",
            mark({"yes": "the world", "no": "nobody"}.get(entry["world"], entry["world"]), "doubt"),
            escape(", ".join(port["port"] for port in entry["ports"])),
            ", ".join(
                dict.fromkeys(
                    _name(hop["urn"], names)
                    for hop in entry["to"]
                    if hop["answer"] != "no" and hop["urn"] != entry["urn"]
                )
            ),
            escape("; ".join(entry["notes"])),
        ]
        for entry in entries
    ]
    return table("Entries from outside", ["Entry", "Open to", "On", "Leads to", "Notes"], rows, most) or paragraph(none)


def _matrix(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str], most: int) -> str:
    return table(
        "Who gets at which store",
        ["Store", "Service", "By network", "By IAM", "Rights"],
        (
            [
                _name(row["store"], names),
                _name(row["service"], names),
                mark(row["network"]["answer"], _TONES.get(row["network"]["answer"], "doubt")),
                mark(row["iam"]["answer"], _TONES.get(row["iam"]["answer"], "doubt")),
                escape(", ".join(right["right"] for right in row["iam"]["rights"]))
                + (f" {mark(row['mismatch'], 'bad')}" if row["mismatch"] else ""),
            ]
            for row in sorted(rows, key=lambda row: (_plain(row["store"], names), row["store"]))
        ),
        most,
    )


def _others(stores: Iterable[Mapping[str, Any]], names: Mapping[str, str], most: int) -> str:
    """Who may do something with a store beside the services: roles that no service has, and whom its policy names.
    What somebody may do with several stores is one row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for store in stores:
        for role in store["alsoRights"]:
            answers: dict[str, list[str]] = {}
            for right in role["rights"]:
                answers.setdefault(right["answer"], []).append(right["right"])
            said = "; ".join(
                escape(", ".join(rights)) + ("" if answer == "yes" else f" {mark(answer, 'doubt')}")
                for answer, rights in answers.items()
                if answer != "no"
            )
            if said:
                rows.setdefault((_name(role["urn"], names), said), []).append(store["urn"])
        for grant in store["granted"]:
            actions = grant["actions"]
            more = f" and {len(actions) - _ACTIONS} more" if len(actions) > _ACTIONS + 1 else ""
            said = escape(", ".join(actions[:_ACTIONS] if more else actions) + more)
            said += " <small>under conditions</small>" if grant["conditions"] else ""
            rows.setdefault((escape(", ".join(grant["principals"])), said), []).append(store["urn"])
    return table(
        "Who else has rights to stores: roles of no service here, and whom policies of stores name",
        ["Who", "May", "Of"],
        (
            [who, said, ", ".join(_name(urn, names) for urn in dict.fromkeys(found))]
            for (who, said), found in sorted(rows.items())
        ),
        most,
    )


def _ways(services: Iterable[Mapping[str, Any]], names: Mapping[str, str], most: int) -> str:
    return table(
        "Services and their way to the internet",
        ["Service", "Kind", "Internet", "By", "Reaches"],
        (
            [
                _name(row["urn"], names),
                escape(row["what"]),
                mark(row["internet"]["answer"], "plain" if row["internet"]["answer"] == "no" else "doubt"),
                escape(", ".join(dict.fromkeys(way["way"] for way in row["internet"].get("ways") or ()))),
                ", ".join(dict.fromkeys(_name(other["urn"], names) for other in row["services"])),
            ]
            for row in services
        ),
        most,
    )


def _left(part: Mapping[str, Any] | None) -> str:
    if part is None:
        return "nothing there"
    count = f" <small>{part['left']} of {part['has']}</small>" if part["left"] is not None else ""
    back = " <small>until started elsewhere</small>" if part["replaced"] else ""
    answer = part["answer"] if part["sure"] or part["answer"] in {"kept", "not known"} else f"may be {part['answer']}"
    why = f"<br><small>{escape(part['why'])}</small>" if part["why"] else ""
    return mark(answer, _ANSWERS.get(part["answer"], "doubt")) + count + back + why


def _name(urn: str, names: Mapping[str, str]) -> str:
    return escape(_plain(urn, names))


def _plain(urn: str, names: Mapping[str, str]) -> str:
    return names.get(urn, urn)
