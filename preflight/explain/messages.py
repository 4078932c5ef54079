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
_LONG = 24  # characters, which say it too: `an ARN, as arn:aws:...`
_FEW = 8  # letters of a short text, such as `is ..., ... is wanted`: it has to be all that a clause of the message says
_FEW_WORDS = 2  # where a clause begins with one: `conflicts with ...`
_FOLDERS = ("preflight", "settings", "policy")
_CLAUSE = 400  # characters at most: a longer one says more than a short text, and takes long to try
_EDGES = " ,.;:"  # what joins a clause to its neighbours
_KIND = re.compile(r"\b(" + "|".join(sorted({each.kind for each in INDEX}, key=len, reverse=True)) + r") error\b")
_PROBLEM = re.compile(r"\bproblem:(.*?)\bgiven:", re.DOTALL)  # of what stands before `given`, `allowed` and `change`
_MUTE = (ast.Name, ast.Load, ast.Store, ast.alias, ast.arg)
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
    "settings/stack_file.py": ("config", "docs/settings.md", ""),
    "settings/translation.py": ("config", "docs/settings.md", ""),
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
    holds it; of a mistake in a stack file by its problem. Empty where no part says it."""
    problem = _PROBLEM.search(subject)
    return (_found(problem[1]) if problem else []) or _found(subject)


def _found(subject: str) -> list[dict[str, Any]]:
    wanted = _flat(subject)
    if len(_spoken(wanted)) < 2 or len(wanted.split()) < _WORDS:
        return []
    given, clauses = _KIND.search(subject), _clauses(subject)
    said = ((text, _weight(text, wanted, clauses)) for folder in _FOLDERS for text in texts(folder))
    matching = [(text, weight) for text, weight in said if weight]
    most = max((weight for _, weight in matching), default=0)
    nearest = {(text.path, text.form): text for text, weight in matching if weight == most}
    alike = {place: _likeness(text, subject, clauses) for place, text in nearest.items()}
    best = max(alike.values(), default=None)
    chosen = [text for place, text in nearest.items() if alike[place] == best]
    return [_explained(text, given[1] if given else "") for text in chosen[:3]]


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
    passed: set[int] = set()
    for node in _nodes(ast.parse(source)):
        if id(node) in passed:
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            passed.add(id(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_re(node.func.value):
            passed |= {id(each) for each in node.args}  # patterns that are looked for, which nobody reads
        elif isinstance(node, ast.JoinedStr):
            passed |= {id(each) for each in node.values}
            said = [each.value if isinstance(each, ast.Constant) else None for each in node.values]
            yield from _text(name, node.lineno, [each if isinstance(each, str) else None for each in said])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= _FEW:
            yield from _text(name, node.lineno, [node.value])


def _is_re(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "re"


def _nodes(tree: ast.AST) -> list[ast.AST]:
    """As `ast.walk`, in a quarter of its time; what holds no text is left out."""
    found = [tree]
    for node in found:  # which grows meanwhile
        for part in vars(node).values():
            if type(part) is list:
                found += [each for each in part if isinstance(each, ast.AST) and type(each) not in _MUTE]
            elif isinstance(part, ast.AST) and type(part) not in _MUTE:
                found.append(part)
    return found


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
    least = _FEW_WORDS if _flat(parts[0]).strip(_EDGES) else _WORDS
    words = _flat("-".join(parts))  # `-` is what differs each time: what it joins, as in an ARN, is one word
    if _says(words) or _says_little(words, least):
        yield Text(name, line, tuple(parts))


def _says(words: str) -> bool:
    said = [word for word in _spoken(words) if len(word) > 1]
    return len(said) >= _WORDS and (len("".join(said)) >= _LETTERS or len(words) >= _LONG)


def _says_little(words: str, least: int) -> bool:
    """Enough for what has to be a clause as a whole; there `a` counts as a word."""
    said = _spoken(words)
    return len(said) >= least and len("".join(said)) >= _FEW


def _spoken(words: str) -> list[str]:
    return [word for word in words.split() if word.strip("'\"(),.;:-").isalpha()]


def _clauses(subject: str) -> frozenset[str]:
    """What a message says as a whole: all of it, each line, and what comes behind a colon of a line (`problem: ...`,
    the place that a message begins with)."""
    found = {subject, *subject.splitlines()}
    found |= {line[colon.end() :] for line in found for colon in re.finditer(r":\s", line)}
    return frozenset(_flat(each).strip(_EDGES) for each in found if len(each) <= _CLAUSE)


@cache
def _whole(parts: tuple[str, ...]) -> re.Pattern[str]:
    """A message that consists of these parts, and of something between them."""
    said = [re.escape(_flat(part)) for part in parts]
    if len(said) == 1:
        return re.compile(re.escape(_flat(parts[0]).strip(_EDGES)))
    said[0], said[-1] = (re.escape(_flat(parts[end]).strip(_EDGES)) for end in (0, -1))
    return re.compile(r"\s*\S.*?\s*".join(said))


def _is_whole(text: Text, clauses: frozenset[str]) -> bool:
    return any(_whole(text.parts).fullmatch(clause) for clause in clauses)


def _likeness(text: Text, subject: str, clauses: frozenset[str]) -> tuple[bool, int, bool]:
    """Of texts that account for equally much of a message the one that is all of a clause of it, then the one in the
    same case (`Open to the world` is a title), then the one from whose beginning it comes."""
    spoken, parts = " ".join(subject.split()), tuple(filter(None, (" ".join(part.split()) for part in text.parts)))
    return (
        _is_whole(text, clauses),
        _accounted(parts, _cut(parts), spoken),
        parts[0].startswith(spoken[: len(parts[0])]),
    )


def _weight(text: Text, wanted: str, clauses: frozenset[str]) -> int:
    """How many letters of a message the fixed parts of a text account for; 0 where it is another message."""
    parts = _flat_parts(text.parts)
    if not _speaks(text.parts):
        return sum(map(len, parts)) if _is_whole(text, clauses) else 0
    return _accounted(parts, _pieces(text.parts), wanted)


def _accounted(parts: Sequence[str], pieces: Sequence[str], wanted: str) -> int:
    at = 0
    for part in parts:
        if at >= 0:
            at = wanted.find(part, at)
            at += len(part) if at >= 0 else 0
        if wanted in part:
            return len(wanted)
    if at >= 0:
        return sum(map(len, parts))
    # a message that was not copied whole
    return next((len(piece) for piece in pieces if piece in wanted), 0)


@cache
def _speaks(parts: tuple[str, ...]) -> bool:
    return _says(" ".join(_flat_parts(parts)))


@cache
def _flat_parts(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(flat for part in parts if (flat := _flat(part)))


@cache
def _pieces(parts: tuple[str, ...]) -> tuple[str, ...]:
    return _cut(_flat_parts(parts))


def _cut(parts: Sequence[str]) -> tuple[str, ...]:
    """The parts of a text and the clauses of these, as far as they say something, the longest first."""
    pieces = {clause.strip() for part in parts for clause in (part, *re.split(r"[.,;:()]", part))}
    return tuple(sorted(filter(_says, pieces), key=len, reverse=True))


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
