"""A changed golden file is a change of what people run: it needs a line in the changelog, in the same change."""

from collections.abc import Sequence
from pathlib import Path

from operations.git import git
from operations.stacks import Refused

FOLDERS = ("tests/golden/",)
CHANGELOG = "CHANGELOG.md"


def check(root: Path, base: str) -> str:
    """Compares the working tree with where it left `base`. Returns a sentence, or raises Refused."""
    if not base or base.startswith("-"):
        raise Refused(
            f"compare with which commit? Say BASE=<commit or branch>, for example BASE=origin/main; given: {base!r}"
        )
    start = git(root, "merge-base", base, "HEAD")
    changed = git(root, "diff", "--name-only", "--no-renames", start).splitlines()
    changed += git(root, "ls-files", "--others", "--exclude-standard").splitlines()
    golden = [name for name in sorted(set(changed)) if name.startswith(FOLDERS)]
    if not golden:
        return "no golden file changed"
    if not _added(root, start):
        raise Refused(
            f"{', '.join(golden)} changed, but {CHANGELOG} has no new line. Say there what changes for whoever runs a "
            "stack, and why; a resource that is renamed also needs an alias"
        )
    return f"{len(golden)} golden files changed, and {CHANGELOG} says why"


def _added(root: Path, start: str) -> Sequence[str]:
    """New lines with words in them: neither a heading nor an empty line explains anything."""
    lines = git(root, "diff", "--unified=0", "--no-color", "--no-ext-diff", start, "--", CHANGELOG).splitlines()
    added = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    return [line for line in added if len(line.split()) >= 3 and not line.startswith("#")]
