"""Reports as comments: bounded, and safe whatever text they hold."""

import re
from pathlib import Path
from typing import Any

import pytest

from operations import markdown
from operations.budget import Verdict
from operations.changes import Preview, read
from preflight.markdown import block, bounded, span
from tests.committed import Committed
from tests.gathered import for_each
from tests.operations.support import RECORDED, events, step

ROOT = Path(__file__).parents[2]
FINE = Verdict(problems=[], remarks=[])
FOUND = {
    "control": "lb-https-only", "policy": "guardrails-stack", "verdict": "violation", "level": "mandatory", "urn": "urn::x::lb",
    "source": "a.py:1", "fix": "redirect | it", "message": "plain HTTP",
}  # fmt: skip


def report(**stack: Any) -> dict[str, Any]:
    summary = {
        "exitCode": 0, "resources": 1, "components": 1, "violations": {"mandatory": 0, "advisory": 0},
        "undecided": {"open": 0},
    }  # fmt: skip
    entry = {"summary": summary, "findings": [], "errors": [], "resources": [], **stack}
    return {"errors": [], "stacks": {"dev": entry}}


def test_the_report_of_a_real_preflight_names_both_stacks_and_their_verdict(recording: Committed) -> None:
    text = markdown.preflight(recording.fine())
    assert "✅ **dev**: fine" in text
    assert "✅ **prod**: fine" in text
    assert "aws:kms/key:Key" in text
    assert "❌" not in text


def test_a_violation_is_a_row_whose_cells_cannot_be_left() -> None:
    document = report(findings=[FOUND])
    document["stacks"]["dev"]["summary"]["exitCode"] = 1
    text = markdown.preflight(document)
    assert "❌ **dev**: breaks a mandatory rule" in text
    (row,) = [line for line in text.splitlines() if "lb-https-only" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6, "five cells, however many bars their text has"


def test_what_passes_at_update_is_no_row_unless_it_stops_the_preview() -> None:
    waited = FOUND | {"verdict": "undecided", "decidedAtUpdate": "pass"}
    assert "lb-https-only" not in markdown.preflight(report(findings=[waited | {"level": "advisory"}]))
    assert "lb-https-only" in markdown.preflight(report(findings=[waited]))


def test_errors_of_the_run_and_of_a_stack_are_shown() -> None:
    error = {"kind": "config", "message": "no such key", "source": "Pulumi.dev.yaml:3"}
    text = markdown.preflight({**report(errors=[error]), "errors": [{**error, "message": "no Pulumi.yaml"}]})
    assert "no such key" in text
    assert "no Pulumi.yaml" in text


def test_a_preview_is_good_only_without_errors_problems_and_mandatory_violations() -> None:
    calm = read(events(step("create", "aws:ec2/eip:Eip::a")))
    assert "✅ 1 create" in markdown.preview("dev", calm, FINE)
    assert "❌" in markdown.preview("dev", calm, Verdict(problems=["too many"], remarks=[]))
    assert "❌" in markdown.preview("dev", read(events(error="no")), FINE)
    recorded = read((RECORDED / "events.jsonl").read_text())
    assert "❌" in markdown.preview("dev", recorded, FINE)
    advisory = Preview(changes=[], unchanged=1, violations=recorded.violations[1:])
    assert "✅ nothing changes" in markdown.preview("dev", advisory, FINE)


def test_what_goes_stands_first_and_opens_the_fold() -> None:
    text = markdown.preview("dev", read((RECORDED / "events.jsonl").read_text()), FINE)
    rows = [line for line in text.splitlines() if re.match(r" ?[-+~]{1,2} aws:", line)]
    assert [row.split()[0] for row in rows] == ["-", "+-", "+-", "+-", "~", "~"]
    assert "<details open>" in text
    assert "<details open>" not in markdown.preview("dev", read(events(step("create", "a:b/c:D::e"))), FINE)


def test_what_no_plan_can_have_is_said() -> None:
    assert "`docker-build:index:Image::i`" in markdown.preview(
        "dev", read(events()), FINE, ["docker-build:index:Image::i"]
    )


@for_each("hostile", ["```\n# Approved\n```", "````", "`x` @everyone", "</details>\n@all", "a|b"])
def test_text_cannot_leave_its_block_or_span(hostile: str) -> None:
    fence, *inside, last = block(hostile).splitlines()
    assert fence == last
    assert set(fence) == {"`"}
    assert fence not in inside
    shown = span(hostile)
    ticks = re.match(r"`+", shown)
    assert ticks is not None
    assert "\n" not in shown
    assert shown.count(ticks.group()) == 2, "the text has no run of ticks as long as those around it"
    assert "\\" not in shown, "a backslash in a code span is shown"


def test_what_would_turn_the_direction_of_writing_is_written_out() -> None:
    for shown in (span("a\u202eb|\x1b"), block("a\u202eb|\x1b")):
        assert "a\\u202eb|\\x1b" in shown
        assert "\u202e" not in shown


@pytest.mark.parametrize("lines", [1, 5_000, 50_000])
def test_a_comment_never_exceeds_what_was_promised(lines: int) -> None:
    text = markdown.drift("dev", "\n".join(f"~ résumé{n} 日本" for n in range(lines)))
    assert len(text.encode()) <= 60_000
    assert ("Cut off here" in text) == (lines > 1)
    assert len([line for line in text.splitlines() if line == "```"]) == 2, "an opened block is closed"


def test_one_line_longer_than_all_room_is_left_out() -> None:
    text = bounded("head\n" + "x" * 70_000)
    assert text.startswith("head")
    assert "Cut off here" in text
    assert "xxx" not in text


def test_a_fold_that_is_cut_is_closed_after_its_block() -> None:
    long = [step("create", f"aws:ec2/eip:Eip::{'n' * 400}{number}") for number in range(199)]
    text = markdown.preview("dev", read(events(*long)), FINE)
    assert "Cut off here" in text
    assert text.index("```\n") < text.rindex("```") < text.index("</details>")
