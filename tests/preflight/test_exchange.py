"""SARIF and JUnit: where a finding lands, what counts as a failure, and that it can be read."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from preflight import exchange

BUCKET = "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::logs"


def _finding(**change: Any) -> dict[str, Any]:
    base = {
        "control": "s3-private", "policy": "s3", "verdict": "violation", "level": "mandatory", "urn": BUCKET,
        "message": "it is open", "fix": "close it", "source": "infra/storage.py:7", "phase": ["preview"], "path": [],
    }  # fmt: skip
    return base | change


def _document(*found: dict[str, Any], **change: Any) -> dict[str, Any]:
    stack = {"errors": [], "findings": list(found), "cost": None} | change
    return {"tool": {"name": "groundwork preflight", "version": "1.2.3"}, "errors": [], "stacks": {"prod": stack}}


def _sarif(document: dict[str, Any]) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(exchange.sarif(document))["runs"][0]
    return run


def _place(result: dict[str, Any]) -> tuple[str, int]:
    place = result["locations"][0]["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def test_a_finding_lands_on_the_line_that_made_the_resource() -> None:
    run = _sarif(_document(_finding()))
    assert [_place(result) for result in run["results"]] == [("infra/storage.py", 7)]
    assert run["results"][0]["message"]["text"] == "prod: logs: it is open. Fix: close it"
    rule = run["tool"]["driver"]["rules"][0]
    assert (rule["id"], rule["fullDescription"]["text"]) == ("s3-private", "Fix: close it")
    assert "explain s3-private" in rule["help"]["text"]


def test_files_are_named_from_the_root_of_the_repository(tmp_path: Path) -> None:
    program = tmp_path / "my infra" / "shop"
    program.mkdir(parents=True)
    assert exchange.within(program) == ""
    (tmp_path / ".git").touch()  # a worktree has a file there
    assert (exchange.within(tmp_path), exchange.within(program)) == ("", "my infra/shop")
    document = _document(_finding(), _finding(source=None))
    places = [_place(result) for result in json.loads(exchange.sarif(document, "my infra"))["runs"][0]["results"]]
    assert places == [("my%20infra/infra/storage.py", 7), ("my%20infra/Pulumi.prod.yaml", 1)]
    case = ElementTree.fromstring(exchange.junit(document, "my infra")).findall("testsuite/testcase")[1]
    assert case.attrib["file"] == "my infra/infra/storage.py"


def test_findings_on_one_line_are_alerts_of_their_own() -> None:
    def marks(*found: dict[str, Any]) -> set[str]:
        results = _sarif(_document(*found))["results"]
        return {result["partialFingerprints"]["primaryLocationLineHash"] for result in results}

    assert len(marks(_finding(), _finding(urn=BUCKET + "2"), _finding(message="and listed"))) == 3
    assert marks(_finding(), _finding(message="and listed")) == marks(_finding(message="other"), _finding())


def test_what_the_update_decided_is_no_alert_unless_it_stops_the_preview() -> None:
    waited = {"verdict": "undecided", "decidedAtUpdate": "pass"}
    assert _sarif(_document(_finding(**waited, level="advisory")))["results"] == []
    assert len(_sarif(_document(_finding(**waited)))["results"]) == 1


def test_an_exemption_is_a_suppressed_note_with_its_reason() -> None:
    result = _sarif(_document(_finding(verdict="exempted", exemption="until May, ada")))["results"][0]
    assert (result["level"], result["suppressions"][0]["justification"]) == ("note", "until May, ada")
    assert "until May, ada" in result["message"]["text"] and "Fix" not in result["message"]["text"]


def test_a_finding_without_a_line_lands_on_the_stack_file() -> None:
    assert _place(_sarif(_document(_finding(source=None)))["results"][0]) == ("Pulumi.prod.yaml", 1)


def test_only_what_stops_a_deployment_is_an_error() -> None:
    found = [
        _finding(),
        _finding(level="advisory"),
        _finding(verdict="undecided"),
        _finding(verdict="undecided", level="advisory"),
        _finding(verdict="error", level="advisory"),
    ]
    levels = [result["level"] for result in _sarif(_document(*found))["results"]]
    assert levels == ["error", "warning", "error", "note", "error"]


def test_a_fingerprint_stays_while_the_text_and_the_line_change_and_goes_with_the_resource() -> None:
    def mark(**change: Any) -> str:
        return str(_sarif(_document(_finding(**change)))["results"][0]["partialFingerprints"])

    assert mark() == mark(message="other words", source="infra/storage.py:9")
    assert len({mark(), mark(urn=BUCKET + "2"), mark(control="s3-tls")}) == 3


def test_errors_of_the_program_and_an_exceeded_budget_are_results_too() -> None:
    cost = {"total": {"expected": "120.00"}, "budget": {"usd": "100.00", "exceeded": True}}
    broken = {"kind": "program", "message": "boom", "source": "__main__.py:3", "phases": []}
    run = _sarif(_document(errors=[broken], cost=cost))
    assert [(result["ruleId"], _place(result)) for result in run["results"]] == [
        ("errors", ("__main__.py", 3)),
        ("budget", ("Pulumi.prod.yaml", 1)),
    ]
    assert "over budget: 120.00 USD a month expected, budget 100.00 USD" in run["results"][1]["message"]["text"]
    mistakes = {"kind": "config", "message": "size is 3 (Pulumi.prod.yaml:14)", "source": "settings.py:3", "phases": []}
    nowhere = {"kind": "program", "message": "boom", "source": "__main__.py", "phases": []}
    run = _sarif(_document(errors=[mistakes, nowhere]))
    assert [_place(result) for result in run["results"]] == [("Pulumi.prod.yaml", 14), ("__main__.py", 1)]
    kept = {"total": {"expected": "90.00"}, "budget": {"usd": "100.00", "exceeded": False}}
    assert _sarif(_document(cost=kept))["results"] == []


def _junit(document: dict[str, Any]) -> ElementTree.Element:
    suite = ElementTree.fromstring(exchange.junit(document)).find("testsuite")
    assert suite is not None
    return suite


def test_a_clean_stack_is_one_test_that_passes() -> None:
    suite = _junit(_document())
    assert suite.attrib == {"name": "prod", "tests": "1", "failures": "0", "errors": "0"}
    assert [(case.attrib["name"], list(case)) for case in suite] == [("program", [])]


def test_a_mandatory_violation_is_a_failure_and_an_advisory_one_is_not() -> None:
    suite = _junit(_document(_finding(), _finding(level="advisory", message="weak")))
    assert suite.attrib["failures"] == "1"
    outcomes = {case.attrib["name"]: [child.tag for child in case] for case in list(suite)[1:2]}
    assert outcomes == {"s3-private logs": ["failure"]}
    assert suite[1].attrib["file"] == "infra/storage.py" and suite[1].attrib["line"] == "7"
    assert [child.tag for child in suite[2]] == ["system-out"]
    failure, passed = suite[1][0], suite[2][0]
    assert (failure.attrib["message"], failure.text) == ("it is open", "it is open\nfix: close it")
    assert passed.text == "advisory violation: weak\nfix: close it"


def test_a_test_that_passes_says_what_its_finding_was() -> None:
    waited = _finding(verdict="undecided", level="advisory", decidedAtUpdate="pass")
    told = _finding(verdict="undecided", level="advisory", decidedAtUpdate="violation")
    exempted = _finding(verdict="exempted", exemption="until May, ada")
    suite = _junit(_document(waited, told, exempted))
    assert suite.attrib["failures"] == "0"
    assert [case[0].text for case in list(suite)[1:]] == [
        "waits for ids at preview and passes at update: it is open",
        "waits for ids at preview and is a violation at update: it is open",
        "exempted: it is open (until May, ada)",
    ]


def test_text_that_xml_cannot_hold_is_replaced() -> None:
    suite = _junit(
        _document(_finding(message="a\x00<b>&\x1b[31m\uffff\udcff", fix="", urn=BUCKET + "\x07", source="a\x01.py:3"))
    )
    assert suite[1][0].text == "a\ufffd<b>&\ufffd[31m\ufffd\ufffd"
    assert (suite[1].attrib["name"], suite[1].attrib["file"]) == ("s3-private logs\ufffd", "a\ufffd.py")


LIST = """\
the settings of stack 'prod' (Pulumi.prod.yaml) have 3 mistakes:

  groundwork:network.cidr (Pulumi.prod.yaml:7)
    problem: is missing
    given:   nothing
    allowed: a range (of RFC 1918)
    change:  add it

  groundwork:edge["a b"].port (Pulumi.prod.yaml:14)
    problem: is too large
    given:   99
    allowed: 1
    change:  use less

  groundwork:secrets
    problem: is missing
    given:   nothing
    allowed: a map
    change:  add it"""


def _of_list(message: str, kind: str = "config") -> dict[str, Any]:
    return _document(errors=[{"kind": kind, "message": message, "source": "settings/file.py:89", "phases": []}])


def test_each_mistake_of_a_stack_file_is_a_result_on_its_own_line() -> None:
    results = _sarif(_of_list(LIST))["results"]
    assert [_place(each) for each in results] == [("Pulumi.prod.yaml", line) for line in (7, 14, 1)]
    said = [each["message"]["text"] for each in results]
    assert said[1] == ('prod: groundwork:edge["a b"].port: is too large\ngiven:   99\nallowed: 1\nchange:  use less')
    assert "cidr" not in said[1] + said[2]
    marks = [each["partialFingerprints"]["groundwork/v1"] for each in results]
    assert len({*marks}) == 3
    moved = _sarif(_of_list(LIST.replace(":14", ":15")))["results"]
    assert [each["partialFingerprints"]["groundwork/v1"] for each in moved] == marks, "the same alerts, elsewhere"


def test_each_mistake_of_a_stack_file_is_a_test_that_fails() -> None:
    suite = ElementTree.fromstring(exchange.junit(_of_list(LIST)))[0]
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("3", "3")
    cases = [(each.attrib["name"], each.attrib.get("line")) for each in suite]
    keys = ["groundwork:network.cidr", 'groundwork:edge["a b"].port', "groundwork:secrets"]
    assert cases == list(zip(keys, ("7", "14", None), strict=True))
    error = suite[1].find("error")
    assert error is not None
    assert error.attrib["message"] == 'groundwork:edge["a b"].port: is too large'


def test_what_is_said_beside_a_list_of_mistakes_is_not_lost() -> None:
    beside = f"Pulumi ignores the key 'conifg'\nSo nothing was set:\n\n{LIST}\nThe program ran with stand-ins"
    for each in _sarif(_of_list(beside))["results"]:
        text = each["message"]["text"]
        assert "Pulumi ignores the key 'conifg'" in text
        assert text.endswith("The program ran with stand-ins")
    (one,) = _sarif(_of_list("size is 3 (Pulumi.prod.yaml:14)\n  problem: of nobody"))["results"]
    assert _place(one) == ("Pulumi.prod.yaml", 14)


def test_an_error_before_any_stack_is_a_suite_of_its_own() -> None:
    document = _document() | {"errors": [{"kind": "input", "message": "no Pulumi.yaml", "source": None}], "stacks": {}}
    suite = _junit(document)
    assert (suite.attrib["name"], suite.attrib["errors"]) == ("preflight", "1")
    assert _sarif(document)["results"][0]["level"] == "error"
