"""The table of options in docs/preflight.md, row by row, is what the commands take."""

import argparse
import re

import pytest

from preflight.arguments import parser
from tests.gathered import for_each
from tests.preflight.cli_support import ROOT

PAGE = (ROOT / "docs" / "preflight.md").read_text()
COMMANDS = ("check", "diff", "explain", "scale")
ELSEWHERE = {"CONTROL|URN|ERROR", "SERVICE"}
"""What a command is about; the page names it where it tells of the command."""


def taken() -> dict[str, set[str]]:
    """The options that each command takes, and positional arguments by what stands for them."""
    [commands] = [each for each in parser("preflight")._actions if isinstance(each, argparse._SubParsersAction)]
    return {
        name: {
            next((option for option in each.option_strings if option.startswith("--")), str(each.metavar))
            for each in command._actions
        }
        - {"--help"}
        - ELSEWHERE
        for name, command in commands.choices.items()
    }


def documented() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {command: set() for command in COMMANDS}
    table = PAGE.partition("| option | of | meaning |\n")[2].partition("\n\n")[0]
    for row in table.splitlines()[1:]:
        options, commands = row.strip("| ").split(" | ")[:2]
        names = re.findall(r"`(--[a-z-]+|STACK)", options)
        assert names, row
        for command in COMMANDS if commands == "all" else commands.split(", "):
            found[command].update(names)
    return found


def test_each_command_takes_the_options_that_the_table_gives_it_and_no_others() -> None:
    scaling = set(re.findall(r"--[a-z-]+", (ROOT / "docs" / "scaling.md").read_text()))
    of_scale_alone = taken()["scale"] - taken()["check"] - {"--stack"}
    assert of_scale_alone <= scaling, "the page sends there for the rest"
    assert documented() == taken() | {"scale": taken()["scale"] - of_scale_alone}


@for_each(
    "given, said",
    [
        (["check", "prod", "--jsno", "x"], "--jsno (did you mean --json?)"),
        (["check", "--markdwn", "x"], "--markdwn (did you mean --markdown? an option of diff, not of check)"),
        (["check", "--markdown=x.md"], "--markdown (an option of diff, not of check)"),
        (["check", "prod", "--base", "HEAD"], "--base (an option of diff, not of check)"),
        (["diff", "--html", "x"], "--html (an option of check, not of diff)"),
        (["diff", "--bsae", "HEAD"], "--bsae (did you mean --base?)"),
        (["check", "--stack", "dev"], "--stack (an option of explain and scale, not of check)"),
        (["chekc"], "there is no command 'chekc', did you mean 'check'?"),
        (["check", "--zzzzz"], "unrecognized arguments: --zzzzz\n"),
    ],
)
def test_what_no_command_takes_gets_the_nearest_option_or_the_command_that_takes_it(
    capsys: pytest.CaptureFixture[str], given: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser("preflight").parse_args(given)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_stands_where_a_value_or_a_stack_does_is_taken_for_no_option() -> None:
    taken = parser("preflight").parse_args(["check", "--config", "a=--jsno", "--json=--x", "--", "--jsno"])
    assert (taken.config, taken.json, taken.stacks) == (["a=--jsno"], "--x", ["--jsno"])


def test_each_command_is_told_of_with_what_it_is_about() -> None:
    assert set(taken()) == set(COMMANDS)
    for command, subject in (("explain", "CONTROL|URN|ERROR"), ("scale", "SERVICE"), ("diff", "--base")):
        assert f"python -m preflight {command} {subject}" in PAGE
