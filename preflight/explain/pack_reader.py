"""Reads what a policy pack says of itself, without judging anything: run by the pack's own interpreter, in a process of
its own, as ``python pack_reader.py DIR FILE``; writes JSON to FILE.

Works for any pack in Python: its policies are what it hands to ``PolicyPack``. Controls below the policies are found by
their shape: objects in a list or tuple of a module of the pack that have an ``id``, a ``title`` and a ``fix``.
"""

import contextlib
import enum
import functools
import json
import os
import runpy
import sys
from collections.abc import Iterator
from typing import Any

_KEYS = ("id", "title", "severity", "level", "scope", "subjects", "why", "fix", "references", "packs", "own_packs")


class _Described(BaseException):
    """Ends the pack's program once it has said what it holds; nothing of the pack catches it by accident."""


def main(arguments: list[str]) -> None:
    """Runs the pack's program up to its call of `PolicyPack`."""
    directory, target = arguments
    os.chdir(directory)
    sys.path.insert(0, directory)
    import pulumi_policy  # noqa: PLC0415  only the pack's interpreter has it

    found: dict[str, Any] = {"name": "", "policies": [], "controls": []}

    def described(_self: Any, name: str, policies: Any = (), *_: Any, **__: Any) -> None:
        found["name"] = name
        found["policies"] = [_policy(policy) for policy in policies]
        raise _Described

    pulumi_policy.PolicyPack.__init__ = described  # type: ignore[assignment,method-assign]
    with contextlib.suppress(_Described):
        runpy.run_path(os.path.join(directory, "__main__.py"), run_name="__main__")
    found["controls"] = list(_controls(directory))
    with open(target, "w", encoding="utf-8") as file:
        json.dump(found, file)


def _policy(policy: Any) -> dict[str, Any]:
    schema = getattr(policy, "config_schema", None)
    return {
        "name": policy.name,
        "description": policy.description,
        "level": _plain(getattr(policy, "enforcement_level", None)),
        "severity": _plain(getattr(policy, "severity", None)),
        "remediation": _plain(getattr(policy, "remediation_steps", None)),
        "url": _plain(getattr(policy, "url", None)),
        "properties": _plain(getattr(schema, "properties", None)) or {},
    }


def _controls(directory: str) -> Iterator[dict[str, Any]]:
    home = os.path.realpath(directory) + os.sep
    seen: set[str] = set()
    real = functools.cache(os.path.realpath)  # many modules lie in one folder
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        if not file or not os.path.join(real(os.path.dirname(file)), "").startswith(home):
            continue
        for value in list(vars(module).values()):
            for each in value if isinstance(value, list | tuple) else ():
                if (
                    all(isinstance(getattr(each, key, None), str) for key in ("id", "title", "fix"))
                    and each.id not in seen
                ):
                    seen.add(each.id)
                    yield _control(each)


def _control(control: Any) -> dict[str, Any]:
    parameters = [
        {"name": each.name, "default": _shown(each), "meaning": str(getattr(each, "meaning", ""))}
        for each in getattr(control, "parameters", None) or ()
        if hasattr(each, "name")
    ]
    return {**{key: _plain(getattr(control, key, None)) for key in _KEYS}, "parameters": parameters}


def _shown(parameter: Any) -> Any:
    shown = getattr(parameter, "shown", None)
    return shown if shown is not None else _plain(getattr(parameter, "default", None))


def _plain(value: Any) -> Any:
    """As JSON has it: words of enumerations, sorted sets, nothing that is an object."""
    if isinstance(value, enum.Enum):
        return value.value if isinstance(value.value, str) else value.name.lower()
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(inner) for inner in value), key=str)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
