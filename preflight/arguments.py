"""Parsers of the commands that compare and explain."""

import argparse
from collections.abc import Callable
from typing import Any

Add = Callable[[argparse.ArgumentParser], None]


def add_diff(commands: Any, *shared: Add) -> None:
    """The command `diff`; `shared` adds what it has in common with others."""
    diff: argparse.ArgumentParser = commands.add_parser(
        "diff",
        help="say what changes against a commit or a saved report",
        description="Runs the stacks' programs as they are and as they were, offline, and says what differs.",
        epilog="exit codes: those of check for the program as it is; 2 also when the base cannot be used",
    )
    diff.add_argument("stacks", nargs="*", metavar="STACK", help="stacks to compare (default: all with a stack file)")
    diff.add_argument("--base", required=True, metavar="REF|FILE", help="a commit, or a report that check --json wrote")
    diff.add_argument("--markdown", metavar="FILE", help="write the differences as a comment, 60 kB at most")
    diff.add_argument("--all", action="store_true", help="show every change of every resource")
    for add in shared:
        add(diff)


def add_explain(commands: Any, *shared: Add) -> None:
    """The command `explain`; `shared` adds what it has in common with others."""
    explain: argparse.ArgumentParser = commands.add_parser(
        "explain",
        help="say what a control, a resource or an error is about",
        description="Explains a control of the policy pack, a resource (URN or logical name) or a message.",
        epilog="exit codes: 0 explained, 2 nothing of that name, or the program is wrong",
    )
    explain.add_argument("subject", metavar="CONTROL|URN|ERROR", help="its name, or part of the message")
    explain.add_argument(
        "--stack", dest="stacks", action="append", default=[], metavar="STACK",
        help="look for the resource in this stack only (repeatable)",
    )  # fmt: skip
    for add in shared:
        add(explain)
