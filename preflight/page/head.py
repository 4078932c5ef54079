"""The top of the page, the summary of a stack and its findings."""

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from preflight import mistakes, report, times
from preflight.counted import counted
from preflight.page.markup import listed, mark, paragraph, spoken, table, usd

_PARTS = (
    ("summary", "Summary"), ("picture", "Picture"), ("exposure", "Who reaches what"),
    ("resilience", "When something fails"), ("cost", "Cost"), ("time", "First deployment"), ("findings", "Findings"),
    ("resources", "Resources"),
)  # fmt: skip
_ERRORS = 100


def top(document: Mapping[str, Any]) -> str:
    """Title, choice of the stack, errors of the whole run, and the way to the parts."""
    stacks = document["stacks"]
    tool = document["tool"]
    choice = "".join(
        f'<button type="button" data-show="{escape(name, quote=True)}" aria-pressed="{"false" if place else "true"}">'
        f"{escape(name)} {_result(stack)}</button>"
        for place, (name, stack) in enumerate(stacks.items())
    )
    parts = "".join(f'<li><a href="#" data-part="{key}">{escape(title)}</a></li>' for key, title in _PARTS)
    errors = listed([escape(error["message"]) for error in document["errors"]], _ERRORS)
    return (
        '<a class="skip" href="#top">To the report</a>'
        f'<header><h1 id="top" tabindex="-1">Preflight</h1><p>{escape(tool["name"])} {escape(tool["version"])}:'
        " what these stacks would create, found out offline. It cannot know service quotas, the rights of whoever"
        " deploys, checks that only AWS makes, and what exists already.</p>"
        f'<div class="choice" role="group" aria-label="Stack">{choice}</div>'
        f'<nav aria-label="Parts of the report"><ul>{parts}</ul></nav></header>'
        + (f'<div class="errors"><h2>Errors</h2>{errors}</div>' if errors else "")
    )


def summary(stack: Mapping[str, Any], most: int) -> str:
    """The figures that are asked for first, then errors, exports and notes."""
    tiles = "".join(
        f'<div class="tile"><dt>{escape(title)}</dt><dd>{value}</dd></div>' for title, value in _tiles(stack)
    )
    errors = listed(
        (
            escape(error["message"]) + (f" <code>{escape(place)}</code>" if (place := _raised(error)) else "")
            for error in stack["errors"]
        ),
        _ERRORS,
    )
    exports = table(
        "Exports",
        ["Name", "Value"],
        (
            [
                f"<code>{escape(name)}</code>",
                _value(each["value"]) if each["knownAtPreview"] else "known after the deployment",
            ]
            for name, each in stack["exports"].items()
        ),
        most,
    )
    notes = listed(map(escape, stack["notes"]), most)
    return (
        (f'<div class="errors"><h4>Errors</h4>{errors}</div>' if errors else "")
        + f'<dl class="tiles">{tiles}</dl>'
        + exports
        + (f"<details><summary>Notes ({len(stack['notes'])})</summary>{notes}</details>" if notes else "")
    )


def _raised(error: Mapping[str, Any]) -> str:
    """Where the program raised it; nothing for what is wrong with a stack file, whose own line the message names."""
    return "" if mistakes.one_by_one(error["message"]) else str(error["source"] or "")


def findings(stack: Mapping[str, Any], names: Mapping[str, str], most: int) -> str:
    """Every verdict that is not a pass, and what became of those for which a preview is too early."""
    if stack["policies"] is None and not stack["findings"]:
        return paragraph("No policy was asked.")
    if not stack["findings"]:
        packs = ", ".join(stack["policies"]["names"]) if stack["policies"] else ""
        return paragraph(f"None: no violation, and nothing that could not be decided ({packs}).")
    open_ = any("decidedAtUpdate" not in each and each["verdict"] != "exempted" for each in stack["findings"])
    return ("" if open_ else paragraph("No violation, and nothing stays undecided.")) + table(
        "Findings, the gravest first",
        ["Control", "Verdict", "Resource", "What", "Where"],
        (
            [
                f"<code>{escape(str(each['control']))}</code>",
                mark(*_verdict(each)) + _decided(each),
                escape(names.get(each["urn"] or "", each["urn"] or "")),
                escape(str(each["message"])) + _advice(each),
                f"<code>{escape(each['source'])}</code>" if each.get("source") else "",
            ]
            for each in stack["findings"][:most]
        ),
        most,
        of=len(stack["findings"]),
    )


def _result(stack: Mapping[str, Any]) -> str:
    said = {
        report.FINE: "fine",
        report.VIOLATED: report.violated_words(stack, "violated"),
        report.WRONG: "failed",
        report.FAULT: "fault of preflight",
    }
    code = stack["summary"]["exitCode"]
    return mark(said[code], "bad" if code else "good")


def _tiles(stack: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    short = stack["summary"]
    yield "Result", _result(stack)
    yield "Resources", f"{short['resources']} <small>in {counted(short['components'], 'component')}</small>"
    broken, undecided = short["violations"], short["undecided"]["open"]
    waited = short["undecided"]["pass"] + short["undecided"]["violation"]
    tone = "bad" if broken["mandatory"] else "doubt" if broken["advisory"] or undecided else "good"
    if stack["policies"] is None and not stack["findings"]:
        yield "Policies", mark("not checked", "doubt") + " <small>no policy was asked</small>"
    else:
        yield (
            "Policies",
            mark(f"{broken['mandatory']} mandatory", tone)
            + f" <small>{broken['advisory']} advisory, {undecided} undecided"
            + (f", {waited} decided at update</small>" if waited else "</small>"),
        )
    if stack["cost"]:
        total, budget = stack["cost"]["total"], stack["cost"]["budget"]
        kept = f", budget {usd(budget['usd'])} {'exceeded' if budget['exceeded'] else 'not exceeded'}" if budget else ""
        kept += f" ({said})" if budget and (said := report.borrowed_words(stack["cost"])) else ""
        kept += f"; {len(missing)} not or not fully priced" if (missing := stack["cost"]["unpriced"]) else ""
        yield (
            "Cost a month, expected",
            f"{usd(total['expected'])} USD <small>idle {usd(total['idle'])}, peak {usd(total['peak'])}{kept}</small>",
        )
    if stack["timeline"]:
        line = stack["timeline"]
        yield (
            "First deployment",
            f"{spoken(line['seconds'])} <small>{times.between(line['low'], line['high'], spoken)}</small>",
        )
    if stack["reach"]:
        answers = Counter(entry["world"] for entry in stack["reach"]["entries"])
        open_, doubt = answers.total() - answers["no"] - answers["not known"], answers["not known"]
        unsure = f", {doubt} not known" if doubt else ""
        odd = sum(bool(row["mismatch"]) for row in stack["reach"]["matrix"])
        yield (
            "Open to the world",
            f"{open_} <small>{'entry' if open_ == 1 else 'entries'}{unsure}, {odd} mismatched rights</small>",
        )
    if stack["resilience"]:
        yield "Single points of failure", str(len(stack["resilience"]["singlePoints"]))


def _verdict(each: Mapping[str, Any]) -> tuple[str, str]:
    level = f"{each['level']} " if each.get("level") else ""
    if "decidedAtUpdate" in each:
        return f"{level}undecided at preview", "plain"
    tone = "bad" if each["verdict"] in {"violation", "error"} and each.get("level") != "advisory" else "doubt"
    return f"{level}{each['verdict']}", tone


def _decided(each: Mapping[str, Any]) -> str:
    decided = each.get("decidedAtUpdate")
    return (
        f" {mark('passes at update', 'good') if decided == 'pass' else mark(f'{decided} at update', 'bad')}"
        if decided
        else ""
    )


def _advice(each: Mapping[str, Any]) -> str:
    if each["verdict"] == "exempted":
        return f"<br>{escape(str(each.get('exemption') or 'exempted'))}"
    return f"<br>Fix: {escape(each['fix'])}" if each.get("fix") else ""


def _value(value: Any) -> str:
    if isinstance(value, dict) and list(value) == ["$secret"]:
        return "secret"
    return f"<code>{escape(', '.join(map(str, value)) if isinstance(value, list) else str(value))}</code>"
