"""The pack on programs that were not written for it, as `python -m preflight check --program` runs them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.cli_support import called

PROGRAMS = Path(__file__).parent / "programs"
BREAKS = {
    "awsx_vpc": {"db-subnet-not-public"},
    "three_tier": {
        "db-sg-not-internet-reachable",
        "sg-no-public-db-port",
        "sg-public-only-authorised-ports",
        "sg-split-cidr",
    },
    "serverless": {"sqs-policy-not-public"},
}
"""Program -> what it breaks when it is told to be open; nothing otherwise."""


def check(program: str, *, exposed: bool) -> tuple[int, dict[str, Any]]:
    """Exit code and report on the only stack."""
    given = ["--program", str(PROGRAMS / program), "--config", f"{program}:open={str(exposed).lower()}"]
    ended = called("check", *given, "--policy", "policy", "--json", "-")
    stack: dict[str, Any] = json.loads(ended.out)["stacks"]["dev"]
    assert stack["errors"] == []
    return ended.code, stack


@pytest.mark.parametrize("program", BREAKS)
def test_a_compliant_program_of_somebody_else_has_no_finding_but_what_the_update_clears(program: str) -> None:
    code, stack = check(program, exposed=False)
    assert [found for found in stack["findings"] if found.get("decidedAtUpdate") != "pass"] == []
    assert code == 0
    assert len(stack["resources"]) > 8, "it was seen"


@pytest.mark.parametrize("program", BREAKS)
def test_the_same_program_with_one_thing_opened_is_refused_for_just_that(program: str) -> None:
    code, stack = check(program, exposed=True)
    broken = {found["control"] for found in stack["findings"] if found["verdict"] == "violation"}
    assert broken == BREAKS[program]
    assert code == 1
    assert all(found["source"].startswith("__main__.py:") for found in stack["findings"]), "at the line of the program"


def test_every_program_is_run() -> None:
    assert {path.parent.name for path in PROGRAMS.glob("*/Pulumi.yaml")} == set(BREAKS)
