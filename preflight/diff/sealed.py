"""Encrypted values of a stack file, which nobody can compare but by their ciphertext."""

from collections.abc import Iterator
from typing import Any

from preflight import yaml_source
from preflight.project import Project, full_key
from preflight.yaml_source import Mapping, Scalar, Sequence


def differing(base: Project, head: Project, stack: str) -> list[str]:
    """Keys whose ciphertext differs: a new value, or the same one encrypted anew. Files that cannot be read have none;
    the check says what is wrong with them."""
    old, new = (_sealed(project, stack) for project in (base, head))
    return sorted(key for key in {*old} & {*new} if old[key] != new[key])


def _sealed(project: Project, stack: str) -> dict[str, str]:
    path = project.stack_files().get(stack)
    if path is None:
        return {}
    try:
        document = yaml_source.read(path, path.name)
    except yaml_source.SourceError:
        return {}
    config = document.entries.get("config") if isinstance(document, Mapping) else None
    if config is None or not isinstance(config.value, Mapping):
        return {}
    return {
        place: text
        for key, entry in config.value.entries.items()
        for place, text in _ciphertexts(entry.value, full_key(key, project.name))
    }


def _ciphertexts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Sequence):
        for position, item in enumerate(node.items):
            yield from _ciphertexts(item, f"{path}[{position}]")
    elif isinstance(node, Mapping):
        sealed = node.entries.get("secure")
        if set(node.entries) == {"secure"} and sealed is not None and isinstance(sealed.value, Scalar):
            yield path, sealed.value.text
            return
        for key, entry in node.entries.items():
            yield from _ciphertexts(entry.value, f"{path}.{key}")
