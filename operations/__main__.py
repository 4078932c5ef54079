"""`python -m operations`: see `--help`, the Makefile and docs/operating.md.

Exit codes: 0 done, 1 refused (the reason is on standard error) or a check that failed; otherwise what `pulumi` or
`preflight` ended with.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from operations import commands, stacks

_COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "preview": (commands.preview, "show what an update would change"),
    "plan": (commands.plan, "preview into a plan for later, check the budget, write the report"),
    "up": (commands.up, "bring the stack to what the program says"),
    "refresh": (commands.refresh, "bring the state to what AWS says"),
    "destroy": (commands.destroy, "delete the stack's resources"),
    "pending": (commands.pending, "show what a killed update left open"),
    "drift": (commands.drift, "say whether AWS differs from the state; changes nothing"),
    "drift-issue": (commands.drift_issue, "open, renew or close the issue about drift"),
    "reviewed-plan": (commands.reviewed_plan, "fetch the plan that was shown in the pull request"),
    "preflight": (commands.preflight, "preflight of every stack, with its report as Markdown"),
    "comment": (commands.comment, "put the reports under the pull request"),
    "findings": (commands.findings, "hand the findings of preflight to code scanning"),
    "golden": (commands.golden, "refuse a changed golden file without a changelog line"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command."""
    options = _parser().parse_args(arguments)
    command, _ = _COMMANDS[options.command]
    try:
        return command(options)
    except stacks.Refused as refused:
        print(f"{options.command}: {refused}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False, prog="python -m operations", description="Operates groundwork's stacks."
    )
    parser.add_argument("--root", type=Path, default=stacks.ROOT, help="the project (default: this one)")
    parser.set_defaults(stack="", confirm="", plan=None, out=None, base="", commit="", number="", ref="")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, (_, help_text) in _COMMANDS.items():
        sub = subparsers.add_parser(name, help=help_text, allow_abbrev=False)
        if name not in ("preflight", "comment", "findings", "golden"):
            sub.add_argument("--stack", default="", metavar="NAME", help="dev, prod, ...")
        if name in ("up", "refresh", "destroy"):
            sub.add_argument("--confirm", default="", metavar="STACK", help="its name: agree without being asked")
        if name == "up":
            sub.add_argument(
                "--plan", type=Path, metavar="DIR", help="do what this reviewed plan says and nothing else"
            )
        if name in ("plan", "pending", "drift", "drift-issue", "reviewed-plan", "preflight", "comment", "findings"):
            sub.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder of the reports")
        if name in ("reviewed-plan", "findings"):
            sub.add_argument("--commit", required=True, help="the commit, on main for a reviewed plan")
        if name == "findings":
            sub.add_argument("--ref", required=True, help="the branch or pull request, refs/...")
        if name == "comment":
            sub.add_argument("--number", required=True, help="the pull request")
        if name in ("golden", "preflight"):
            sub.add_argument("--base", default="", help="the commit or branch to compare with")
    return parser


if __name__ == "__main__":
    sys.exit(main())
