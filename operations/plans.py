"""A reviewed plan: what a preview found, kept until it is carried out, and refused when it no longer fits.

A folder of two files: `plan.json`, the engine's own (written by `pulumi preview --save-plan`; secret values in it are
encrypted with the stack's key), and `review.json`, ours, which says for what it was made. A plan fits while the
committed files and the state are those it was made from. The engine holds `pulumi up --plan` to it besides.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from operations.changes import Preview
from operations.git import git
from operations.stacks import Refused, Stack

PLAN, REVIEW = "plan.json", "review.json"
LONGEST_DAYS = 7
# Differ between two saves of one and the same state: times, positions in the source, and the order of dependencies.
_RESTLESS = frozenset(
    {"created", "modified", "sourcePosition", "stackTrace", "dependencies", "propertyDependencies", "lastRead"}
)
_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 # Pulumi's mark of a secret value, not a secret


@dataclass(frozen=True, kw_only=True)
class Review:
    """For what a plan was made."""

    stack: str
    tree: str
    """Git's hash of all committed files: the same after a merge, a squash or a rebase of an up-to-date branch."""
    state: str
    digest: str
    """Of the changes, see `Preview.digest`."""
    plan: str
    """SHA-256 of the engine's plan."""
    made_at: int
    """Seconds since 1970."""
    late: Sequence[str]
    """Resources that appear only during the update, so that no plan has them; the engine would refuse them."""


def save(
    folder: Path, stack: Stack, preview: Preview, state: Iterable[Mapping[str, Any]], late: Sequence[str]
) -> Review:
    """Writes what belongs to the plan that the engine left in the folder."""
    review = Review(
        stack=stack.name,
        tree=tree(stack.root),
        state=fingerprint(state),
        digest=preview.digest,
        plan=_sha256(folder / PLAN),
        made_at=int(time.time()),
        late=sorted(late),
    )
    text = json.dumps(asdict(review), indent=2, sort_keys=True)
    (folder / REVIEW).write_text(text + "\n", encoding="utf-8")
    return review


def load(folder: Path) -> Review:
    """The review in the folder. Raises Refused when it is not there or not whole."""
    try:
        document = json.loads((folder / REVIEW).read_text(encoding="utf-8"))
        review = Review(**document)
        intact = _sha256(folder / PLAN) == review.plan
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"there is no reviewed plan in {folder} ({error}); `make plan STACK=<name>` makes one") from None
    if not intact:
        raise Refused(f"{folder / PLAN} is not the file that was reviewed; make a new plan")
    return review


def objections(review: Review, stack: Stack, state: Iterable[Mapping[str, Any]], now: float | None = None) -> list[str]:
    """Why the plan must not be carried out any more; empty when it still fits."""
    found = []
    if review.stack != stack.name:
        found.append(f"it was made for stack {review.stack}, not {stack.name}")
    if review.tree != tree(stack.root):
        found.append("the committed files are not those it was made from: something else was merged in between")
    if review.state != fingerprint(state):
        found.append("the stack has changed since: another update or a refresh came in between")
    days = ((time.time() if now is None else now) - review.made_at) / 86_400
    if days > LONGEST_DAYS:
        found.append(f"it is {days:.0f} days old, more than {LONGEST_DAYS}")
    return found


def fingerprint(state: Iterable[Mapping[str, Any]]) -> str:
    """Equal for two states with the same resources, inputs and outputs. Secret values do not enter: each save encrypts
    them anew."""
    lines = sorted(json.dumps(_settled(resource), sort_keys=True) for resource in state)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _settled(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _without_secrets(value) for key, value in resource.items() if key not in _RESTLESS}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return "secret" if _SECRET in value else {key: _without_secrets(inner) for key, inner in value.items()}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value


def tree(root: Path) -> str:
    """Git's hash of the committed files. Raises Refused outside a checkout, and when files differ from it."""
    changed = git(root, "status", "--porcelain", "--untracked-files=no")
    if changed:
        files = ", ".join(line[3:] for line in changed.splitlines()[:5])
        raise Refused(f"a plan is made from committed files only, but these differ: {files}. Commit or restore them")
    return git(root, "rev-parse", "HEAD^{tree}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
