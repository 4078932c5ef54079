"""What to do about an exception of the program that has one of a few frequent causes: the SDK of a provider that is
missing or of another version than the program was written for, a variable of the environment that is not set.
"""

import difflib
import json
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

_RENAMED = Path(__file__).with_name("renamed.json")

_ARGUMENT = re.compile(r"([\w.]+)\(\) got an unexpected keyword argument '(\w+)'")
_REQUIRED = re.compile(r"Missing required property '(\w+)'")
_NAME = re.compile(r"cannot import name '(\w+)'")
_ATTRIBUTE = re.compile(r"module '(pulumi_[\w.]+)' has no attribute '(\w+)'")
_NO_RESOURCES = ("Args", "ArgsDict", "Result")  # what the names of other classes end in
_OTHER_VERSION = (
    "A program for another version: put that version into its requirements, or change it as the provider's migration "
    "guide says"
)

_ENDED = ". Python ends the program there: what would come after it is not judged"


def advice(error: BaseException) -> str:
    """A sentence or two behind the text of the exception, or nothing."""
    if isinstance(error, ModuleNotFoundError):
        return _module(str(error.name))
    if isinstance(error, ImportError):
        found = _NAME.search(str(error))
        return _missing(str(error.name), found[1]) if found else ""
    for kind, pattern, say in ((AttributeError, _ATTRIBUTE, _missing), (TypeError, _ARGUMENT, _not_taken)):
        if isinstance(error, kind) and (found := pattern.match(str(error))):
            return say(found[1], found[2], error)
    if isinstance(error, TypeError) and (found := _REQUIRED.match(str(error))):
        return _lacking(found[1], error)
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


def _missing(module: str, name: str, _: object = None) -> str:
    if not module.startswith("pulumi_"):
        return ""
    loaded = sys.modules.get(module)
    names = [each for each in dir(loaded) if not each.startswith("_")] if loaded is not None else []
    if not name.endswith(_NO_RESOURCES):
        names = [each for each in names if not each.endswith(_NO_RESOURCES)]
    return f". {_installed(module)} has no {module}.{name}{_near(name, names)}. {_OTHER_VERSION}"


def _not_taken(qualified: str, argument: str, error: BaseException) -> str:
    """Of a resource, a type of arguments or a function of an SDK that takes no such argument: this one, and whatever
    else it was given and does not take. Of several classes of its name it is the one that was made."""
    name = qualified.removesuffix("._internal_init").removesuffix(".__init__")
    defined, made = [*_defined(name)], _made(error)
    for module, found in [each for each in defined if each[1] is made] or defined:
        taker: Any = getattr(found, "_internal_init", None) or (found.__init__ if isinstance(found, type) else found)  # type: ignore[misc]
        code = getattr(taker, "__code__", None)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code is not None else ()
        if argument in names:
            continue
        taken = [each for each in names if not each.startswith("_") and each not in ("self", "resource_name", "opts")]
        resource, given = _constructed(error)
        strays = [argument, *sorted({*given} - {*names, argument})]
        said = ", ".join(f"{each} of {name}{_renamed(found, name, each) or _near(each, taken)}" for each in strays)
        return f". {_of(resource)}{_installed(module)} knows no argument {said}. {_OTHER_VERSION}{_ENDED}"
    return ""


def _lacking(argument: str, error: BaseException) -> str:
    """Of a resource of an SDK: all arguments that it needs and was not given."""
    resource, given = _constructed(error)
    asked = [each for frame in _frames(error)[-1:] for each in frame.f_code.co_consts if isinstance(each, str)]
    needed = [found[1] for each in asked if (found := _REQUIRED.fullmatch(each))]
    others = [each for each in needed if each != argument and given.get(each) is None]
    also = f"; {', '.join(others)} {'is' if len(others) == 1 else 'are'} missing too" if others else ""
    return f". {_of(resource)}{argument} has to be given{also}{_ENDED}" if resource else ""


def _of(resource: str) -> str:
    return f"{resource!r}: " if resource else ""


def _constructed(error: BaseException) -> tuple[str, dict[str, Any]]:
    """Name and arguments of the resource of an SDK whose constructor failed; empty where it was none."""
    for frame in _frames(error):
        if frame.f_code.co_name == "__init__" and str(frame.f_globals.get("__name__")).startswith("pulumi_"):
            given = frame.f_locals
            if "resource_name" in given:
                return str(given["resource_name"]), dict(given.get("kwargs") or {})
    return "", {}


def _made(error: BaseException) -> type:
    """The class of the resource whose own constructor raised, else that of nothing."""
    return next((type(frame.f_locals.get("__self__")) for frame in _frames(error)[-1:]), type(None))


def _frames(error: BaseException) -> list[FrameType]:
    """Those that it went through; it was raised in the last."""
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


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
    return [frame.f_globals.get("__name__") for frame in _frames(error)[-1:]] == ["os"]
