"""What the checkout says."""

import subprocess
from pathlib import Path

from operations.stacks import Refused


def git(root: Path, *arguments: str) -> str:
    """What `git` prints, without the last line feed. Raises Refused when it fails."""
    done = subprocess.run(  # noqa: S603 # a list, no shell
        ["git", *arguments],  # noqa: S607 # git is where the PATH says
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"`git {' '.join(arguments)}` failed in {root}: {done.stderr.strip()}")
    return done.stdout.rstrip("\n")
