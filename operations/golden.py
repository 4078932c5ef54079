"""Golden files hold what people run: a change of one is told in the changelog, and a released state never changes.

The changelog has a section for each version, the newest first: `## 0.2.0 (unreleased)` until it is released, then with
the day, `## 0.2.0 (2026-12-01)`. Dating the section releases the version: from then on the states under
`tests/golden/state` that bear its number are what people have deployed, and later code is previewed against them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.git import git
from operations.stacks import Refused

FOLDER = "tests/golden/"
STATES = f"{FOLDER}state/"
CHANGELOG = "CHANGELOG.md"
_HEADING = re.compile(r"## (?P<version>\d+\.\d+\.\d+) \((?:unreleased|(?P<day>\d{4}-\d{2}-\d{2}))\)")
_EVERY_STACK = re.compile(r"\b(every|each|both|all)( the| of the)?( committed)? stacks?\b", re.IGNORECASE)
_SHOWN = 10  # names in a message
_FEWEST = 4  # words that can say something


@dataclass(frozen=True, kw_only=True)
class Section:
    """The changelog of one version."""

    version: str
    day: str
    """On which it was released; empty while it is not."""
    lines: range
    """Numbers of its lines, from 1, without the heading."""

    @property
    def released(self) -> bool:
        """Whether people may have it."""
        return bool(self.day)


def sections(changelog: str) -> list[Section]:
    """The versions of a changelog. Raises Refused for a heading of another form: it might hide a release."""
    lines = changelog.splitlines()
    heads = [number for number, line in enumerate(lines, start=1) if line.startswith("## ")]
    found = []
    for place, end in zip(heads, [*heads[1:], len(lines) + 1], strict=True):
        heading = _HEADING.fullmatch(lines[place - 1].strip())
        if heading is None:
            raise Refused(
                f"{CHANGELOG}:{place}: {lines[place - 1]!r} is no heading of a version; write `## 1.2.3 (unreleased)`, "
                "and the day in place of the word when it is released: `## 1.2.3 (2026-12-31)`"
            )
        found.append(Section(version=heading["version"], day=heading["day"] or "", lines=range(place + 1, end)))
    return found


def released(changelog: str) -> frozenset[str]:
    """The versions that people may have."""
    return frozenset(section.version for section in sections(changelog) if section.released)


def check(root: Path, base: str) -> str:
    """Compares the working tree with where it left `base`. Returns a sentence, or raises Refused."""
    if not base or base.startswith("-"):
        raise Refused(
            f"compare with which commit? Say BASE=<commit or branch>, for example BASE=origin/main; given: {base!r}"
        )
    start = git(root, "merge-base", base, "HEAD")
    changed = git(root, "diff", "--name-only", "--no-renames", start, "--", FOLDER).splitlines()
    changed += git(root, "ls-files", "--others", "--exclude-standard", "--", FOLDER).splitlines()
    golden = sorted(set(changed))
    if not golden:
        return "no golden file changed"
    before = set(git(root, "ls-tree", "-r", "--name-only", start, "--", FOLDER, CHANGELOG).splitlines())
    _refuse_released(golden, before, git(root, "show", f"{start}:{CHANGELOG}") if CHANGELOG in before else "")
    told = _added(root, start)
    if not told:
        raise Refused(
            f"{', '.join(golden)} changed, but the unreleased section of {CHANGELOG} has no new line. Say there what "
            "changes for whoever runs a stack, and why; a resource that is renamed also needs an alias"
        )
    stacks = sorted({_stack(name) for name in golden})
    unnamed = [stack for stack in stacks if not _word(stack, told)]
    if unnamed and not _EVERY_STACK.search(told):
        raise Refused(
            f"golden files of {', '.join(stacks)} changed, but the new lines of {CHANGELOG} do not say that "
            f"{', '.join(unnamed)} changes: name it, or say `every stack`"
        )
    gone = [urn for name in golden if name.endswith(".urns") and name in before for urn in _gone(root, start, name)]
    untold = sorted({_short(urn) for urn in gone if not _named(urn, told)})
    if untold:
        more = f" and {len(untold) - _SHOWN} more" if len(untold) > _SHOWN else ""
        raise Refused(
            f"the new lines of {CHANGELOG} do not say that these go or get another URN: {', '.join(untold[:_SHOWN])}"
            f"{more}. Name each by its type or its name, or all at once by what their names begin with, in backquotes: "
            "`status`"
        )
    return f"{len(golden)} golden files changed, and {CHANGELOG} says why"


def _refuse_released(golden: Iterable[str], before: set[str], changelog: str) -> None:
    states = [name for name in golden if name in before and name.startswith(STATES)]
    frozen = released(changelog) if states else frozenset()
    touched = [name for name in states if _version(name) in frozen]
    if touched:
        raise Refused(
            f"{', '.join(touched)}: {CHANGELOG} dates {_version(touched[0])}, so people may have it deployed, and its "
            "state stays as it is (`git checkout` it). A change of the program is judged against it: "
            "docs/operating.md, Release a version"
        )


def _version(name: str) -> str:
    """`0.1.0` of `tests/golden/state/0.1.0.dev.json`."""
    return Path(name).stem.rpartition(".")[0]


def _stack(name: str) -> str:
    return Path(name).stem.rpartition(".")[2]


def _added(root: Path, start: str) -> str:
    """The new words of sections that are not released: neither a heading nor an empty line explains anything."""
    path = root / CHANGELOG
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    open_lines = {number for section in sections(text) if not section.released for number in section.lines}
    diff = git(root, "diff", "--unified=0", "--no-color", "--no-ext-diff", start, "--", CHANGELOG)
    new = " ".join(line.strip() for number, line in _new_lines(diff) if number in open_lines and line[:1] != "#")
    return new if len(re.findall(r"\w+", new)) >= _FEWEST else ""


def _new_lines(diff: str) -> Iterable[tuple[int, str]]:
    number = 0
    for line in diff.splitlines():
        if hunk := re.match(r"@@ -\S+ \+(\d+)", line):
            number = int(hunk[1])
        elif line.startswith("+") and not line.startswith("+++"):
            yield number, line[1:]
            number += 1


def _gone(root: Path, start: str, name: str) -> Sequence[str]:
    now = set((root / name).read_text(encoding="utf-8").splitlines()) if (root / name).is_file() else set()
    return [urn for urn in git(root, "show", f"{start}:{name}").splitlines() if urn not in now]


def _short(urn: str) -> str:
    head, _, name = urn.rpartition("::")
    return f"{head.rpartition('$')[2].rpartition('::')[2]}::{name}"


def _named(urn: str, told: str) -> bool:
    kind, _, name = _short(urn).rpartition("::")
    kind = kind.rpartition(":")[2].rpartition("/")[2]
    if _plain(kind) in _plain(told) or _word(name, told):
        return True
    return any(name == word or name.startswith(f"{word}-") for word in re.findall(r"`([^`]+)`", told))


def _word(word: str, text: str) -> bool:
    """Whether it stands there by itself, not as a part of a name or of a path."""
    return re.search(rf"(?<![\w./-]){re.escape(word)}(?![\w/-]|\.\w)", text) is not None


def _plain(text: str) -> str:
    """`NAT gateway`, `NatGateway` and `nat-gateway` are one."""
    return re.sub(r"[^a-z0-9]", "", text.lower())
