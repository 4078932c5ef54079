"""What Pulumi.yaml says about a project, and which stacks are committed beside it."""

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from preflight import yaml_source
from preflight.mistakes import guess
from preflight.yaml_source import Entry, Mapping, Scalar, Sequence, SourceError, plain

SUFFIXES = (".yaml", ".yml")
TYPES = ("string", "integer", "boolean", "array", "object")
_CONFIG_KEYS = frozenset({"type", "description", "items", "default", "value", "secret"})


class Declared(NamedTuple):
    """One entry of `config:` in Pulumi.yaml."""

    type: str | None
    fallback: Any  # a YAML node, or None when every stack must give a value
    secret: bool
    line: int


class Project(NamedTuple):
    """A Pulumi project whose program is written in Python."""

    directory: Path
    file: str
    name: str
    main: str | None
    interpreter: str
    stack_directory: Path
    config: dict[str, Declared]  # by full key
    notes: list[str]

    def stack_files(self) -> dict[str, Path]:
        """The committed stack files by stack name, sorted."""
        found: dict[str, Path] = {}
        for path in sorted(self.stack_directory.iterdir()) if self.stack_directory.is_dir() else ():
            first, _, stack = path.stem.partition(".")
            if first == "Pulumi" and stack and path.suffix in SUFFIXES and path.is_file():
                found.setdefault(stack, path)
        return found

    def shown(self, path: Path) -> str:
        """A path as messages name it: relative to the project when it lies inside."""
        return os.path.relpath(path, self.directory) if path.is_relative_to(self.directory) else str(path)


def open_project(directory: Path) -> Project:
    """Reads Pulumi.yaml of `directory`; SourceError names the line and the cure of whatever is wrong with it."""
    directory = Path(os.path.abspath(directory))
    if not directory.is_dir():
        raise SourceError(f"{directory}: there is no such folder; name the one that holds Pulumi.yaml with --program")
    file = next(
        (directory / f"Pulumi{suffix}" for suffix in SUFFIXES if (directory / f"Pulumi{suffix}").is_file()), None
    )
    if file is None:
        raise SourceError(_no_project(directory))
    shown = file.name
    document = yaml_source.read(file, shown)
    if document is None:
        raise SourceError(f"{shown}: the file is empty; it needs at least `name:` and `runtime: python`")
    if not isinstance(document, Mapping):
        raise SourceError(f"{shown}:{document.line}: a map of keys is wanted here, such as `name: my-project`")
    name = _text(document, "name", shown)
    if not name:
        raise SourceError(f"{shown}: `name:` is missing or empty; give the project a name, such as `name: my-project`")
    interpreter, notes = interpreter_of(document, directory, shown)
    main = _text(document, "main", shown)
    _check_program(directory, main, shown)
    stack_directory = _text(document, "stackConfigDir", shown) or ""
    config = document.entries.get("config")
    if config is not None and isinstance(config.value, Scalar) and isinstance(config.value.value, str):
        stack_directory, config = config.value.text, None  # the old meaning of `config:`, the folder of the stack files
    return Project(
        directory=directory, file=shown, name=name, main=main, interpreter=interpreter,
        stack_directory=directory / stack_directory, config=_declared(config, name, shown), notes=notes,
    )  # fmt: skip


def full_key(key: str, project: str) -> str:
    """`network` and `project:config:network` both mean `project:network`."""
    parts = key.split(":")
    if len(parts) == 1:
        return f"{project}:{key}"
    return f"{parts[0]}:{parts[2]}" if len(parts) == 3 and parts[1] == "config" else key


def nearest(word: str, known: list[str]) -> str:
    """`, did you mean 'x'?` when something known is close, otherwise nothing."""
    close = guess(word, known)
    return f", did you mean {close!r}?" if close is not None else ""


def _no_project(directory: Path) -> str:
    for above in directory.parents:
        if any((above / f"Pulumi{suffix}").is_file() for suffix in SUFFIXES):
            return f"{directory}: there is no Pulumi.yaml here, but there is one in {above}; use --program {above}"
    return f"{directory}: there is no Pulumi.yaml here; run this in the project's folder or name it with --program"


def _text(document: Mapping, key: str, shown: str) -> str | None:
    entry = document.entries.get(key)
    if entry is None:
        return None
    if not isinstance(entry.value, Scalar):
        raise SourceError(f"{shown}:{entry.line}: `{key}:` must be text, this is a {_kind(entry.value)}")
    return entry.value.text if entry.value.value is not None else None


def _kind(node: Any) -> str:
    return "list" if isinstance(node, Sequence) else "map" if isinstance(node, Mapping) else "plain value"


def interpreter_of(document: Mapping, directory: Path, shown: str) -> tuple[str, list[str]]:
    """The interpreter that `runtime:` asks for, and a note when it does not exist."""
    entry = document.entries.get("runtime")
    if entry is None:
        raise SourceError(f"{shown}: `runtime:` is missing; preflight runs Python programs, write `runtime: python`")
    runtime, options = entry.value, Mapping({}, entry.line)
    if isinstance(runtime, Mapping):
        given = runtime.entries.get("options")
        if given is not None and not isinstance(given.value, Mapping) and plain(given.value) is not None:
            raise SourceError(f"{shown}:{given.line}: `options:` must be a map, such as `virtualenv: .venv`")
        options = given.value if given and isinstance(given.value, Mapping) else options
        named = runtime.entries.get("name")
        runtime = named.value if named else runtime
    if not isinstance(runtime, Scalar):
        raise SourceError(f"{shown}:{entry.line}: `runtime:` must name a language; write `runtime: python`")
    if runtime.text != "python":
        raise SourceError(f"{shown}:{entry.line}: runtime is {runtime.text!r}; preflight runs Python programs only")
    folder = _text(options, "virtualenv", shown) or (".venv" if _text(options, "toolchain", shown) == "uv" else None)
    if folder is None:
        return sys.executable, []
    relative = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
    interpreter = directory / folder / relative
    if interpreter.exists():
        return str(interpreter), []
    return sys.executable, [
        f"The virtualenv {folder!r} of {shown} does not exist: the interpreter of preflight itself is used."
    ]


def _check_program(directory: Path, main: str | None, shown: str) -> None:
    entry = directory / (main or "")
    if entry.is_dir():
        entry /= "__main__.py"
    if not entry.is_file():
        file = os.path.relpath(entry, directory)
        if main:
            raise SourceError(
                f"{shown}: `main: {main}` names {file}, which does not exist; create it, or correct `main:`"
            )
        raise SourceError(
            f"{directory} has no {file}, with which a program begins; create it, or name the program's place with "
            f"`main:` in {shown}"
        )


def _declared(config: Entry | None, project: str, shown: str) -> dict[str, Declared]:
    if config is None or (isinstance(config.value, Scalar) and config.value.value is None):
        return {}
    if not isinstance(config.value, Mapping):
        raise SourceError(f"{shown}:{config.line}: `config:` must be a map of keys, this is a {_kind(config.value)}")
    return {full_key(key, project): _declaration(key, entry, shown) for key, entry in config.value.entries.items()}


def _declaration(key: str, entry: Entry, shown: str) -> Declared:
    node = entry.value
    if not isinstance(node, Mapping) or not node.entries or set(node.entries) - _CONFIG_KEYS:
        return Declared(None, node, False, entry.line)  # the short form, `key: value`
    kind = _text(node, "type", shown)
    if kind is not None and kind not in TYPES:
        raise SourceError(
            f"{shown}:{node.entries['type'].line}: the type {kind!r} of {key!r} is not known"
            f"{nearest(kind, list(TYPES))} (allowed: {', '.join(TYPES)})"
        )
    fallback = node.entries.get("default") or node.entries.get("value")
    secret = node.entries.get("secret")
    marked = secret is not None and isinstance(secret.value, Scalar) and secret.value.value is True
    return Declared(kind, fallback.value if fallback else None, marked, entry.line)
