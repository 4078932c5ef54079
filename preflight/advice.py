"""What to do about an exception of the program that has one of a few frequent causes: the SDK of a provider that is
missing or of another version than the program was written for, a variable of the environment that is not set.
"""

import difflib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

_RENAMED = Path(__file__).with_name("renamed.json")

_ARGUMENT = re.compile(r"([\w.]+)\(\) got an unexpected keyword argument '(\w+)'")
_NAME = re.compile(r"cannot import name '(\w+)'")
_ATTRIBUTE = re.compile(r"module '(pulumi_[\w.]+)' has no attribute '(\w+)'")
_OTHER_VERSION = (
    "A program for another version: put that version into its requirements, or change it as the provider's migration "
    "guide says"
)


def advice(error: BaseException) -> str:
    """A sentence or two behind the text of the exception, or nothing."""
    if isinstance(error, ModuleNotFoundError):
        return _module(str(error.name))
    if isinstance(error, ImportError):
        found = _NAME.search(str(error))
        return _missing(str(error.name), found[1]) if found else ""
    if isinstance(error, AttributeError) and (found := _ATTRIBUTE.match(str(error))):
        return _missing(found[1], found[2])
    if isinstance(error, TypeError) and (found := _ARGUMENT.match(str(error))):
        return _not_taken(found[1], found[2], _made(error))
    if isinstance(error, AssertionError) and str(error).startswith("get can only be used with classes decorated"):
        return (
            ". Where a lookup asks for what a preview does not know, its result is not known: use the form with _output"
        )
    return _of_the_machine(error)


def _of_the_machine(error: BaseException) -> str:
    """What the program expects around it: a program to start, a variable of the environment."""
    if isinstance(error, FileNotFoundError) and error.filename == "pulumi":
        return (
            ". The program starts Pulumi itself (the Automation API). Preflight runs what such a stack runs: give it"
            " the inline program as that of a Pulumi.yaml"
        )
    if isinstance(error, KeyError) and error.args and _of_environment(error):
        return f". The environment variable {error.args[0]} is not set: set it for this run"
    return ""


def _module(name: str) -> str:
    package, _, inner = name.partition(".")
    if inner and package in sys.modules:
        return _missing(*name.rsplit(".", 1))
    published = f" ({name.replace('_', '-')})" if name.startswith("pulumi_") else ""
    return f". Is it installed in {sys.prefix}? Install the project's requirements{published}"


def _missing(module: str, name: str) -> str:
    if not module.startswith("pulumi_"):
        return ""
    loaded = sys.modules.get(module)
    names = [each for each in dir(loaded) if not each.startswith("_")] if loaded is not None else []
    return f". {_installed(module)} has no {module}.{name}{_near(name, names)}. {_OTHER_VERSION}"


def _not_taken(qualified: str, argument: str, made: type) -> str:
    """Of a resource, a type of arguments or a function of an SDK that takes no such argument; several may have its
    name, of which it is `made` where that is known."""
    name = qualified.removesuffix("._internal_init").removesuffix(".__init__")
    defined = list(_defined(name))
    for module, found in [each for each in defined if each[1] is made] or defined:
        taker: Any = getattr(found, "_internal_init", None) or (found.__init__ if isinstance(found, type) else found)  # type: ignore[misc]
        code = getattr(taker, "__code__", None)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code is not None else ()
        if argument in names:
            continue
        taken = [each for each in names if not each.startswith("_") and each not in ("self", "resource_name", "opts")]
        instead = _renamed(found, name, argument) or _near(argument, taken)
        return f". {_installed(module)} knows no argument {argument} of {name}{instead}. {_OTHER_VERSION}"
    return ""


def _made(error: BaseException) -> type:
    """The class of the resource whose own constructor raised, else that of nothing."""
    trace, found = error.__traceback__, None
    while trace is not None:
        found = trace.tb_frame.f_locals.get("__self__")
        trace = trace.tb_next
    return type(found)


def _renamed(taker: Any, name: str, argument: str) -> str:
    """What a class takes in the place of an argument that it had, or that other tools call so."""
    package, *inner = str(taker.__module__).split(".")
    place = f"{inner[0]}.{name}" if len(inner) > 1 else name
    instead = json.loads(_RENAMED.read_text(encoding="utf-8")).get(package, {}).get(place, {}).get(argument)
    return f" (instead: {instead})" if instead else ""


def _defined(name: str) -> Iterator[tuple[str, Any]]:
    for module in sorted(sys.modules):
        loaded = sys.modules[module]
        if module.startswith("pulumi_") and isinstance(loaded, ModuleType):
            found = vars(loaded).get(name)
            if callable(found) and getattr(found, "__module__", "").partition(".")[0] == module.partition(".")[0]:
                yield module, found


def _installed(module: str) -> str:
    from importlib import metadata  # noqa: PLC0415  only when a program fails

    package = module.partition(".")[0]
    try:
        return f"{package} {metadata.version(package.replace('_', '-'))}, which is installed,"
    except metadata.PackageNotFoundError:
        return f"The installed {package}"


def _near(name: str, names: list[str]) -> str:
    found = difflib.get_close_matches(name, names, n=2, cutoff=0.6)
    found += [each for each in names if each != name and name.endswith("_" + each) and each not in found][:1]
    return f" (near it: {', '.join(found)})" if found else ""


def _of_environment(error: BaseException) -> bool:
    trace, name = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        trace = trace.tb_next
    return name == "os"
