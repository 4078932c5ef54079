"""What the engine refuses of the files that a program hands on: those that are not there, or of another kind."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from preflight import wire
from preflight.faults import Fault
from preflight.registry import Entry

_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".jar")  # by which the engine knows one (pulumi v3.259, archive.go)
_PLAIN = (str, int, float, type(None))  # bool is an int
_ELSEWHERE = ("git@", "github.com/", "gitlab.com/", "bitbucket.org/")
# Where Docker is told a folder and a file: the plugin reads both before anything is built.
_BUILDS = {
    "docker-build:index:Image": (("context", "location"), ("dockerfile", "location")),
    "docker:index/image:Image": (("build", "context"), ("build", "dockerfile")),
}


def faults(entries: Iterable[Entry], directory: str) -> Iterator[Fault]:
    """Of files and archives anywhere in the inputs, and of local build contexts, relative to the program's working
    `directory`. To be asked when the program has ended: until then it may write them. What depends on another resource
    may be made by that one, and is not looked for."""
    for entry in entries:
        if entry.external:
            continue
        known = {key: value for key, value in entry.inputs.items() if not entry.property_dependencies.get(key)}
        told = [problem for key, value in known.items() for problem in _missing(value, directory, key)]
        for place, problem in dict.fromkeys([*told, *_missing_build(entry.type, known, directory)]):
            message = f"{entry.type} '{entry.name}': {place}: {problem}"
            yield Fault(kind="refused", message=message, source=entry.source, urn=entry.urn)


def _missing(value: Any, directory: str, place: str, *, hidden: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for element in value:
            if not isinstance(element, _PLAIN):
                yield from _missing(element, directory, place, hidden=hidden)
    elif isinstance(value, dict):
        mark, path = value.get(wire.SIGNATURE), value.get("path")
        if mark in (wire.ASSET, wire.ARCHIVE) and isinstance(path, str):
            if problem := _problem(path, directory, archive=mark == wire.ARCHIVE, shown=not hidden):
                yield place, problem
            return
        hidden = hidden or mark == wire.SECRET or (mark == wire.OUTPUT and value.get("secret") is True)
        for element in value.values():
            if not isinstance(element, _PLAIN):
                yield from _missing(element, directory, place, hidden=hidden)


def _problem(path: str, directory: str, *, archive: bool, shown: bool) -> str:
    """What is wrong with it, nothing where it can be read as what it is meant to be."""
    place = os.path.join(directory, path)
    name = f"{path!r}{_looked_at(path)}" if shown else "a path that is secret"
    if not os.path.exists(place):
        return f"there is no such {'folder or archive' if archive else 'file'}: {name}"
    if not archive and os.path.isdir(place):
        return f"{name} is a folder, where a file is wanted: a FileArchive takes folders"
    if archive and os.path.isfile(place) and not path.lower().endswith(_ARCHIVES):
        return f"{name} is neither a folder nor an archive ({', '.join(_ARCHIVES)}): a FileAsset takes any file"
    return ""


def _missing_build(type_token: str, inputs: dict[str, Any], directory: str) -> Iterator[tuple[str, str]]:
    for keys in _BUILDS.get(type_token, ()):
        path = wire.flat(inputs.get(keys[0]))
        path = path.get(keys[1]) if isinstance(path, dict) else None
        if isinstance(path, str) and _is_local(path) and not os.path.exists(os.path.join(directory, path)):
            yield ".".join(keys), f"there is no such file or folder: {path!r}{_looked_at(path)}"


def _is_local(path: str) -> bool:
    """Whether it surely is a path of this machine: Docker also takes URLs, repositories and - for standard input."""
    elsewhere = "://" in path or path.startswith(_ELSEWHERE) or path in ("", "-")
    return not elsewhere and wire.UNKNOWN not in path


def _looked_at(path: str) -> str:
    return "" if os.path.isabs(path) else " (looked for in the program's working directory)"
