"""The command line's arguments: what each command takes, with its help."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from preflight.mistakes import guess
from preflight.turns import PARALLEL, PARALLEL_SAID

_MOST = 2**31 - 1  # of the engine; it means: without a limit


class _Parser(argparse.ArgumentParser):
    """Says of an option that a command does not take which one was meant, or which command takes it."""

    commands: dict[str, "_Parser"]

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """As argparse does. What is not taken is told before what is missing: the one is often the other, misspelt."""
        given = list(sys.argv[1:] if args is None else args)
        name = next((each for each in given if not each.startswith("-")), "")
        command = self.commands.get(name)
        if command is None and (meant := guess(name, list(self.commands))):
            self.error(f"there is no command {name!r}, did you mean {meant!r}?")
        if command is not None and (strays := [*self._strays(name, given[given.index(name) + 1 :])]):
            command.error(f"unrecognized arguments: {'; '.join(strays)}")
        return super().parse_args(given, namespace)

    def takes(self) -> list[str]:
        """Its options, `--` before each."""
        return [option for option in self._option_string_actions if option.startswith("--")]

    def _strays(self, name: str, given: Sequence[str]) -> Iterator[str]:
        known = self.commands[name].takes()
        elsewhere = sorted({option for command in self.commands.values() for option in command.takes()} - {*known})
        until = given.index("--") if "--" in given else len(given)
        for each in [] if {"-h", "--help"} & {*given[:until]} else given[:until]:
            option = each.partition("=")[0]
            if not option.startswith("--") or " " in option or option in known:
                continue
            meant = option if option in elsewhere else guess(option, known) or guess(option, elsewhere)
            hints = [f"did you mean {meant}?"] if meant and meant != option else []
            if meant in elsewhere:
                takers = [other for other, command in self.commands.items() if meant in command.takes()]
                hints.append(f"an option of {' and '.join(takers)}, not of {name}")
            yield f"{option} ({' '.join(hints)})" if hints else option


def parser(program: str) -> argparse.ArgumentParser:
    """The parser of `python -m {program}`: its commands are those of `cli`."""
    options = _Parser(
        prog=f"python -m {program}", description="Proves a Pulumi Python program offline.", allow_abbrev=False
    )
    commands = options.add_subparsers(dest="command", required=True)
    options.commands = commands.choices
    check = commands.add_parser(
        "check",
        allow_abbrev=False,
        help="run the stacks as a preview and as an update, ask the policies, report",
        description="Runs each stack's program offline, as a preview and as an update, and asks the policies.",
        epilog="exit codes: 0 fine, 1 a mandatory violation or expected cost over the budget, "
        "2 the program or its stack file is wrong, "
        "3 a fault of preflight itself or of the policy pack",
    )
    check.add_argument("stacks", nargs="*", metavar="STACK", help="stacks to check (default: all with a stack file)")
    _about_the_policies(check)
    check.add_argument("--sarif", metavar="FILE", help="write the findings as SARIF, for code scanning")
    check.add_argument("--junit", metavar="FILE", help="write the findings as JUnit XML, for test reports")
    several = "; of several stacks, one each: FILE.svg becomes FILE.dev.svg"
    check.add_argument("--html", metavar="FILE", help="write the whole report as one page")
    check.add_argument("--svg", metavar="FILE", help=f"draw the architecture{several}")
    check.add_argument("--mermaid", metavar="FILE", help="the same as text for Mermaid")
    _about_the_deployment(check)
    _about_the_program(check)
    _add_diff(commands)
    _add_explain(commands)
    scale = commands.add_parser(
        "scale",
        allow_abbrev=False,
        help="replay a load curve against the autoscaling of a service",
        description="Replays a load curve against the scaling policies that a stack's program registers, offline.",
        epilog="exit codes: 0 done, 2 the program, its stack file or the curve is wrong, 3 a fault of preflight itself;"
        " columns of the curve, units and limits: docs/scaling.md",
    )
    scale.add_argument("service", metavar="SERVICE", help="the service, by its name in the program")
    scale.add_argument("--load", metavar="FILE", required=True, help="the curve, CSV: time and cpu, requests, ...")
    scale.add_argument("--stack", metavar="STACK", help="the stack (default: every one that has the service)")
    for name, kind, text in (
        ("requests-per-task", _rate, "requests a second that one task can serve"),
        ("messages-per-task", _rate, "messages a second that one task gets done"),
        ("provisioning", _seconds, "seconds until a new task works (default: 90)"),
        ("metric-delay", _seconds, "seconds until a datapoint is seen (default: 60)"),
        ("tasks", int, "tasks at the start (default: as many as the curve needs)"),
    ):
        scale.add_argument(f"--{name}", metavar="N", type=kind, help=text)
    scale.add_argument(
        "--start", metavar="TIME", help="when a curve without dates begins (default: a Monday, 0:00 UTC)"
    )
    _about_the_program(scale)
    return options


def _add_diff(commands: Any) -> None:
    diff: argparse.ArgumentParser = commands.add_parser(
        "diff",
        allow_abbrev=False,
        help="say what changes against a commit or a saved report",
        description="Runs the stacks' programs as they are and as they were, offline, and says what differs.",
        epilog="exit codes: those of check for the program as it is; 2 also when the base cannot be used",
    )
    diff.add_argument("stacks", nargs="*", metavar="STACK", help="stacks to compare (default: all with a stack file)")
    diff.add_argument("--base", required=True, metavar="REF|FILE", help="a commit, or a report that check --json wrote")
    diff.add_argument("--markdown", metavar="FILE", help="write the differences as a comment, 60 kB at most")
    diff.add_argument("--all", action="store_true", help="show every change of every resource")
    _about_the_policies(diff)
    _about_the_deployment(diff)
    _about_the_program(diff)


def _add_explain(commands: Any) -> None:
    explain: argparse.ArgumentParser = commands.add_parser(
        "explain",
        allow_abbrev=False,
        help="say what a control, a resource or an error is about",
        description="Explains a control of the policy pack, a resource (URN or logical name) or a message.",
        epilog="exit codes: 0 explained, 2 nothing of that name, or the program is wrong",
    )
    explain.add_argument("subject", metavar="CONTROL|URN|ERROR", help="its name, or part of the message")
    explain.add_argument(
        "--stack", dest="stacks", action="append", default=[], metavar="STACK",
        help="look for the resource in this stack only (repeatable)",
    )  # fmt: skip
    _about_the_policies(explain)
    _about_the_deployment(explain)
    _about_the_program(explain)


def _about_the_policies(command: argparse.ArgumentParser) -> None:
    """What every command that asks a policy pack takes."""
    policies = command.add_mutually_exclusive_group()
    policies.add_argument(
        "--policy", metavar="DIR", help="the policy pack (default: the program's policy/, else our own)"
    )
    policies.add_argument("--no-policy", action="store_true", help="ask no policies")
    command.add_argument(
        "--policy-config", metavar="FILE", help="configuration of the pack (default: config/<stack>.json in the pack)"
    )


def _about_the_deployment(command: argparse.ArgumentParser) -> None:
    """What every command that foretells a first deployment takes."""
    said = os.environ.get(PARALLEL_SAID, "")
    command.add_argument(
        "--parallel",
        type=_at_a_time,
        default=int(said) if _is_at_a_time(said) else PARALLEL,
        metavar="N",
        help=f"how many resources the engine makes at a time (default: {PARALLEL_SAID}, else "
        f"{PARALLEL}, as `make up`; `pulumi up` alone takes four for each processor)",
    )


def _about_the_program(command: argparse.ArgumentParser) -> None:
    """What every command that runs the program takes."""
    command.add_argument("--program", default=".", metavar="DIR", help="the folder of Pulumi.yaml (default: this one)")
    command.add_argument("--json", metavar="FILE", help="write the report as JSON; - is standard output")
    command.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="K=V",
        help="set or replace one configuration value (repeatable); app:db.size=3 reaches into an object",
    )
    command.add_argument("--answers", metavar="FILE", help="answers to lookups, JSON or YAML: {token: result}")
    command.add_argument(
        "--stack-outputs", metavar="FILE", help="outputs of referenced stacks: {org/project/stack: {...}}"
    )
    command.add_argument(
        "--organization", default="organization", metavar="NAME", help="what get_organization() returns"
    )
    command.add_argument(
        "--plain", action="store_true", help="leave the SDK as it is: nothing lazy, nothing replaced, gRPC to the pack"
    )
    command.add_argument(
        "--timeout", type=_seconds, default=60.0, metavar="S", help="for one run of the program (default: 60)"
    )
    command.add_argument(
        "--verbose", action="store_true", help="show every finding, every resource and what was printed"
    )


def _is_at_a_time(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) <= _MOST


def _at_a_time(text: str) -> int:
    if not _is_at_a_time(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not how many resources at a time; allowed: 1 to {_MOST}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds; allowed: more than 0, at most 86400")
    return value


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not how many a second; allowed: a number above 0")
    return value
