"""Starts the Pulumi CLI. The only module that knows its flags (of 3.259; `preview` and `up` alone take a pack)."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from operations import changes
from operations.changes import Preview
from operations.stacks import Refused, Stack

NOT_AS_EXPECTED = 7
"""Exit code of `--expect-no-changes` when there are some (sdk/go/common/util/cmdutil, 3.259)."""
NO_SUCH_STACK = 6


def pulumi() -> str:
    """Path of the CLI. Raises Refused when there is none."""
    found = shutil.which("pulumi")
    if found is None:
        raise Refused(
            "the Pulumi CLI is not on the PATH. Install it (https://www.pulumi.com/docs/install/), or use "
            "`make preflight`, which needs neither the CLI nor an account"
        )
    return found


def preview_command(stack: Stack) -> list[str]:
    """`pulumi preview` with the policy pack."""
    return ["preview", "--stack", stack.name, *stack.pack_arguments]


def up_command(stack: Stack, *, confirmed: bool, plan: Path | None = None) -> list[str]:
    """`pulumi up` with the policy pack; it previews first, so a violation stops it before anything is made.

    With a plan it does nothing that the plan does not have. `--plan` is experimental and hidden in the help.
    """
    limit = ["--plan", str(plan)] if plan else []
    return ["up", "--stack", stack.name, *stack.pack_arguments, *limit, *_agreed(confirmed)]


def refresh_command(stack: Stack, *, confirmed: bool) -> list[str]:
    """`pulumi refresh`: writes into the state what AWS says."""
    return ["refresh", "--stack", stack.name, *_agreed(confirmed)]


def destroy_command(stack: Stack, *, confirmed: bool) -> list[str]:
    """`pulumi destroy` of the whole stack."""
    return ["destroy", "--stack", stack.name, *_agreed(confirmed)]


def drift_command(stack: Stack) -> list[str]:
    """A refresh that writes nothing and exits with NOT_AS_EXPECTED when AWS differs from the state."""
    quiet = ["--diff", "--non-interactive", "--color", "never", "--suppress-progress"]
    return ["refresh", "--stack", stack.name, "--preview-only", "--expect-no-changes", *quiet]


def _agreed(confirmed: bool) -> list[str]:
    return ["--yes", "--non-interactive"] if confirmed else []


def become(stack: Stack, arguments: Sequence[str]) -> NoReturn:
    """Ends this process and runs the CLI in its place, so that a signal reaches the engine and nobody else."""
    program = pulumi()
    os.chdir(stack.root)
    sys.stdout.flush()
    os.execv(program, ["pulumi", *arguments])  # noqa: S606 # a list, no shell


def capture(stack: Stack, arguments: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the CLI to its end; standard error goes where ours goes."""
    return subprocess.run(  # noqa: S603 # a list, no shell
        [pulumi(), *arguments],
        cwd=stack.root,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def preview(stack: Stack, save_plan: Path | None = None) -> tuple[Preview, int]:
    """The changes of a preview with the policy pack on, and the CLI's exit code.

    Raises Refused when the CLI says nothing that can be read.
    """
    plan = ["--save-plan", str(save_plan.resolve())] if save_plan else []
    arguments = [*preview_command(stack), "--json", "--non-interactive", *plan]
    done = capture(stack, arguments, PULUMI_ENABLE_STREAMING_JSON_PREVIEW="true")
    try:
        found = changes.read(done.stdout)
    except changes.UnreadableError as error:
        raise Refused(f"`pulumi preview` of {stack.name} ended with {done.returncode}, unreadable: {error}") from None
    if done.returncode and not found.errors:
        raise Refused(f"`pulumi preview` of {stack.name} ended with {done.returncode} and gave no reason")
    return found, done.returncode


def state(stack: Stack) -> list[dict[str, Any]]:
    """Every resource in the state, secrets encrypted. Raises Refused as `deployment` does."""
    return deployment(stack).get("resources") or []


def deployment(stack: Stack) -> dict[str, Any]:
    """What the backend has of the stack: its resources, and the operations that nobody has ended.

    Raises Refused when it has no such stack.
    """
    done = capture(stack, ["stack", "export", "--stack", stack.name])
    if done.returncode:
        hint = f"; `pulumi stack init {stack.name}` makes it, see docs/operating.md" * (
            done.returncode == NO_SUCH_STACK
        )
        raise Refused(f"the state of stack {stack.name} could not be read (exit code {done.returncode}){hint}")
    found: dict[str, Any] = json.loads(done.stdout).get("deployment") or {}
    return found
