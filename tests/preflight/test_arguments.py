"""The table of options in docs/preflight.md, row by row, is what the commands take."""

import argparse
import re

from preflight.arguments import parser
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


def test_each_command_is_told_of_with_what_it_is_about() -> None:
    assert set(taken()) == set(COMMANDS)
    for command, subject in (("explain", "CONTROL|URN|ERROR"), ("scale", "SERVICE"), ("diff", "--base")):
        assert f"python -m preflight {command} {subject}" in PAGE
