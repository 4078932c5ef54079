"""What preflight says anywhere, found in its own source: the last resort of `explain` for a message that has no entry
in `errors.json`. It says which part says it, in which general form, and where to read on; it invents no cause."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from preflight.explain.errors import INDEX, Mistake

_ROOT = Path(__file__).resolve().parents[2]
_ELLIPSIS = "..."  # where the message holds what is different each time
_WORDS, _LETTERS = 3, 12  # fewer words and letters than these say nothing about where they are from
_FOLDERS = (("preflight", "settings"), ("policy",))  # in this order: reading all of it takes a second or two
_KIND = re.compile(r"\b(" + "|".join(sorted({each.kind for each in INDEX}, key=len, reverse=True)) + r") error\b")
_TABLES = ("preflight/simulation/identities.json", "preflight/simulation/deletions.json")

# Where a part of preflight is described: by the beginning of its path, of which the longest counts. The kind of error
# that it leads to, where it is always the same.
SECTIONS: dict[str, tuple[str, str, str]] = {
    "policy/": ("", "docs/policies.md", "Controls"),
    "preflight/": ("", "docs/preflight.md", "How it runs"),
    "preflight/address_check.py": ("refused", "docs/preflight.md", "What the provider refuses"),
    "preflight/advice.py": ("", "docs/preflight.md", "Wrong input"),
    "preflight/answers.py": ("", "docs/cost.md", "Your own figures"),
    "preflight/arguments.py": ("", "docs/preflight.md", "Options"),
    "preflight/between/": ("", "docs/preflight.md", "What the provider refuses"),
    "preflight/cli.py": ("", "docs/preflight.md", "Options"),
    "preflight/cost/": ("", "docs/cost.md", "What is counted how"),
    "preflight/cost/refresh.py": ("", "docs/cost.md", "Prices"),
    "preflight/cost/usage.py": ("", "docs/cost.md", "Your own figures"),
    "preflight/diff/": ("", "docs/preflight.md", "What changes"),
    "preflight/explain/": ("", "docs/preflight.md", "Explain"),
    "preflight/file_check.py": ("refused", "docs/preflight.md", "What the provider refuses"),
    "preflight/findings.py": ("", "docs/preflight.md", "Verdicts"),
    "preflight/guard.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/lazy_sdk/": ("", "docs/preflight.md", "The lazy loader and `--plain`"),
    "preflight/lookups.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/mistakes.py": ("", "docs/preflight.md", "Wrong input"),
    "preflight/options.py": ("", "docs/preflight.md", "Options"),
    "preflight/launcher.py": ("", "docs/preflight.md", "Exit codes"),
    "preflight/pack": ("", "docs/preflight.md", "Verdicts"),
    "preflight/page/": ("", "docs/preflight.md", "Page and picture"),
    "preflight/picture/": ("", "docs/preflight.md", "Page and picture"),
    "preflight/program.py": ("", "docs/preflight.md", "Exit codes"),
    "preflight/project.py": ("", "docs/preflight.md", "Wrong input"),
    "preflight/provider_check.py": ("refused", "docs/preflight.md", "What the provider refuses"),
    "preflight/providers.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/reach/": ("", "docs/preflight.md", "Reach"),
    "preflight/references.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/registry.py": ("", "docs/preflight.md", "Wrong input"),
    "preflight/remote": ("", "docs/preflight.md", "Differences from the engine"),
    "preflight/report.py": ("", "README.md", "What preflight prints"),
    "preflight/resilience/": ("", "docs/preflight.md", "Resilience"),
    "preflight/scaling/": ("", "docs/scaling.md", "Simulate before you deploy"),
    "preflight/sdk_speed/": ("", "docs/preflight.md", "The lazy loader and `--plain`"),
    "preflight/simulation/": ("refused", "docs/preflight.md", "What the provider refuses"),
    "preflight/simulation/changes.py": ("", "docs/preflight.md", "What changes"),
    "preflight/simulation/default_vpc.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/simulation/deletions.": ("", "docs/preflight.md", "What changes"),
    "preflight/simulation/durations.py": ("", "docs/preflight.md", "Cost and time"),
    "preflight/simulation/holders.py": ("", "docs/preflight.md", "What changes"),
    "preflight/simulation/identities.": ("", "docs/preflight.md", "What changes"),
    "preflight/simulation/lookups.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/simulation/made.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/simulation/refusals.py": ("", "docs/preflight.md", "What changes"),
    "preflight/simulation/stand_ins.py": ("", "docs/preflight.md", "What is unknown, secret, or looked up"),
    "preflight/stack_config.py": ("", "docs/preflight.md", "Wrong input"),
    "preflight/summary.py": ("", "README.md", "What preflight prints"),
    "preflight/summary_risks.py": ("", "docs/preflight.md", "Reach"),
    "preflight/timeline.py": ("", "docs/preflight.md", "Cost and time"),
    "preflight/turns.py": ("", "docs/preflight.md", "Cost and time"),
    "preflight/transforms.py": ("", "docs/preflight.md", "Differences from the engine"),
    "preflight/worker.py": ("", "docs/preflight.md", "Exit codes"),
    "preflight/yaml_source.py": ("", "docs/preflight.md", "Wrong input"),
    "settings/": ("", "docs/settings.md", ""),
}


class Text(NamedTuple):
    """One text of the source: its fixed parts, what stands between them being different each time."""

    path: str
    line: int
    parts: tuple[str, ...]

    @property
    def form(self) -> str:
        """As one would write it down: `... is none of ...`."""
        return " ".join(re.sub(r"(?:\.\.\.){2,}", _ELLIPSIS, _ELLIPSIS.join(self.parts)).split())


def found(subject: str) -> list[dict[str, Any]]:
    """The explanation of a message by the part that says it: the longest text of the source that it holds, or that
    holds it. Empty where no part says it."""
    wanted = _flat(subject)
    if not _says(wanted):
        return []
    given = _KIND.search(subject)
    for folders in _FOLDERS:
        said = [text for folder in folders for text in texts(folder)]
        matching = [(weight, text) for text in said if (weight := _weight(text, wanted))]
        most = max((weight for weight, _ in matching), default=0)
        nearest = {(text.path, text.form): text for weight, text in matching if weight == most}
        if nearest:
            return [_explained(text, given[1] if given else "") for text in list(nearest.values())[:3]]
    return []


def section(path: str) -> tuple[str, str, str]:
    """The kind of error of a part, and the document and heading that describe it."""
    return SECTIONS[max((start for start in SECTIONS if path.startswith(start)), key=len)]


@cache
def texts(folder: str) -> tuple[Text, ...]:
    """Every text of a folder's source that is long enough to be known by, docstrings apart; and of its tables."""
    return tuple(_texts(folder))


def _texts(folder: str) -> Iterator[Text]:
    for path in sorted((_ROOT / folder).rglob("*.py")):
        name = path.relative_to(_ROOT).as_posix()
        if name != "preflight/explain/messages.py":
            yield from _of_module(name, path.read_text(encoding="utf-8"))
    for name in (each for each in _TABLES if each.startswith(f"{folder}/")):
        for number, line in enumerate((_ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            for given in re.findall(r'": ?"((?:[^"\\]|\\.)*)"', line):
                yield from _text(name, number, [given.replace('\\"', '"')])


def _of_module(name: str, source: str) -> Iterator[Text]:
    tree = ast.parse(source)
    passed = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            passed |= {id(each) for each in node.values}
            said = [each.value if isinstance(each, ast.Constant) else None for each in node.values]
            yield from _text(name, node.lineno, [each if isinstance(each, str) else None for each in said])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _text(name, node.lineno, [node.value])


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _text(name: str, line: int, said: Sequence[str | None]) -> Iterator[Text]:
    """A text with what changes between its parts, also where it is filled in later: `{0}`, `%s`."""
    parts = [""]
    for each in said:
        if each is None:
            parts.append("")
        else:
            first, *rest = re.split(r"\{\w*\}|%[sd]", each)
            parts[-1] += first
            parts += rest
    if _says(_flat(" ".join(parts))):
        yield Text(name, line, tuple(parts))


def _says(words: str) -> bool:
    said = [word for word in words.split() if len(word) > 1 and word.strip("'\"(),.;:-").isalpha()]
    return len(said) >= _WORDS and len("".join(said)) >= _LETTERS


def _weight(text: Text, wanted: str) -> int:
    """How many letters of a message the fixed parts of a text account for; 0 where it is another message."""
    parts = [flat for part in text.parts if (flat := _flat(part))]
    if any(wanted in part for part in parts):
        return len(wanted)
    at = 0
    for part in parts:
        at = wanted.find(part, at)
        if at < 0:  # a message that was not copied whole
            pieces = {piece for each in parts for piece in (each, *_clauses(each)) if piece in wanted}
            return max((len(piece) for piece in pieces if _says(piece)), default=0)
        at += len(part)
    return sum(map(len, parts))


@cache
def _clauses(part: str) -> tuple[str, ...]:
    return tuple(clause.strip() for clause in re.split(r"[.,;:()]", part))


@cache
def _flat(words: str) -> str:
    return " ".join(words.lower().split())


def _explained(text: Text, given: str) -> dict[str, Any]:
    kind, document, heading = section(text.path)
    known: Mistake | None = next((each for each in INDEX if each.kind == (given or kind) and not each.part), None)
    return {
        "kind": "message",
        "name": text.form,
        "part": text.path,
        "about": _about(text.path),
        "error": known.kind if known else None,
        "cause": known.cause if known else None,
        "cure": known.cure if known else None,
        "exitCode": known.code if known else None,
        "readOn": f"{document}, {heading}" if heading else document,
    }


def _about(path: str) -> str | None:
    """What the part is for: the first sentence of its docstring."""
    if not path.endswith(".py"):
        return None
    told = ast.get_docstring(ast.parse((_ROOT / path).read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=[.:;])\s", " ".join(told.split()), maxsplit=1)[0].rstrip(".:;") or None
