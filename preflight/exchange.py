"""The report in the forms that other tools read: SARIF 2.1.0 (code scanning) and JUnit XML (test results). Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from preflight import findings, report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NO_CONTROL = {
    "errors": "The program, its stack file or the policy pack is wrong",
    "budget": "The expected cost is over the budget",
}


def sarif(document: Mapping[str, Any]) -> str:
    """One result for each finding and error. It lands on the line that made the resource, or on the stack file where
    that is not known; `partialFingerprints` stay the same while control, stack and resource do."""
    results = [*_results(document)]
    rules = sorted({result["ruleId"] for result in results})
    driver = {
        "name": document["tool"]["name"],
        "version": document["tool"]["version"],
        "rules": [{"id": rule, "shortDescription": {"text": _NO_CONTROL.get(rule, rule)}} for rule in rules],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    text = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(text, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _results(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for error in document["errors"]:
        yield _result("errors", "error", error["message"], error["source"], "Pulumi.yaml", error["kind"])
    for name, stack in document["stacks"].items():
        file = f"Pulumi.{name}.yaml"
        for error in stack["errors"]:
            yield _result("errors", "error", f"{name}: {error['message']}", error["source"], file, name, error["kind"])
        if report.over_budget(stack["cost"]):
            yield _result("budget", "error", f"{name}: {_over(stack)}", None, file, name)
        for entry in stack["findings"]:
            said = f"{name}: {entry['message']}" + (f" Fix: {entry['fix']}" if entry["fix"] else "")
            yield _result(entry["control"], _level(entry), said, entry["source"], file, name, entry["urn"])


def _result(rule: str, level: str, message: str, source: str | None, file: str, *same: str) -> dict[str, Any]:
    path, _, line = (source or file).rpartition(":") if source else (file, "", "1")
    mark = hashlib.sha256("\0".join([rule, *same]).encode()).hexdigest()
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": int(line)},
                }
            }
        ],
        "partialFingerprints": {"groundwork/v1": mark},
    }


def _level(entry: Mapping[str, Any]) -> str:
    if entry["verdict"] == "error" or findings.stops(entry):
        return "error"
    return "warning" if entry["verdict"] == "violation" else "note"


def _over(stack: Mapping[str, Any]) -> str:
    cost = stack["cost"]
    return f"over budget: {cost['total']['expected']} USD a month expected, budget {cost['budget']['usd']} USD"


def junit(document: Mapping[str, Any]) -> str:
    """One suite for each stack: that the program runs, that it is within budget, and every finding as a test. What
    stops a deployment is a failure, an error of a program or pack an error, anything else passes with its text."""
    suites = ElementTree.Element("testsuites", name=str(document["tool"]["name"]))
    if document["errors"]:
        _suite(suites, "preflight", [("project", "error", _texts(document["errors"]), "")])
    for name, stack in document["stacks"].items():
        _suite(suites, name, list(_cases(stack)))
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _cases(stack: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Name, outcome, text, place."""
    yield "program", "error" if stack["errors"] else "", _texts(stack["errors"]), ""
    if stack["cost"] and stack["cost"]["budget"]:
        over = report.over_budget(stack["cost"])
        yield "budget", "failure" if over else "", _over(stack) if over else "", ""
    for entry in stack["findings"]:
        outcome = "error" if entry["verdict"] == "error" else "failure" if findings.stops(entry) else ""
        resource = entry["urn"].rpartition("::")[2]
        yield f"{entry['control']} {resource}".strip(), outcome, entry["message"], entry["source"] or ""


def _suite(suites: ElementTree.Element, name: str, cases: list[tuple[str, str, str, str]]) -> None:
    counted = {kind: str(sum(outcome == kind for _, outcome, *_ in cases)) for kind in ("failure", "error")}
    suite = ElementTree.SubElement(
        suites, "testsuite", name=name, tests=str(len(cases)), failures=counted["failure"], errors=counted["error"]
    )
    for case, outcome, text, place in cases:
        file, _, line = place.rpartition(":")
        where: dict[str, str] = {"file": file, "line": line} if file else {}
        element = ElementTree.SubElement(suite, "testcase", {"classname": name, "name": case, **where})
        if outcome:
            ElementTree.SubElement(element, outcome, message=_plain(text.partition("\n")[0])).text = _plain(text)
        elif text:
            ElementTree.SubElement(element, "system-out").text = _plain(text)


def _texts(errors: list[dict[str, Any]]) -> str:
    return "\n".join(error["message"] for error in errors)


def _plain(text: str) -> str:
    """Without the control characters that XML 1.0 cannot hold."""
    return "".join(char if char >= " " or char in "\n\t" else "\ufffd" for char in text)
