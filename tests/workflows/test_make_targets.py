"""`make preview`, `up`, `refresh`, `destroy`: what a person types, through the Makefile to the CLI."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from preflight.turns import PARALLEL, PARALLEL_SAID
from tests.operations.conftest import Cli, cli
from tests.workflows.workflows import ROOT, make_targets

__all__ = ["cli"]
STACK_TARGETS = ["preview", "up", "refresh", "destroy", "drift", "plan", "pending"]


@pytest.fixture
def workplace(tmp_path: Path) -> dict[str, str]:
    """Where the reports of a target go."""
    return {"REPORTS": str(tmp_path / "reports"), "PLANS": str(tmp_path / "plans")}


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    unset = ("STACK", "CONFIRM", "PLAN", "MAKEFLAGS", PARALLEL_SAID)
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    return subprocess.run(
        ["make", "--silent", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**clean, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", STACK_TARGETS)
def test_without_a_stack_it_asks_which_and_names_them(target: str, cli: Cli, workplace: dict[str, str]) -> None:
    done = make(target, **workplace)
    assert done.returncode != 0
    assert "which stack? Say STACK=<name>, for example STACK=dev; the stacks are dev, prod" in done.stderr
    assert "Traceback" not in done.stderr
    assert cli.calls == []


@pytest.mark.parametrize("name", ["dev prod", "dev;id", "-h", "$(id)", "'"])
def test_a_name_that_is_no_stack_never_reaches_the_cli_or_the_shell(
    name: str, cli: Cli, workplace: dict[str, str]
) -> None:
    done = make("up", STACK=name, **workplace)
    assert done.returncode != 0
    assert "there is no stack" in done.stderr
    assert "uid=" not in done.stdout + done.stderr
    assert cli.calls == []


def test_the_targets_hand_over_stack_and_agreement(cli: Cli, workplace: dict[str, str]) -> None:
    assert make("preview", "STACK=prod", **workplace).returncode == 0
    assert make("up", "STACK=dev", "CONFIRM=dev", **workplace).returncode == 0
    assert make("refresh", "STACK=dev", "CONFIRM=dev", **workplace, **{PARALLEL_SAID: "3"}).returncode == 0
    assert make("destroy", "STACK=prod", "CONFIRM=prod", **workplace).returncode == 0
    pack = ["--policy-pack", "policy", "--policy-pack-config"]
    assert [call for call in cli.calls if call[0] != "stack"] == [
        ["preview", "--stack", "prod", *pack, "policy/config/prod.json"],
        ["up", "--stack", "dev", *pack, "policy/config/dev.json", "--yes", "--non-interactive"],
        ["refresh", "--stack", "dev", "--yes", "--non-interactive"],
        ["destroy", "--stack", "prod", "--yes", "--non-interactive"],
    ]
    told = [call["parallel"] for call in cli.noted if call["arguments"][0] != "stack"]
    assert told == [str(PARALLEL), str(PARALLEL), "3", str(PARALLEL)], "as preflight foretells it"


def test_destroying_without_agreement_does_nothing(cli: Cli, workplace: dict[str, str]) -> None:
    assert "CONFIRM=prod" in make("destroy", "STACK=prod", **workplace).stderr
    assert make("destroy", "STACK=prod", "CONFIRM=dev", **workplace).returncode != 0
    assert cli.calls == []


def test_an_update_with_a_plan_that_is_not_there_does_nothing(cli: Cli, workplace: dict[str, str]) -> None:
    done = make("up", "STACK=dev", "PLAN=build/nowhere", "CONFIRM=dev", **workplace)
    assert "there is no reviewed plan in build/nowhere" in done.stderr
    assert cli.calls == []


def test_preflight_report_writes_all_its_forms(tmp_path: Path, workplace: dict[str, str]) -> None:
    """On a small project with a stack of the name; tests/operations reads the report of ours."""
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    (tmp_path / "__main__.py").write_text("import pulumi\npulumi.export('here', 1)\n")
    operations = f"{ROOT / '.venv' / 'bin' / 'python'} -m operations --root={tmp_path}"
    done = make("preflight-report", f"OPERATE={operations}", PYTHONPATH=str(ROOT), **workplace)
    assert done.returncode == 0, done.stderr
    folder = Path(workplace["REPORTS"])
    assert sorted(path.name for path in folder.iterdir()) == ["preflight.json", "preflight.md", "preflight.sarif"]
    assert "**prod**: fine" in (folder / "preflight.md").read_text()


def test_every_target_is_listed_by_help() -> None:
    listed = set(re.findall(r"^  make (\S+)", make("help").stdout, re.MULTILINE))
    assert make_targets() == listed
