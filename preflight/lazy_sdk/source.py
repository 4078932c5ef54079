"""Reads a generated SDK source without running it: what a module exports, and the code of single classes.

Only used for what the memo does not hold. A function answers None for a text that is not of the generator's shape; the
module is then loaded the plain way. Shapes are judged by lines, because parsing the largest files takes seconds.
"""

import __future__

import ast
import contextlib
import gc
import marshal
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from inspect import CO_OPTIMIZED
from types import CodeType

_EXPORTS = re.compile(r"^__all__ = \[((?:\s*'\w+',?)*)\s*\]$", re.MULTILINE)
_CLASS = re.compile(r"^(?:@[\w.]+(?:\(.*\))?\n)*class (\w+)", re.MULTILINE)
_NOT_A_CLASS = re.compile(r"^(?!class |@[\w.]+(?:\(.*\))?$)\S", re.MULTILINE)
_SERVICE_LINE = re.compile(r"(?:#.*|(import .*|from \.\. import .*)|from \. import (\w+)|from \.(\w+) import \*|)\n")
_STAR = re.compile(r"^from \.(_inputs|_enums) import \*$", re.MULTILINE)
_QUOTED = re.compile(r"'([A-Z]\w*)'")
_HAS_DOCSTRING = 0x4000000  # CO_HAS_DOCSTRING of Python 3.14
_BARE_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def read(path: str) -> str:
    """The text of a source file (the generator writes UTF-8)."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def service_shape(text: str, read_sibling: Callable[[str], str]) -> tuple[bytes, dict[str, str]] | None:
    """A service's ``__init__``: code of its ordinary imports, and {exported name: submodule that defines it}.

    A name that stands for a submodule itself maps to the empty string.
    """
    if _SERVICE_LINE.sub("", text):
        return None
    ordinary, submodules, exports = [], dict[str, str](), dict[str, str]()
    for imports, submodule, star in _SERVICE_LINE.findall(text):
        if imports:
            ordinary.append(imports)
        elif submodule:
            submodules[submodule] = ""
        elif star:
            names = _exports(read_sibling(star))
            if names is None:
                return None
            submodules[star] = ""
            exports.update(dict.fromkeys(names, star))
    if not exports:
        return None
    code = compile("\n".join(ordinary), "<imports of a service>", "exec", dont_inherit=True)
    return marshal.dumps(code), submodules | exports


def types_shape(text: str, path: str) -> tuple[bytes, tuple[str, ...], bool] | None:
    """``_inputs``, ``outputs`` or ``_enums``: code of what precedes the first class, the names of the classes, and
    whether the module star-imports the enums."""
    names, classes = _exports(text), [found[1] for found in _CLASS.finditer(text)]
    if not classes or names is None or sorted(names) != sorted(classes):
        return None
    first = _CLASS.search(text)
    if first is None or _NOT_A_CLASS.search(text, first.start()):
        return None
    head = text[: first.start()]
    return marshal.dumps(compile(head, path, "exec", dont_inherit=True)), tuple(names), "_enums" in _STAR.findall(head)


def resource_shape(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A resource or lookup module: the type modules it star-imports, and the names that its forward references quote.

    ``...ArgsDict`` is left out: only signatures for editors name those, and nothing resolves them.
    """
    return tuple(_STAR.findall(text)), tuple(
        sorted(name for name in set(_QUOTED.findall(text)) if not name.endswith("ArgsDict"))
    )


def whole(text: str, path: str) -> bytes:
    """Marshalled code of a resource or lookup module, without what its functions say to people and to type checkers.

    Annotations become text: evaluating them is most of what running such a module costs. Pulumi asks for one in ten,
    and those are made again (see hints.py).
    """
    code = compile(text, path, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)
    return marshal.dumps(undocumented(code))


def undocumented(code: CodeType) -> CodeType:
    """The same code without the docstrings of its functions; those of modules and classes stay.

    A docstring is the first constant. Until Python 3.13 a function without one begins with None, from 3.14 a flag
    tells; a comprehension, which may begin with any constant, has a name in angle brackets.
    """
    constants = [undocumented(value) if isinstance(value, CodeType) else value for value in code.co_consts]
    is_function = code.co_flags & _HAS_DOCSTRING if sys.version_info >= (3, 14) else code.co_flags & CO_OPTIMIZED
    if is_function and not code.co_name.startswith("<") and constants and isinstance(constants[0], str):
        constants[0] = "" if sys.version_info >= (3, 14) else None
    return code.replace(co_consts=tuple(constants))


class Slices:
    """The classes of one type module, each compiled by itself."""

    def __init__(self, text: str, path: str) -> None:
        self._path = path
        starts = [(found[1], found.start()) for found in _CLASS.finditer(text)]
        ends = [start for _, start in starts[1:]] + [len(text)]
        self._texts: dict[str, tuple[str, int]] = {}
        line, seen = 0, 0
        for (name, start), end in zip(starts, ends, strict=True):
            line, seen = line + text.count("\n", seen, start), start
            self._texts[name] = text[start:end], line

    def compile(self, name: str, owner: Callable[[str], str | None]) -> bytes:
        """Marshalled code that defines one class, without docstrings and with its lines where the file has them.

        A forward reference ``'X'`` becomes ``'<owner of X>.X'``: resolving it then asks a lazy module for an attribute,
        whereas the bare name would be looked up in the dictionary of a module in which X is not defined yet.
        """
        text, line = self._texts[name]
        words = _BARE_NAME.findall(text)
        if words.count(name) == 1 and not any(map(owner, {*words} - {name})):  # it refers to none, as most of them
            code = compile(text, self._path, "exec", dont_inherit=True, optimize=2)
        else:
            code = self._qualified(text, owner)
        return marshal.dumps(_moved(code, line))

    def _qualified(self, text: str, owner: Callable[[str], str | None]) -> CodeType:
        def qualified(found: re.Match[str]) -> str:
            module = owner(found[0])
            return f"{module}.{found[0]}" if module else found[0]

        with _uncollected():
            tree = ast.parse(text)
        for node in _annotations(tree.body):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    part.value = _BARE_NAME.sub(qualified, part.value)
        return compile(tree, self._path, "exec", dont_inherit=True, optimize=2)


def _moved(code: CodeType, lines: int) -> CodeType:
    """The same code so many lines further down in its file: since Python 3.11 other lines are told from its first."""
    constants = tuple(_moved(value, lines) if isinstance(value, CodeType) else value for value in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + lines, co_consts=constants)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: what it ends may parse too, as the traceback of a future that nobody awaited does.

    CPython 3.11 counts the depth of all parsers in one place, and ends the outer with "AST constructor recursion depth
    mismatch" (seen with 3.11.7).
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _annotations(body: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """Those of all statements; expressions have none."""
    for node in body:
        if isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            several = (given.vararg, given.kwarg, *given.posonlyargs, *given.args, *given.kwonlyargs)
            yield from (one.annotation for one in several if one is not None and one.annotation is not None)
            if node.returns is not None:
                yield node.returns
        for part in ("body", "orelse", "handlers", "finalbody", "cases"):
            yield from _annotations(getattr(node, part, ()))


def _exports(text: str) -> list[str] | None:
    found = _EXPORTS.search(text)
    if found is None or text.count("__all__") != 1:
        return None
    return re.findall(r"'(\w+)'", found[1])
