"""The report in the forms that other tools read: SARIF 2.1.0 (code scanning) and JUnit XML (test results)."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from preflight import findings, indented, report
from preflight.mistakes import one_by_one

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_UNFIT = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_CONTROL = {
    "errors": "The program, its stack file or the policy pack is wrong",
    "budget": "The expected cost is over the budget",
}


def within(program: Path) -> str:
    """The folder of the program below the root of its repository, with forward slashes: what code scanning and
    reporters of tests put before a file of the program. Nothing at the root, and outside of any repository."""
    folder = program.resolve()
    top = next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)
    return "/".join(folder.relative_to(top).parts)


def sarif(document: Mapping[str, Any], folder: str = "") -> str:
    """One result for each finding, error and mistake of a stack file, except for what was undecided only until the
    update. It lands on the line that made the resource, or on the stack file where that is not known; files are below
    `folder` (`within`).
    `partialFingerprints` stay the same while control, stack and resource do; code scanning reads the one that it calls
    `primaryLocationLineHash`, and would make of all findings on one line a single alert without it."""
    results = [*_results(document)]
    seen: Counter[str] = Counter()
    for result in results:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        place["uri"] = quote("/".join(filter(None, [folder, place["uri"]])))
        mark = result["partialFingerprints"]["groundwork/v1"]
        seen[mark] += 1
        result["partialFingerprints"]["primaryLocationLineHash"] = f"{mark[:16]}:{seen[mark]}"
    fixes = {e["control"]: e["fix"] for stack in document["stacks"].values() for e in stack["findings"] if e["fix"]}
    rules = sorted({result["ruleId"] for result in results})
    driver = {
        "name": document["tool"]["name"],
        "version": document["tool"]["version"],
        "rules": [_rule(rule, fixes.get(rule)) for rule in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    text = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return indented.dumps(text) + "\n"


def _rule(rule: str, fix: str | None) -> dict[str, Any]:
    said = _NO_CONTROL.get(rule, rule)
    more = "" if rule in _NO_CONTROL else f"python -m preflight explain {rule}"
    return {
        "id": rule,
        "shortDescription": {"text": said},
        "fullDescription": {"text": f"Fix: {fix}" if fix else said},
        "help": {"text": more or said},
    }


def _results(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for error in document["errors"]:
        yield _error(error, error["message"], "Pulumi.yaml")
    for name, stack in document["stacks"].items():
        file = f"Pulumi.{name}.yaml"
        for error in stack["errors"]:
            yield from _of_stack(error, name, file)
        if report.over_budget(stack["cost"]):
            yield _result("budget", "error", f"{name}: {_over(stack)}", None, file, name)
        for entry in stack["findings"]:
            if not findings.lasts(entry):
                continue
            said = ": ".join(filter(None, [name, entry["urn"].rpartition("::")[2], entry["message"]]))
            exempted = entry["verdict"] == "exempted"
            if exempted:
                said += f" ({entry['exemption']})"
            elif entry["fix"]:
                said = f"{said.rstrip('.')}. Fix: {entry['fix']}"
            result = _result(entry["control"], _level(entry), said, entry["source"], file, name, entry["urn"])
            if exempted:
                result["suppressions"] = [{"kind": "external", "justification": entry["exemption"]}]
            yield result


def _of_stack(error: Mapping[str, Any], name: str, file: str) -> Iterator[dict[str, Any]]:
    told = one_by_one(error["message"])
    for key, place, said in told:
        yield _result("errors", "error", f"{name}: {said}", place, file, name, error["kind"], key)
    if not told:
        yield _error(error, f"{name}: {error['message']}", file, name)


def _error(error: Mapping[str, Any], said: str, file: str, *same: str) -> dict[str, Any]:
    """It lands where it was raised, but a mistake in a stack file where that is: the message names the line."""
    line = re.search(rf"{re.escape(file)}:(\d+)", error["message"])
    of_file = line and (error["source"] is None or error["kind"] == "config")
    place = f"{file}:{line[1]}" if of_file and line else error["source"]
    return _result("errors", "error", said, place, file, *same, error["kind"])


def _result(rule: str, level: str, message: str, source: str | None, file: str, *same: str) -> dict[str, Any]:
    path, line = _place(source) if source else (file, "")
    mark = hashlib.sha256("\0".join([rule, *same]).encode()).hexdigest()
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": int(line or 1)},
                }
            }
        ],
        "partialFingerprints": {"groundwork/v1": mark},
    }


def _place(source: str) -> tuple[str, str]:
    """File and line of `file:line`; no line where there is none."""
    path, _, line = source.rpartition(":")
    return (path, line) if path and line.isdigit() and int(line) else (source, "")


def _level(entry: Mapping[str, Any]) -> str:
    if entry["verdict"] == "error" or findings.stops(entry):
        return "error"
    return "warning" if entry["verdict"] == "violation" else "note"


def _over(stack: Mapping[str, Any]) -> str:
    cost = stack["cost"]
    return f"over budget: {cost['total']['expected']} USD a month expected, budget {cost['budget']['usd']} USD"


def junit(document: Mapping[str, Any], folder: str = "") -> str:
    """One suite for each stack: that the program runs, or each mistake of its stack file, that it is within budget, and
    every finding as a test. What stops a deployment is a failure, an error of a program or pack an error, anything else
    passes with its text. Files are below `folder` (`within`)."""
    suites = ElementTree.Element("testsuites", name=str(document["tool"]["name"]))
    if document["errors"]:
        _suite(suites, "preflight", [("project", "error", _texts(document["errors"]), "")], folder)
    for name, stack in document["stacks"].items():
        _suite(suites, name, list(_cases(stack)), folder)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _cases(stack: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Name, outcome, text, place."""
    told = [one_by_one(error["message"]) for error in stack["errors"]]
    others = [error for error, mistakes in zip(stack["errors"], told, strict=True) if not mistakes]
    if others or not any(told):
        yield "program", "error" if others else "", _texts(others), ""
    for mistake in (each for mistakes in told for each in mistakes):
        yield mistake.key, "error", mistake.said, mistake.place or ""
    if stack["cost"] and stack["cost"]["budget"]:
        over = report.over_budget(stack["cost"])
        yield "budget", "failure" if over else "", _over(stack) if over else "", ""
    for entry in stack["findings"]:
        outcome = "error" if entry["verdict"] == "error" else "failure" if findings.stops(entry) else ""
        resource = entry["urn"].rpartition("::")[2]
        yield f"{entry['control']} {resource}".strip(), outcome, _told(entry, outcome), entry["source"] or ""


def _told(entry: Mapping[str, Any], outcome: str) -> str:
    """What a test says: of one that passes also what the finding is, of any that is there to be mended how."""
    said = str(entry["message"])
    if not findings.lasts(entry):
        at_update = "passes" if entry["decidedAtUpdate"] == "pass" else "is a violation"
        return f"waits for ids at preview and {at_update} at update: {said}"
    if entry["verdict"] == "exempted":
        return f"exempted: {said} ({entry['exemption']})"
    if not outcome:
        said = f"{entry['level']} {entry['verdict']}: {said}"
    return f"{said}\nfix: {entry['fix']}" if entry["fix"] else said


def _suite(suites: ElementTree.Element, name: str, cases: list[tuple[str, str, str, str]], folder: str) -> None:
    counted = {kind: str(sum(outcome == kind for _, outcome, *_ in cases)) for kind in ("failure", "error")}
    suite = ElementTree.SubElement(
        suites, "testsuite", name=name, tests=str(len(cases)), failures=counted["failure"], errors=counted["error"]
    )
    for case, outcome, text, place in cases:
        file, line = _place(place)
        where = {"file": "/".join(filter(None, [folder, _plain(file)]))} if file else {}
        where |= {"line": line} if line else {}
        element = ElementTree.SubElement(suite, "testcase", {"classname": name, "name": _plain(case), **where})
        if outcome:
            ElementTree.SubElement(element, outcome, message=_plain(text.partition("\n")[0])).text = _plain(text)
        elif text:
            ElementTree.SubElement(element, "system-out").text = _plain(text)


def _texts(errors: list[dict[str, Any]]) -> str:
    return "\n".join(error["message"] for error in errors)


def _plain(text: str) -> str:
    """Without what XML 1.0 cannot hold: control characters, halves of pairs, what is no character."""
    return _UNFIT.sub("\ufffd", text)
