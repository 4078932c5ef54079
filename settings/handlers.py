"""What the source of a function says about its handler, without running it. Pure."""

import ast
import re
import warnings
from pathlib import Path, PurePosixPath
from typing import NamedTuple

# Sources above it are made by a bundler and are not looked into: reading one would take longer than the program.
_SOURCE_MOST = 256 * 1024  # bytes
# What can bind names of a module that its text does not show.
_BINDS_UNSEEN = frozenset({"exec", "eval", "globals", "setattr", "__getattr__"})
_BINDS_UNSEEN_OUTSIDE = frozenset({"locals", "vars"})  # in a function they are the function's
_BINDS_UNSEEN_OF = frozenset({"modules", "__dict__"})  # sys.modules[__name__], module.__dict__


class Handler(NamedTuple):
    """A handler as its runtime takes it apart: path of the module in the folder without an ending, and name in it."""

    path: str
    name: str

    @property
    def first(self) -> str:
        """What the module itself has to offer; the rest leads further into it (Node only)."""
        return self.name.partition(".")[0]


class Offered(NamedTuple):
    """What a module offers by its text: every name, and those that are meant to be called."""

    names: frozenset[str]
    functions: tuple[str, ...]


class Language(NamedTuple):
    """How a runtime finds a module: what its file may end in, in the order in which they are tried."""

    endings: tuple[str, ...]
    dotted: bool
    """Whether the module's name has dots for folders, and the function stands behind the last one; otherwise behind
    the first one of the file's name, and what follows it leads further into what the module exports."""

    def split(self, handler: str) -> Handler | None:
        """None if it names no function of a module."""
        if self.dotted:
            module, _, name = handler.rpartition(".")
            path = module.replace(".", "/")
        else:
            folder, slash, rest = handler.rpartition("/")
            stem, _, name = rest.partition(".")
            path = f"{folder}{slash}{stem}" if stem else ""
        return Handler(path, name) if path and name else None

    def file(self, folder: Path, path: str) -> str | None:
        """The file of a module, relative to `folder`; None if there is none in it."""
        if _leads_out(path):
            return None
        return next((path + ending for ending in self.endings if (folder / (path + ending)).is_file()), None)

    def unread(self, folder: Path, path: str) -> bool:
        """Whether the module may be something that is not looked into: compiled, or a package that is installed."""
        if _leads_out(path):
            return False
        if self.dotted:
            *above, module = PurePosixPath(path).parts
            parent = folder.joinpath(*above)
            beside = parent.iterdir() if parent.is_dir() else ()
            return any(file.name.startswith(f"{module}.") and file.suffix in (".so", ".pyc") for file in beside)
        first = PurePosixPath(path).parts[0]
        return first == "node_modules" or (folder / "node_modules" / first).exists()

    def offered(self, source: bytes) -> Offered | None:
        """What a module offers; None where its text alone does not tell."""
        if len(source) > _SOURCE_MOST:
            return None
        return _of_python(source) if self.dotted else _of_node(source)


# Runtime, by the beginning of its name. As the runtimes' own clients look for a module (aws-lambda-python-runtime-
# interface-client `bootstrap.py`, aws-lambda-nodejs-runtime-interface-client `UserFunction.js`, read 2026-11).
_LANGUAGES = {
    "python": Language(("/__init__.py", ".py"), dotted=True),
    "nodejs": Language(("", ".js", ".mjs", ".cjs"), dotted=False),
}


def language(runtime: str) -> Language | None:
    """None for languages of which nothing is known: compiled ones, and runtimes of one's own."""
    return next((found for name, found in _LANGUAGES.items() if runtime.startswith(name)), None)


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ".." in PurePosixPath(path).parts


def _of_python(source: bytes) -> Offered | None:
    found = _Bound()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in texts, which are not ours to judge
            found.visit(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # perhaps written for a later Python than this one
    return None if found.unseen else Offered(frozenset(found.names), tuple(found.functions))


class _Bound(ast.NodeVisitor):
    """Every name that a module binds, under whatever condition."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.functions: dict[str, None] = {}
        self.unseen = False
        self._inside = 0  # functions and classes around

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self._bind(node.name)
        if isinstance(node, ast.FunctionDef) and not self._inside and not node.name.startswith("_"):
            self.functions[node.name] = None
        self._inside += 1
        self.generic_visit(node)
        self._inside -= 1

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815
    visit_ClassDef = visit_FunctionDef  # noqa: N815

    def visit_Global(self, node: ast.Global) -> None:
        self.names.update(node.names)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.unseen = True
            self._bind(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self._bind(node.name)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._bind(node.rest)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        else:
            self.unseen |= node.id in _BINDS_UNSEEN or (node.id in _BINDS_UNSEEN_OUTSIDE and not self._inside)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.unseen |= node.attr in _BINDS_UNSEEN_OF
        self.generic_visit(node)

    def _bind(self, name: str | None) -> None:
        if name is not None and not self._inside:
            self.names.add(name)
            self.unseen |= name in _BINDS_UNSEEN


# The words of JavaScript. A template with another one inside ends too early here, which its braces show.
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)
      |(?P<word>[A-Za-z_$\u0080-\U0010ffff][\w$]*)
      |(?P<number>\.?\d[\w.]*)
      |(?P<sign>\.\.\.|=>|[=!]==?|[-+*/%&|^<>?]*=(?![=>])|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
_EXPRESSION = re.compile(r"/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
# After these a slash begins a regular expression; after anything else it divides.
_BEFORE_AN_EXPRESSION = frozenset("(,=:[!&|?{;+-*%<>~^")
_BEFORE_EITHER = frozenset(")}")  # what was opened long before decides: `if (a) /b/.test(c)`, `(a + b) / c`
_WORDS_BEFORE_AN_EXPRESSION = frozenset({"return", "typeof", "case", "in", "of", "delete", "void", "throw", "await"})
_UNCLEAR = frozenset("\"'`\\")  # a string that does not end, or a name written with its code
_CLOSING = {")": "(", "]": "[", "}": "{"}


class _UnclearError(Exception):
    """The text does not tell what the module exports."""


class _Word(NamedTuple):
    kind: str
    text: str
    depth: int
    """How many brackets are open around it."""


def _of_node(source: bytes) -> Offered | None:
    try:
        names = _exported(_words(source.decode()))
    except (UnicodeDecodeError, _UnclearError):
        return None
    return Offered(frozenset(names), tuple(sorted(names - {"__esModule"})))


def _words(text: str) -> list[_Word]:
    """Raises _UnclearError where brackets do not close, a template holds another one, or a slash may be either."""
    found: list[_Word] = []
    opened: list[str] = []
    position = text.find("\n") if text.startswith("#!") else 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        if text[position] == "/" and text[position + 1 : position + 2] not in ("/", "*") and _either(found):
            raise _UnclearError
        match = _EXPRESSION.match(text, position) if _an_expression_begins(found) else None
        kind = "string"
        if match is None:
            match = _TOKEN.match(text, position)
            kind = str(match.lastgroup) if match else ""
        word = match[0] if match else "\\"
        if match is None or word in _UNCLEAR or (word.startswith("`") and word.count("{") != word.count("}")):
            raise _UnclearError
        position = match.end()
        if kind == "comment":
            continue
        if word in _CLOSING and kind == "sign" and (not opened or opened.pop() != _CLOSING[word]):
            raise _UnclearError
        found.append(_Word(kind, word, len(opened)))
        if kind == "sign" and word in ("(", "[", "{"):
            opened.append(word)
    if opened:
        raise _UnclearError
    return found


def _either(before: list[_Word]) -> bool:
    return bool(before) and before[-1].kind == "sign" and before[-1].text in _BEFORE_EITHER


def _an_expression_begins(before: list[_Word]) -> bool:
    if not before:
        return True
    last = before[-1]
    if last.kind == "sign":
        return last.text in _BEFORE_AN_EXPRESSION or last.text.endswith(("=", "=>"))
    return last.kind == "word" and last.text in _WORDS_BEFORE_AN_EXPRESSION


def _exported(words: list[_Word]) -> set[str]:
    """What is assigned to `exports` or exported by `export`; raises _UnclearError for any other use of them."""
    names: set[str] = set()
    end = _Word("end", "", 0)
    padded = [*words, *[end] * 6]
    for at, word in enumerate(words):
        before = words[at - 1].text if at else ""
        text = [each.text for each in padded[at : at + 6]]
        if word.kind != "word" or (before == "." and word.text != "exports"):
            continue
        if word.text == "exports":
            if before == "." and not (at > 1 and words[at - 2].text == "module"):
                continue
            if text[1] == "." and padded[at + 2].kind == "word":
                names.add(text[2])
            elif before == "(" and text[1] == "," and padded[at + 2].kind == "string" and _defines(words, at):
                names.add(text[2][1:-1])
            elif before == "." and text[1:3] == ["=", "{"]:
                names |= _keys(padded, at + 2)
            else:
                raise _UnclearError
        elif (word.text == "module" and text[1:3] != [".", "exports"]) or (word.text == "this" and not word.depth):
            raise _UnclearError
        elif word.text == "export" and not word.depth and text[1] not in (":", "="):
            names |= _of_export(padded, at + 1)
    return names


def _defines(words: list[_Word], at: int) -> bool:
    """Whether `Object.defineProperty(` stands before the word there."""
    return [each.text for each in words[max(at - 4, 0) : at]] == ["Object", ".", "defineProperty", "("]


def _keys(words: list[_Word], opening: int) -> set[str]:
    """The keys of an object that is written out."""
    depth = words[opening].depth + 1
    names: set[str] = set()
    expected = True
    for at in range(opening + 1, len(words)):
        word = words[at]
        if word.depth < depth:
            return names
        if word.depth > depth:
            continue
        if word.text == ",":
            expected = True
        elif expected and word.text in ("async", "get", "set", "*") and words[at + 1].text not in (",", ":", "(", "}"):
            continue
        elif expected:
            if word.kind not in ("word", "string"):
                raise _UnclearError  # computed, or everything of another object
            names.add(word.text[1:-1] if word.kind == "string" else word.text)
            expected = False
    raise _UnclearError


def _of_export(words: list[_Word], at: int) -> set[str]:
    """What an `export` before the word there gives to others."""
    if words[at].text == "async":
        at += 1
    kind = words[at].text
    if kind == "default":
        return {"default"}
    if kind == "{":
        return _listed(words, at)
    if kind in ("function", "class"):
        at += 2 if words[at + 1].text == "*" else 1
        if words[at].kind == "word":
            return {words[at].text}
    if kind in ("const", "let", "var") and words[at + 1].kind == "word":
        names = {words[at + 1].text}
        for earlier, word in zip(words[at + 1 :], words[at + 2 :], strict=False):
            if word.depth == 0 and word.text in (";", "export", ""):
                break
            if earlier.text == "," and earlier.depth == 0 and word.kind == "word":
                names.add(word.text)
        return names
    raise _UnclearError


def _listed(words: list[_Word], opening: int) -> set[str]:
    """The names of `{a, b as c}`: as others see them."""
    names: set[str] = set()
    for before, word, after in zip(words[opening:], words[opening + 1 :], words[opening + 2 :], strict=False):
        if word.text == "}" and word.depth == words[opening].depth:
            return names
        if after.text in (",", "}") and before.text in ("{", ",", "as") and word.text != ",":
            names.add(word.text.strip("\"'"))
    raise _UnclearError
