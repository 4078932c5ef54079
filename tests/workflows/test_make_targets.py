"""`make preview`, `up`, `refresh`, `destroy`: what a person types, through the Makefile to the CLI."""

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from preflight.turns import PARALLEL, PARALLEL_SAID
from tests.gathered import for_each
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


@pytest.fixture
def handed(tmp_path: Path) -> Callable[..., dict[str, list[str]]]:
    """Target -> the words that it hands to `python -m operations`, in whose place stands what notes them."""
    noted, program = tmp_path / "noted", tmp_path / "operations"
    program.write_text(f'#!/bin/sh\nprintf \'%s\\0\' "$#" "$@" >> {noted}\n')
    program.chmod(0o755)

    def handed(*targets: str, **variables: str) -> dict[str, list[str]]:
        noted.write_text("")
        done = make(*targets, f"OPERATE={program}", **variables)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        words = iter(noted.read_text().split("\0")[:-1])
        told = [list(islice(words, int(count))) for count in words]
        return {target: given for target, (_, *given) in zip(targets, told, strict=True)}

    return handed


def test_without_a_stack_it_asks_which_and_names_them(cli: Cli, workplace: dict[str, str]) -> None:
    done = make("preview", **workplace)
    assert done.returncode != 0
    assert "which stack? Say STACK=<name>, for example STACK=dev; the stacks are dev, prod" in done.stderr
    assert "Traceback" not in done.stderr
    assert cli.calls == []


def test_a_name_that_is_no_stack_never_reaches_the_cli_or_the_shell(cli: Cli, workplace: dict[str, str]) -> None:
    done = make("up", STACK="dev;id", **workplace)
    assert done.returncode != 0
    assert "there is no stack 'dev;id'" in done.stderr
    assert "uid=" not in done.stdout + done.stderr
    assert cli.calls == []


@for_each("name", ["", "dev prod", "dev;id", "-h", "$(id)", "'"])
def test_whatever_is_said_is_handed_over_as_it_stands(
    handed: Callable[..., dict[str, list[str]]], workplace: dict[str, str], name: str
) -> None:
    told = handed(*STACK_TARGETS, STACK=name, CONFIRM=name, PLAN=name, **workplace)
    assert {target: words[0] for target, words in told.items()} == dict.fromkeys(STACK_TARGETS, f"--stack={name}")
    agreed = {target for target, words in told.items() if f"--confirm={name}" in words}
    assert agreed == {"up", "refresh", "destroy"}
    assert told["up"][1:] == [f"--confirm={name}", *([f"--plan={name}"] if name else [])]
    assert told["plan"][1:] == [f"--out={workplace['PLANS']}/{name}"]


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


def test_without_agreement_none_is_handed_over(
    handed: Callable[..., dict[str, list[str]]], workplace: dict[str, str]
) -> None:
    assert handed("destroy", STACK="prod", **workplace) == {"destroy": ["--stack=prod", "--confirm="]}
    assert handed("up", STACK="prod", **workplace) == {"up": ["--stack=prod", "--confirm="]}


def test_preflight_report_writes_all_its_forms(tmp_path: Path, workplace: dict[str, str]) -> None:
    """On a small project with a stack of the name; tests/operations reads the report of ours."""
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    (tmp_path / "__main__.py").write_text("import pulumi\npulumi.export('here', 1)\n")
    operations = shlex.join([str(ROOT / ".venv" / "bin" / "python"), "-m", "operations", f"--root={tmp_path}"])
    done = make("preflight-report", f"OPERATE={operations}", PYTHONPATH=str(ROOT), **workplace)
    assert done.returncode == 0, done.stderr
    folder = Path(workplace["REPORTS"])
    assert sorted(path.name for path in folder.iterdir()) == ["preflight.json", "preflight.md", "preflight.sarif"]
    assert "**prod**: fine" in (folder / "preflight.md").read_text()


def test_every_target_is_listed_by_help() -> None:
    listed = set(re.findall(r"^  make (\S+)", make("help").stdout, re.MULTILINE))
    assert make_targets() == listed
