"""The report made of two modes' results: exit codes, what is shown once, what is hidden, what fits on a page."""

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from preflight import findings, hidden, report, summary
from preflight.launcher import Outcome, failure
from tests.gathered import for_each
from tests.preflight.documents import must_fit

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
NET = "urn:pulumi:dev::shop::shop:network:Network::net"
SUBNET = "urn:pulumi:dev::shop::shop:network:Network$aws:ec2/subnet:Subnet::net-a"
BUCKET = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::logs"
UNKNOWN = {"$unknown": True}


def resource(urn: str, parent: str | None, inputs: dict[str, Any], source: str | None = "main.py:3") -> dict[str, Any]:
    token, name = urn.split("::")[2].rpartition("$")[2], urn.split("::")[3]
    return {
        "urn": urn, "type": token, "name": name, "parent": parent, "custom": token.startswith("aws:"), "remote": False,
        "id": None, "inputs": inputs, "outputs": {}, "propertyDependencies": {}, "dependencies": [], "options": {},
        "source": source,
    }  # fmt: skip


def finding(verdict: str, **change: Any) -> dict[str, Any]:
    base = {
        "control": "db-private", "policy": "network", "verdict": verdict, "level": "mandatory", "phase": "preview",
        "urn": SUBNET, "message": f"it is {verdict}", "path": ["db", "gateway"], "fix": "move it", "references": [],
    }  # fmt: skip
    return {**base, **change}


def evaluated() -> dict[str, Any]:
    return {"verdict": "evaluated", "phase": "preview", "pack": "rules", "policies": ["network"]}


class Run:
    """What the workers of one stack answered; a test changes one thing and reads the entry of the stack."""

    def __init__(self) -> None:
        resources = [
            resource(STACK, None, {}),
            resource(NET, STACK, {}),
            resource(SUBNET, NET, {"vpcId": "vpc-1", "tags": {"Name": "a"}, "zones": ["x", "y"]}),
            resource(BUCKET, STACK, {"bucket": "logs"}, "infra/storage.py:7"),
        ]
        self.update: dict[str, Any] = {
            "resources": resources,
            "exports": {"url": "https://x", "vpcId": "vpc-1"},
            "notes": [],
            "lookups": [],
        }
        self.preview = copy.deepcopy(self.update)
        self.preview["resources"][2]["inputs"] |= {"vpcId": UNKNOWN, "zones": ["x", UNKNOWN]}
        self.preview["exports"]["vpcId"] = UNKNOWN
        self.found: dict[str, list[dict[str, Any]] | None] = {"preview": [evaluated()], "update": [evaluated()]}
        self.failed: dict[str, dict[str, Any]] = {}

    def entry(self, hint: str = "", notes: list[str] | None = None) -> dict[str, Any]:
        outcomes = []
        for mode, recording in (("preview", self.preview), ("update", self.update)):
            fine = {"ok": True, "recording": recording, "findings": self.found[mode], "timings": {"program": 0.25}}
            outcomes.append(Outcome("dev", mode, self.failed.get(mode, fine), "", 0.5))
        return report.stack(
            outcomes, notes or [], lambda message: message + hint, with_policies=self.found["update"] is not None
        )

    def document(self) -> dict[str, Any]:
        document = report.document({"dev": self.entry()})
        must_fit(document, "report")
        return document

    def page(self, width: int = 100, *, verbose: bool = False, colour: bool = False) -> str:
        return summary.text(self.document(), summary.Page(width, colour, verbose))


@pytest.fixture
def run() -> Run:
    return Run()


def one(findings: list[dict[str, Any]], verdict: str) -> dict[str, Any]:
    [entry] = [entry for entry in findings if entry["verdict"] == verdict]
    return entry


def test_a_run_without_findings_is_fine(run: Run) -> None:
    document = run.document()
    assert report.exit_code(document) == 0
    assert document["stacks"]["dev"]["summary"]["resources"] == 2, "neither the stack nor the component is created"
    assert document["stacks"]["dev"]["summary"]["components"] == 1


def test_a_resource_says_what_was_unknown_at_preview_and_where_it_belongs(run: Run) -> None:
    entries = {entry["urn"]: entry for entry in run.entry()["resources"]}
    assert entries[SUBNET]["inputs"]["vpcId"] == "vpc-1", "inputs are those of the update"
    assert entries[SUBNET]["unknownAtPreview"] == ["vpcId", "zones[1]"]
    assert entries[SUBNET]["component"] == NET
    assert entries[NET]["component"] == NET
    assert entries[BUCKET]["component"] is None


def test_the_schema_version_of_the_tool_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(report.__file__).parent.parent / "pyproject.toml").read_text())
    assert project["project"]["version"] == report.VERSION


@for_each(
    "verdict, level, code",
    [
        ("violation", "mandatory", 1),
        ("violation", "advisory", 0),
        ("undecided", "advisory", 0),
        ("undecided", "mandatory", 1),
        ("error", "mandatory", 3),
    ],
    changes=("run",),
)
def test_the_exit_code_follows_what_the_engine_would_do(run: Run, verdict: str, level: str, code: int) -> None:
    run.found["update"] = [evaluated(), finding(verdict, level=level)]
    assert report.exit_code(run.document()) == code


@for_each(
    "kind, code",
    [
        *((kind, 2) for kind in ("program", "config", "lookup", "network", "timeout", "duplicate-urn")),
        *(("missing-provider", 2), ("internal", 3), ("pack", 3)),
    ],
    changes=("run",),
)
def test_an_error_of_the_program_is_2_and_an_error_of_ours_is_3(run: Run, kind: str, code: int) -> None:
    run.failed = {"preview": failure(kind, "it broke", "main.py:1")}
    assert report.exit_code(run.document()) == code


def test_the_worst_stack_decides(run: Run) -> None:
    run.found["update"] = [evaluated(), finding("violation")]
    broken = report.failed_stack([report.error("input", "no such stack")])
    document = report.document({"dev": run.entry(), "prod": broken})
    must_fit(document, "report")
    assert report.exit_code(document) == 2
    assert document["stacks"]["dev"]["findings"], "the other stack is reported all the same"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("input", "dev: not run, its stack file or an option is wrong"),
        ("program", "dev: the program or its stack file is wrong"),
    ],
)
def test_a_stack_that_was_not_run_is_not_blamed_on_the_program(kind: str, said: str) -> None:
    document = report.document({"dev": report.failed_stack([report.error(kind, "no")])})
    page = summary.text(document, summary.Page(100, colour=False, verbose=False))
    assert page.startswith(said + "\n")


def test_a_pack_that_answered_nothing_is_never_a_pass(run: Run) -> None:
    run.found["preview"] = []
    document = run.document()
    assert report.exit_code(document) == 3
    assert "was not asked" in document["stacks"]["dev"]["errors"][0]["message"]


def test_a_finding_of_both_modes_is_shown_once(run: Run) -> None:
    run.found = {"preview": [evaluated(), finding("violation")], "update": [evaluated(), finding("violation")]}
    entry = one(run.entry()["findings"], "violation")
    assert entry["phase"] == ["preview", "update"]
    assert entry["source"] == "main.py:3"
    assert run.page().count("[db-private]") == 1


def test_two_findings_on_one_resource_stay_two_and_meet_their_own_twins(run: Run) -> None:
    ports = [finding("violation", message=f"port {port} is open") for port in (22, 5432)]
    run.found = {"preview": [evaluated(), *ports], "update": [evaluated(), *reversed(ports)]}
    assert [(entry["message"], entry["phase"]) for entry in run.entry()["findings"]] == [
        ("port 22 is open", ["preview", "update"]),
        ("port 5432 is open", ["preview", "update"]),
    ]


def test_a_finding_of_one_mode_does_not_take_the_twin_of_another(run: Run) -> None:
    before, both = (finding("violation", message=text) for text in ("a port is open", "b port is open"))
    run.found = {"preview": [evaluated(), before, both], "update": [evaluated(), both]}
    assert [(entry["message"], entry["phase"]) for entry in run.entry()["findings"]] == [
        ("a port is open", ["preview"]),
        ("b port is open", ["preview", "update"]),
    ]


def test_a_message_that_names_ids_at_update_is_still_the_same_finding(run: Run) -> None:
    later = finding("violation", message="it is violation of vpc-1")
    run.found = {"preview": [evaluated(), finding("violation")], "update": [evaluated(), later]}
    entry = one(run.entry()["findings"], "violation")
    assert (entry["message"], entry["phase"]) == ("it is violation of vpc-1", ["preview", "update"])


def test_of_two_alike_the_first_of_one_mode_is_the_first_of_the_other(run: Run) -> None:
    later = [finding("violation", message=f"it is violation of vpc-{number}") for number in (1, 2)]
    run.found = {"preview": [evaluated(), finding("violation")], "update": [evaluated(), *later]}
    assert [(entry["message"][-5:], entry["phase"]) for entry in run.entry()["findings"]] == [
        ("vpc-1", ["preview", "update"]),
        ("vpc-2", ["update"]),
    ]


@pytest.mark.parametrize("later", ["violation", "undecided"])
def test_many_findings_are_brought_together_without_comparing_each_with_each(later: str) -> None:
    class Read(dict[str, Any]):
        times = 0

        def __getitem__(self, key: str) -> Any:
            Read.times += 1
            return super().__getitem__(key)

    count = 300
    before = [Read(finding("undecided", urn=f"urn:{number}")) for number in range(count)]
    after = [Read(finding(later, urn=f"urn:{number}", message=f"vpc-{number}")) for number in range(count)]
    found = findings.combined([evaluated(), *before], [evaluated(), *after], {})
    assert len(found) == (2 * count if later == "violation" else count)
    assert Read.times < 100 * count


def test_an_undecided_verdict_is_marked_with_what_the_update_decided(run: Run) -> None:
    open_question = finding("undecided", level="advisory", policy="advisory-family")
    run.found["preview"] = [evaluated(), open_question]
    assert one(run.entry()["findings"], "undecided")["decidedAtUpdate"] == "pass"
    run.found["update"] = [evaluated(), finding("violation")]
    assert one(run.entry()["findings"], "undecided")["decidedAtUpdate"] == "violation"
    assert (
        "1 mandatory and 0 advisory violations, 0 undecided. 1 waited for ids at preview: 1 is among these violations."
    ) in run.page(200)


@for_each(
    "undecided, words",
    [
        ((0, 0, 0), ""),
        ((0, 1, 0), ". 1 waited for ids at preview and passes at update."),
        ((2, 2, 0), ". 2 more waited for ids at preview and pass at update."),
        ((0, 2, 1), ". 3 waited for ids at preview: 2 pass at update, 1 is among these violations."),
        ((1, 1, 2), ". 3 more waited for ids at preview: 1 passes at update, 2 are among these violations."),
    ],
    changes=("run",),
)
def test_verdicts_that_waited_are_a_sentence_of_their_own(
    run: Run, undecided: tuple[int, int, int], words: str
) -> None:
    document = run.document()
    document["stacks"]["dev"]["summary"]["undecided"] = dict(zip(("open", "pass", "violation"), undecided, strict=True))
    said = summary.text(document, summary.Page(200, False, False))
    assert f"advisory violations, {undecided[0]} undecided{words}\n" in said


@pytest.mark.parametrize(
    ("expected", "head", "budget"),
    [
        ("192.00", "dev: over budget, 2 resources", "budget: 120 USD, exceeded by 72 USD (expected 192)"),
        ("120.40", "dev: over budget, 2 resources", "budget: 120 USD, exceeded by 0.40 USD (expected 120)"),
        ("112.00", "dev: fine, 2 resources", "within budget, expected 112 of 120 USD"),
    ],
)
def test_a_budget_is_said_in_words_that_cannot_be_read_as_a_success_when_it_is_none(
    run: Run, expected: str, head: str, budget: str
) -> None:
    over = float(expected) > 120
    document = run.document()
    document["stacks"]["dev"]["cost"] = {
        "total": {"idle": "1.00", "expected": expected, "peak": "900.00"}, "components": [], "resources": [],
        "unpriced": [], "budget": {"usd": "120.00", "exceeded": over}, "region": "us-east-1",
        "prices": {"oldest": "2026-01-01", "newest": "2026-10-01", "fromElsewhere": []},
    }  # fmt: skip
    document["stacks"]["dev"]["summary"]["exitCode"] = 1 if over else 0
    said = summary.text(document, summary.Page(200, False, False))
    assert said.startswith(head)
    assert f"    {budget}\n" in said
    assert "passe" not in said
    assert "us-east-1" not in said, "whose prices they are is no question at home"
    document["stacks"]["dev"]["cost"] |= {"region": "eu-central-1"}
    document["stacks"]["dev"]["cost"]["prices"]["fromElsewhere"] = ["kms.key", "kms.requests"]
    said = summary.text(document, summary.Page(200, False, False))
    (line,) = [
        line
        for line in said.splitlines()
        if "2 prices taken from us-east-1: there are none of eu-central-1 for them" in line
    ]
    assert ("within budget (2" in line) is not over
    document["stacks"]["dev"]["cost"]["prices"]["fromElsewhere"] = ["kms.key"]
    one = " ".join(summary.text(document, summary.Page(200, False, False)).split())
    assert "1 price taken from us-east-1: there is none of eu-central-1 for it" in one
    document["stacks"]["dev"]["summary"] |= {"violations": {"mandatory": 1, "advisory": 0}, "exitCode": 1}
    both = summary.text(document, summary.Page(200, False, False)).partition("\n")[0]
    assert both == "dev: breaks a mandatory rule" + ", over budget" * over + ", 2 resources in 1 component"


def test_what_preflight_cannot_know_is_said_only_where_something_was_judged(run: Run) -> None:
    assert "Preflight cannot know" in run.page()
    failed = report.document({"dev": report.failed_stack([report.error("input", "no such file")])})
    assert "Preflight cannot know" not in summary.text(failed, summary.Page(100, False, False))


def _with_images(run: Run, *components: str) -> None:
    for name in components:
        above = STACK
        chain = (("shop:compute:Service", name), ("shop:compute:Registry", f"{name}-registry"))
        for token, called in (*chain, ("awsx:ecr:Image", f"{name}-registry-image")):
            urn = f"urn:pulumi:dev::shop::{token}::{called}"
            for recording in (run.preview, run.update):
                recording["resources"].append(resource(urn, above, {}))
            above = urn
        image = resource(f"urn:pulumi:dev::shop::docker-build:index:Image::{name[0]}07f9b5", above, {})
        run.update["resources"].append(image | {"custom": True})


def test_images_that_a_preview_cannot_show_are_one_note_and_named_by_what_they_are_for(run: Run) -> None:
    _with_images(run, "status", "nightly")
    [note] = run.entry()["notes"]
    assert note == "2 images (nightly, status) appear only at update: each waits for its repository."


def test_one_such_image_is_a_sentence_and_what_is_no_image_stays_a_note_of_its_own(run: Run) -> None:
    _with_images(run, "status")
    run.preview["resources"] = [entry for entry in run.preview["resources"] if entry["urn"] != BUCKET]
    entry = run.entry()
    assert "1 image (status) appears only at update: it waits for its repository." in entry["notes"]
    assert "logs (aws:s3/bucket:Bucket)" in "".join(entry["notes"])
    assert "s07f9b5" not in "".join(entry["notes"])
    called = report.names(entry["resources"])
    assert {"status image", "status-registry-image", "net-a"} <= {*called.values()}
    assert "s07f9b5" not in called.values()


def test_an_undecided_verdict_of_a_whole_stack_is_answered_by_any_resource(run: Run) -> None:
    run.found["preview"] = [evaluated(), finding("undecided", urn=STACK)]
    run.found["update"] = [evaluated(), finding("violation")]
    assert one(run.entry()["findings"], "undecided")["decidedAtUpdate"] == "violation"


@for_each(
    "later",
    [
        [evaluated(), finding("undecided")],
        [evaluated(), finding("error")],
        [evaluated(), finding("error", control="network", policy="network")],
        [finding("error", control="policy-pack", policy="policy-pack", urn="")],
    ],
    changes=("run",),
)
def test_nothing_counts_as_decided_when_the_update_gave_no_verdict(run: Run, later: list[dict[str, Any]]) -> None:
    run.found = {"preview": [evaluated(), finding("undecided", message="waits for an id")], "update": later}
    assert not [entry for entry in run.entry()["findings"] if "decidedAtUpdate" in entry]


def test_nothing_counts_as_decided_when_the_update_failed(run: Run) -> None:
    run.found["preview"] = [evaluated(), finding("undecided")]
    run.failed = {"update": failure("program", "boom")}
    assert "decidedAtUpdate" not in one(run.entry()["findings"], "undecided")


def test_a_resource_of_one_mode_only_is_noted(run: Run) -> None:
    run.preview["resources"] = [entry for entry in run.preview["resources"] if entry["urn"] != BUCKET]
    entry = run.entry()
    assert "logs (aws:s3/bucket:Bucket) at infra/storage.py:7 appears only at update" in entry["notes"][0]
    assert {e["urn"]: e["phases"] for e in entry["resources"]}[BUCKET] == ["update"]


def test_a_resource_of_one_mode_is_called_with_its_parent(run: Run) -> None:
    run.update["resources"] = [entry for entry in run.update["resources"] if entry["urn"] != SUBNET]
    [note] = run.entry()["notes"]
    assert note.startswith("net-a (aws:ec2/subnet:Subnet) of net (shop:network:Network) at main.py:3 appears only at")


def test_a_value_that_differs_between_the_modes_is_noted_unless_it_was_unknown(run: Run) -> None:
    assert run.entry()["notes"] == []
    run.preview["resources"][3]["inputs"]["bucket"] = "logs-made-at-12:01"
    assert run.entry()["notes"] == [
        "logs (aws:s3/bucket:Bucket) at infra/storage.py:7: bucket differs between the modes although known in both."
    ]


def test_a_resource_that_is_given_as_a_whole_is_unknown_until_it_is_made_and_is_not_noted(run: Run) -> None:
    for mode, identity in ((run.preview, {"$unknown": True}), (run.update, "logs-1")):
        mode["resources"][3]["inputs"]["bucket"] = {"$resource": {"id": identity, "urn": "urn:other"}}
    entry = run.entry()
    assert entry["notes"] == []
    assert {each["urn"]: each["unknownAtPreview"] for each in entry["resources"]}[BUCKET] == ["bucket"]
    run.preview["resources"][3]["inputs"]["bucket"] = {"$resource": {"id": "logs-2", "urn": "urn:other"}}
    assert "bucket differs between the modes" in run.entry()["notes"][0], "another one"


@for_each(
    "kind, modes, said",
    [
        ("refused", ("preview",), "refused error: main.py:9: it is too large"),
        ("refused", ("update",), "refused error (at update only): main.py:9: it is too large"),
        ("program", ("preview",), "program error (at preview only): main.py:9: it is too large"),
        ("refused", ("preview", "update"), "refused error: main.py:9: it is too large"),
    ],
    changes=("run",),
)
def test_where_an_error_is_met_is_said_where_that_tells_anything(
    run: Run, kind: str, modes: tuple[str, ...], said: str
) -> None:
    run.failed = {mode: failure(kind, "it is too large", "main.py:9") for mode in modes}
    assert said in run.page()


@pytest.mark.parametrize(
    ("takes", "said"),
    [
        ([5.0] * 60, "what decides: net-a (ec2.Subnet) 5 s"),  # none of them takes a fiftieth
        ([0.0], ""),
        ([590.0, 10.0], "what decides: net-a (ec2.Subnet) 10 min"),
    ],
)
def test_what_decides_is_named_or_nothing_is_said(run: Run, takes: list[float], said: str) -> None:
    document = run.document()
    starts = [sum(takes[:place]) for place in range(len(takes))]
    links = [{"urn": SUBNET, "start": start, "end": start + long} for start, long in zip(starts, takes, strict=True)]
    whole = sum(takes)
    document["stacks"]["dev"]["timeline"] = {
        "seconds": whole, "low": whole, "high": whole, "parallel": 16, "steps": links, "chain": {"seconds": whole, "links": links},
    }  # fmt: skip
    lines = summary.text(document, summary.Page(100, False, False)).splitlines()
    found = [line.strip() for line in lines if "what decides" in line]
    assert [line.startswith(said) for line in found] == ([True] if said else [])


def test_the_same_error_in_both_modes_is_one_error_with_the_hint(run: Run) -> None:
    run.failed = {mode: failure("program", "ValueError: no", "main.py:9") for mode in ("preview", "update")}
    [error] = run.entry(hint="\nstand-ins were used")["errors"]
    assert error["phases"] == ["preview", "update"]
    assert error["message"] == "ValueError: no\nstand-ins were used"


def test_the_given_text_of_a_secret_is_replaced_everywhere(run: Run) -> None:
    run.update["exports"]["url"] = "https://hunter22@x"
    run.failed = {"preview": failure("program", "ValueError: bad password hunter22")}
    text = json.dumps(hidden.redacted(run.entry(), ["hunter22"]))
    assert "hunter22" not in text
    assert "https://[secret]@x" in text


def test_nothing_is_left_over_of_a_secret_that_holds_another() -> None:
    for given in (["key-1", "key-1-of-mail"], ["key-1-of-mail", "key-1"]):
        assert hidden.redacted({"a": ["key-1-of-mail key-1"]}, given) == {"a": ["[secret] [secret]"]}


def test_the_page_says_what_a_person_needs(run: Run) -> None:
    run.found = {"preview": [evaluated(), finding("violation")], "update": [evaluated(), finding("violation")]}
    run.update["notes"] = ["a lookup was answered from a table"]
    page = run.page()
    for wanted in (
        "dev: breaks a mandatory rule, 2 resources in 1 component",
        "net (Network): 1 - ec2.Subnet",
        "outside a component: 1 - s3.Bucket",
        "url = https://x",
        "known after the deployment: vpcId",
        "Policies (rules): 1 mandatory and 0 advisory violations, 0 undecided",
        "mandatory violation [db-private] net-a (ec2.Subnet) at main.py:3",
        "path: db -> gateway",
        "fix: move it",
        "- a lookup was answered from a table",
        "service quotas",
        "IAM permissions of whoever deploys",
    ):
        assert wanted in page, wanted
    assert "\033" not in page


def test_an_exemption_is_shown_with_who_and_until_when_and_stops_nothing(run: Run) -> None:
    exempted = finding("exempted", level="advisory", exemption="by data@example.com until 2026-03-31, OPS-1: it moves")
    run.found = {"preview": [evaluated(), exempted], "update": [evaluated(), exempted]}
    page = run.page()
    assert "0 undecided; 1 exempted" in page
    assert "exempted [db-private] net-a (ec2.Subnet) at main.py:3" in page
    assert "by data@example.com until 2026-03-31, OPS-1: it moves" in page
    assert "fix: move it" not in page, "it was decided not to"
    summary_of_stack = run.entry()["summary"]
    assert (summary_of_stack["exempted"], summary_of_stack["exitCode"]) == (1, 0)


def test_a_page_without_policies_does_not_look_judged(run: Run) -> None:
    run.found = {"preview": None, "update": None}
    assert "Policies: none were asked" in run.page()


def test_a_narrow_terminal_loses_nothing_and_is_not_exceeded(run: Run) -> None:
    run.found["update"] = [evaluated(), finding("violation", message="word " * 30, path=["x" * 90, "y"])]
    page = run.page(40)
    assert max(map(len, page.splitlines())) <= 40
    assert page.count("word") == 30
    assert "".join(page.split()).count("x" * 90) == 1


def test_a_list_of_mistakes_keeps_its_shape_and_names_its_place_last(run: Run) -> None:
    told = "there are 1 mistakes:\n\n  shop:size\n    allowed: " + "many words " * 12
    run.failed = {mode: failure("config", told, "settings.py:9") for mode in ("preview", "update")}
    page = run.page(60)
    assert "  config error: there are 1 mistakes:\n" in page
    allowed, after = page.split("      shop:size\n")[1].split("\n")[:2]
    assert allowed.startswith("        allowed: many words")
    assert after.startswith("        many words"), "what does not fit hangs where it belongs"
    assert "raised at" not in page, "it is the stack file that is to be mended"
    page = run.page(60, verbose=True)
    assert page.index("(raised at settings.py:9)") > page.index("many words")
    run.failed = {mode: failure("program", told, "main.py:9") for mode in ("preview", "update")}
    assert "(raised at main.py:9)" in run.page(60)


def test_many_findings_are_cut_short_but_counted(run: Run) -> None:
    many = [finding("violation", control=f"rule-{n:02}") for n in range(30)]
    run.found["update"] = [evaluated(), *many]
    page = run.page()
    assert "[rule-19]" in page
    assert "[rule-20]" not in page
    assert "and 10 more violation findings (--verbose shows all)" in page
    assert "[rule-29]" in run.page(verbose=True)


def test_colours_are_only_there_when_asked_for(run: Run) -> None:
    plain, coloured = run.page(), run.page(colour=True)
    assert "\033[" in coloured
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == plain


def test_a_secret_export_is_not_shown(run: Run) -> None:
    run.update["exports"]["url"] = run.preview["exports"]["url"] = {"$secret": True}
    assert "url = [secret]" in run.page()


def test_the_same_finding_on_many_resources_is_one_paragraph(run: Run) -> None:
    run.found["update"] = [evaluated(), finding("violation"), finding("violation", urn=BUCKET)]
    page = run.page(200)
    assert page.count("it is violation") == 1
    assert "[db-private] logs (s3.Bucket) at infra/storage.py:7, net-a (ec2.Subnet) at main.py:3" in page


def test_a_time_is_one_figure_only_where_the_least_is_the_most(run: Run) -> None:
    document = run.document()
    whole = "about 3 min (60 s to 10 min), "
    for low, high, said in ((60, 600, whole), (170, 190, "(170 s to 190 s)"), (180, 180, "about 3 min, ")):
        document["stacks"]["dev"]["timeline"] = {
            "seconds": 180, "low": low, "high": high, "parallel": 16, "chain": {"seconds": 180, "links": []},
            "steps": [{}], "notCounted": [],
        }  # fmt: skip
        text = summary.text(document, summary.Page(200, False, False))
        assert said in text
        assert "3 min to 3 min" not in text
