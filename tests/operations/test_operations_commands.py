"""The commands, with a `pulumi` that notes what it was asked: which flags, when it is not asked at all, and exit codes."""

import json
import os
import pty
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from tests.gathered import for_each
from tests.operations.conftest import Cli, Operate
from tests.operations.support import RECORDED, events, git, step

PACK = ["--policy-pack", "policy", "--policy-pack-config", "policy/config/dev.json"]
DOING = ("preview", "up", "refresh", "destroy")
CLUSTER = "aws:rds/cluster:Cluster::data-main"
PREFLIGHT = 'import json; print(json.dumps({"stacks": {"dev": {"resources": []}}}))'


@pytest.fixture
def preflighted(project: Path) -> Path:
    """A project whose `preflight` finds nothing that only an update shows."""
    (project / "preflight").mkdir()
    (project / "preflight" / "__main__.py").write_text(PREFLIGHT)
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "preflight")
    return project


def test_preview_and_up_always_have_the_policy_pack_on(operate: Operate, cli: Cli) -> None:
    assert operate("preview", "--stack=dev").returncode == 0
    assert operate("up", "--stack=dev", "--confirm", "dev").returncode == 0
    assert cli.calls == [
        ["preview", "--stack", "dev", *PACK],
        ["up", "--stack", "dev", *PACK, "--yes", "--non-interactive"],
    ]


def test_refresh_and_destroy_take_no_pack(operate: Operate, cli: Cli) -> None:
    assert operate("refresh", "--stack=dev", "--confirm", "dev").returncode == 0
    assert operate("destroy", "--stack=dev", "--confirm", "dev").returncode == 0
    assert [call for call in cli.calls if call[0] != "stack"] == [
        ["refresh", "--stack", "dev", "--yes", "--non-interactive"],
        ["destroy", "--stack", "dev", "--yes", "--non-interactive"],
    ]


@for_each("command", [*DOING, "drift", "plan", "pending"])
def test_without_a_stack_it_asks_which_before_anything_else(
    operate: Operate, cli: Cli, tmp_path: Path, command: str
) -> None:
    rest = [] if command in DOING else ["--out", str(tmp_path / "out")]
    done = operate(command, "--stack=", *rest)
    assert done.returncode == 1
    assert done.stderr == f"{command}: which stack? Say STACK=<name>, for example STACK=dev; the stacks are dev, prod\n"
    assert cli.calls == []


@for_each("command", DOING)
def test_the_exit_code_is_that_of_the_cli(operate: Operate, cli: Cli, command: str) -> None:
    cli.answer(command, code=23)
    confirm = [] if command == "preview" else ["--confirm", "dev"]
    assert operate(command, "--stack=dev", *confirm).returncode == 23


@for_each(
    "command, confirm",
    product(["up", "refresh", "destroy"], [[], ["--confirm", ""], ["--confirm", "prod"], ["--confirm", "yes"]]),
)
def test_without_a_terminal_only_the_name_of_the_stack_agrees(
    operate: Operate, cli: Cli, command: str, confirm: list[str]
) -> None:
    done = operate(command, "--stack=dev", *confirm)
    assert done.returncode == 1
    assert "CONFIRM=dev" in done.stderr
    assert cli.calls == []


@for_each("command", [*DOING, "drift", "plan"])
def test_a_missing_cli_is_said_plainly_before_anybody_is_asked(operate: Operate, tmp_path: Path, command: str) -> None:
    rest = ["--out", str(tmp_path)] if command in ("drift", "plan") else []
    done = operate(command, "--stack=dev", *rest, PATH="/usr/bin:/bin")
    assert done.returncode == 1
    assert "the Pulumi CLI is not on the PATH" in done.stderr
    assert "CONFIRM" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_protected_stack_is_not_destroyed_by_the_name_of_another(operate: Operate, cli: Cli) -> None:
    for confirm in ("", "dev"):
        done = operate("destroy", "--stack=prod", f"--confirm={confirm}")
        assert (done.returncode, "CONFIRM=prod" in done.stderr) == (1, True)
    assert cli.calls == []


def test_an_update_with_a_plan_that_is_not_there_does_nothing(operate: Operate, cli: Cli) -> None:
    done = operate("up", "--stack=dev", "--plan=build/nowhere", "--confirm=dev")
    assert done.returncode == 1
    assert "there is no reviewed plan in build/nowhere" in done.stderr
    assert cli.calls == []


def test_a_stack_with_protected_resources_is_not_destroyed_halfway(operate: Operate, cli: Cli) -> None:
    cli.state({"urn": "urn:pulumi:dev::g::aws:s3/bucket:Bucket::uploads", "protect": True}, {"urn": "urn::x"})
    done = operate("destroy", "--stack=dev", "--confirm", "dev")
    assert done.returncode == 1
    assert "1 resource of dev is protected (uploads)" in done.stderr
    assert [call[0] for call in cli.calls] == ["stack"]


def at_a_terminal(project: Path, typed: str, *arguments: str) -> int:
    """The exit code of a run that reads what is typed."""
    main, theirs = pty.openpty()
    os.write(main, typed.encode())
    done = subprocess.run(
        [sys.executable, "-m", "operations", "--root", str(project), *arguments],
        cwd=Path(__file__).parents[2],
        stdin=theirs,
        capture_output=True,
        check=False,
    )
    os.close(main)
    os.close(theirs)
    return done.returncode


def test_at_a_terminal_a_protected_stack_asks_for_its_name(project: Path, cli: Cli) -> None:
    assert at_a_terminal(project, "yes\n", "destroy", "--stack=prod") == 1
    assert cli.calls == []
    assert at_a_terminal(project, "prod\n", "destroy", "--stack=prod") == 0
    assert cli.calls[-1] == ["destroy", "--stack", "prod"], "the CLI asks once more itself"


def test_at_a_terminal_the_cli_asks_by_itself(project: Path, cli: Cli) -> None:
    assert at_a_terminal(project, "", "destroy", "--stack=dev") == 0
    assert at_a_terminal(project, "", "up", "--stack=prod") == 0
    assert cli.calls[-2:] == [
        ["destroy", "--stack", "dev"],
        ["up", "--stack", "prod", *[word.replace("dev", "prod") for word in PACK]],
    ]


def test_a_plan_keeps_the_engines_file_the_review_and_the_report(
    operate: Operate, cli: Cli, preflighted: Path, tmp_path: Path
) -> None:
    cli.answer("preview", events(step("create", "aws:ec2/eip:Eip::a")))
    page = tmp_path / "page.md"
    out = tmp_path / "plan"
    done = operate("plan", "--stack=dev", "--out", str(out), GITHUB_STEP_SUMMARY=str(page))
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == ["plan.json", "preview-dev.md", "review.json"]
    assert "1 create" in page.read_text(), "the page of the run is what a fork can see"
    (call,) = [call for call in cli.noted if call["arguments"][0] == "preview"]
    assert call["arguments"][: 3 + len(PACK)] == ["preview", "--stack", "dev", *PACK]
    assert {"--json", "--save-plan", "--non-interactive"} <= set(call["arguments"])
    assert call["streaming"] == "true", "the plain document has no policy violations in it"


def test_a_plan_over_budget_fails_and_still_reports(
    operate: Operate, cli: Cli, preflighted: Path, tmp_path: Path
) -> None:
    cli.answer("preview", events(step("delete", CLUSTER)))
    done = operate("plan", "--stack=dev", "--out", str(tmp_path))
    assert done.returncode == 1
    assert f"{CLUSTER} holds data" in done.stderr
    assert "❌" in (tmp_path / "preview-dev.md").read_text()


def test_a_broken_policy_fails_with_its_message_and_leaves_no_plan(
    operate: Operate, cli: Cli, preflighted: Path, tmp_path: Path
) -> None:
    (tmp_path / "review.json").write_text("of an earlier run")
    cli.answer("preview", (RECORDED / "events.jsonl").read_text(), code=1)
    done = operate("plan", "--stack=dev", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "[lb-https-only] violation" in done.stderr
    assert sorted(path.name for path in tmp_path.glob("*.json")) == []


@pytest.mark.parametrize(("out", "code"), [("", 1), ("not json", 1), (events(), 1)])
def test_a_preview_that_dies_without_a_reason_is_no_empty_plan(
    operate: Operate, cli: Cli, preflighted: Path, tmp_path: Path, out: str, code: int
) -> None:
    cli.answer("preview", out, code=code)
    done = operate("plan", "--stack=dev", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "`pulumi preview` of dev ended with 1" in done.stderr
    assert not (tmp_path / "review.json").exists()


def test_a_stack_that_does_not_exist_yet_is_explained(operate: Operate, cli: Cli, tmp_path: Path) -> None:
    cli.answer("stack", code=6)
    done = operate("plan", "--stack=dev", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "pulumi stack init dev" in done.stderr


def test_an_update_by_a_reviewed_plan_is_held_to_it(
    operate: Operate, cli: Cli, preflighted: Path, tmp_path: Path
) -> None:
    operate("plan", "--stack=dev", "--out", str(tmp_path))
    done = operate("up", "--stack=dev", "--plan", str(tmp_path))
    assert done.returncode == 0, done.stderr
    plan = str((tmp_path / "plan.json").resolve())
    assert cli.calls[-1] == ["up", "--stack", "dev", *PACK, "--plan", plan, "--yes", "--non-interactive"]


def test_a_stale_plan_is_refused_before_anything_is_changed(
    operate: Operate, cli: Cli, preflighted: Path, tmp_path: Path
) -> None:
    operate("plan", "--stack=dev", "--out", str(tmp_path))
    cli.state({"urn": "urn:new"})
    done = operate("up", "--stack=dev", "--plan", str(tmp_path))
    assert done.returncode == 1
    assert "is stale, nothing was changed: the stack has changed since" in done.stderr
    assert "up" not in [call[0] for call in cli.calls]


@pytest.fixture
def late_plan(operate: Operate, cli: Cli, preflighted: Path, tmp_path: Path) -> Path:
    """A plan that cannot have an image, because the image appears only during the update."""
    image = {"urn": "urn:i", "type": "docker-build:index:Image", "name": "i", "phases": ["update"]}
    text = json.dumps({"stacks": {"dev": {"resources": [image]}}})
    (preflighted / "preflight" / "__main__.py").write_text(f"print({text!r})")
    git(preflighted, "commit", "--all", "--quiet", "--message", "image")
    cli.answer("preview", events(step("create", "aws:ecr/repository:Repository::r")))
    assert operate("plan", "--stack=dev", "--out", str(tmp_path / "plan")).returncode == 0
    return tmp_path / "plan"


def test_where_no_plan_can_be_complete_an_equal_preview_stands_for_it(
    operate: Operate, cli: Cli, late_plan: Path
) -> None:
    done = operate("up", "--stack=dev", "--plan", str(late_plan))
    assert done.returncode == 0, done.stderr
    assert "docker-build:index:Image::i" in done.stdout
    assert cli.calls[-1] == ["up", "--stack", "dev", *PACK, "--yes", "--non-interactive"]


@pytest.mark.parametrize("code", [0, 1])
def test_another_preview_than_the_reviewed_one_changes_nothing(
    operate: Operate, cli: Cli, late_plan: Path, code: int
) -> None:
    cli.answer("preview", events(step("delete", CLUSTER), error="no" if code else None), code=code)
    done = operate("up", "--stack=dev", "--plan", str(late_plan))
    assert done.returncode == 1
    assert "is not what was reviewed, nothing was changed" in done.stderr
    assert "up" not in [call[0] for call in cli.calls]


def test_drift_changes_nothing_and_leaves_its_result(operate: Operate, cli: Cli, tmp_path: Path) -> None:
    cli.answer("refresh", "~ idleTimeout: 60 => 5", code=7)
    done = operate("drift", "--stack=dev", "--out", str(tmp_path))
    assert done.returncode == 0, "drift is a finding; a failure to look is the failure"
    assert "idleTimeout" in (tmp_path / "drift-dev.md").read_text()
    cli.answer("refresh")
    assert operate("drift", "--stack=dev", "--out", str(tmp_path)).returncode == 0
    assert [path.name for path in tmp_path.glob("*.md")] == ["no-drift-dev.md"]
    assert {tuple(call[:5]) for call in cli.calls} == {
        ("refresh", "--stack", "dev", "--preview-only", "--expect-no-changes")
    }


def test_a_failed_look_for_drift_is_neither_drift_nor_calm(operate: Operate, cli: Cli, tmp_path: Path) -> None:
    cli.answer("refresh", "error: no credentials", code=1)
    assert operate("drift", "--stack=dev", "--out", str(tmp_path)).returncode == 1
    assert list(tmp_path.glob("*.md")) == []
    done = operate("drift-issue", "--stack=dev", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "nothing is known" in done.stderr


def test_preflight_reports_and_ends_with_its_exit_code(operate: Operate, preflighted: Path, tmp_path: Path) -> None:
    document = {"errors": [{"kind": "input", "message": "no Pulumi.yaml", "source": None}], "stacks": {}}
    code = f"import sys, pathlib; pathlib.Path(sys.argv[3]).write_text({json.dumps(document)!r}); sys.exit(2)"
    (preflighted / "preflight" / "__main__.py").write_text(code)
    assert operate("preflight", "--out", str(tmp_path)).returncode == 2
    assert "no Pulumi.yaml" in (tmp_path / "preflight.md").read_text()
    (preflighted / "preflight" / "__main__.py").write_text("raise SystemExit(3)")
    done = operate("preflight", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "left no report" in done.stderr


_FAKE = """
import json, pathlib, sys
command, option, file = sys.argv[1:4]
pathlib.Path("asked").open("a").write(" ".join(sys.argv[1:]) + chr(10))
if command == "check":
    pathlib.Path(file).write_text(json.dumps({"errors": [], "stacks": {}}))
    pathlib.Path(sys.argv[5]).write_text("{}")
else:
    pathlib.Path(sys.argv[5]).write_text("## What changes")
    sys.exit(2)
sys.exit(CODE)
"""


def test_with_a_base_the_report_says_what_changes_since_the_branch_left_it(
    operate: Operate, preflighted: Path, tmp_path: Path
) -> None:
    start = git(preflighted, "rev-parse", "HEAD")
    (preflighted / "preflight" / "__main__.py").write_text(_FAKE.replace("CODE", "0"))
    git(preflighted, "commit", "--all", "--quiet", "--message", "later")
    done = operate("preflight", "--base", start, "--out", str(tmp_path))
    assert done.returncode == 0, "a base that does not run stops nobody from putting it right"
    assert (tmp_path / "preflight.md").read_text().strip() == "## What changes"
    asked = (preflighted / "asked").read_text().splitlines()
    assert f"diff --base {start} --markdown {tmp_path / 'changes.txt'}" in asked
    assert (tmp_path / "preflight.sarif").is_file()


def test_what_breaks_a_rule_stands_below_what_changes(operate: Operate, preflighted: Path, tmp_path: Path) -> None:
    (preflighted / "preflight" / "__main__.py").write_text(_FAKE.replace("CODE", "1"))
    assert operate("preflight", "--base", "HEAD", "--out", str(tmp_path)).returncode == 1
    text = (tmp_path / "preflight.md").read_text()
    assert text.index("## What changes") < text.index("## Preflight")


@pytest.mark.parametrize(
    ("commit", "ref", "told"),
    [("x", "refs/heads/main", "COMMIT='x'"), ("a" * 40, "main", "REF='main'"), ("a" * 40, "refs/pull/7/merge", "no ")],
)
def test_findings_need_a_commit_a_ref_and_a_report(
    operate: Operate, tmp_path: Path, commit: str, ref: str, told: str
) -> None:
    done = operate("findings", "--commit", commit, "--ref", ref, "--out", str(tmp_path))
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("number", "report", "told"),
    [("", "preflight.md", "NUMBER=''"), ("7; x", "preflight.md", "no number"), ("7", "README.md", "no report")],
)
def test_a_comment_needs_a_number_and_a_report(
    operate: Operate, tmp_path: Path, number: str, report: str, told: str
) -> None:
    (tmp_path / report).write_text("text")
    done = operate("comment", "--number", number, "--out", str(tmp_path))
    assert done.returncode == 1
    assert told in done.stderr
