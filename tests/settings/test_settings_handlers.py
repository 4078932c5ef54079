"""What the source of a function tells about its handler: what is certainly not there is refused, nothing else."""

from pathlib import Path

import pytest

from settings import handlers
from tests.gathered import for_each

PYTHON, NODE = "python3.13", "nodejs22.x"

# Source of a module that has `handler` in one way or another -> whether it has `other` as well, by its text alone: no,
# or None where it cannot be told. What cannot be told is never refused.
SOURCES: dict[str, tuple[str, str, bool | None]] = {
    "a function": (PYTHON, "def handler(event, context): ...", False),
    "a coroutine": (PYTHON, "async def handler(event, context):\n    def other(): ...\n    other = 1", False),
    "a class": (PYTHON, "class handler:\n    def other(self): ...\n    other = 1", False),
    "a value": (PYTHON, "from web import App\nhandler = App().run", False),
    "several at once": (PYTHON, "first, (handler, *rest) = make()", False),
    "with a type": (PYTHON, "handler: Callable = make()", False),
    "something imported": (PYTHON, "from app import other as handler", False),
    "a package imported": (PYTHON, "import handler.parts", False),
    "under a condition": (PYTHON, "if fast:\n    def handler(e, c): ...\nelse:\n    from slow import handler", False),
    "after an attempt": (PYTHON, "try:\n    import quick as handler\nexcept ImportError:\n    handler = None", False),
    "by a with": (PYTHON, "with make() as handler: ...", False),
    "by a walrus": (PYTHON, "if (handler := make()): ...", False),
    "by a global": (PYTHON, "def make():\n    global handler\n    handler = 1\nmake()", False),
    "by a match": (PYTHON, "match make():\n    case {'a': handler, **rest}: ...", False),
    "by a comprehension's names inside": (PYTHON, "def handler(e, c):\n    return [other for other in e]", False),
    "an escape that Python warns of": (PYTHON, "def handler(e, c):\n    return '\\d'", False),
    "in Latin letters of another encoding": (PYTHON, "# coding: latin-1\ndef handler(e, c): ...  # \xe9", False),
    "everything of another": (PYTHON, "from app import *\ndef handler(e, c): ...", None),
    "in globals": (PYTHON, "globals()['handler'] = 1", None),
    "by setattr": (PYTHON, "import sys\nsetattr(sys.modules[__name__], 'handler', 1)", None),
    "when asked": (PYTHON, "def __getattr__(name): ...", None),
    "vars of a module": (PYTHON, "vars()['handler'] = 1", None),
    "vars of something else": (PYTHON, "def handler(e, c):\n    return vars(c)", False),
    "by exec": (PYTHON, "exec('def handler(e, c): ...')", None),
    "no Python at all": (PYTHON, "this is generated {{ handler }}", None),
    "exports": (NODE, "exports.handler = async (event) => ({ statusCode: 200, other: 1 });", False),
    "module.exports": (NODE, "module.exports.handler = function other() { return `a ${b} c`; };", False),
    "an object": (NODE, "const other = 1; module.exports = { handler, 'more': other, async less() {} };", False),
    "methods": (NODE, "module.exports = { async handler(event) { return { other: 1 }; }, get size() { return 1; } };", False),
    "as a compiler writes it": (
        NODE,
        ('"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.handler = void 0;\n'
        "const handler = async () => { };\nexports.handler = handler;\n"),
        False,
    ),
    "a getter": (NODE, 'Object.defineProperty(exports, "handler", { get: () => inner.other });', False),
    "export of a constant": (NODE, "import other from 'x';\nexport const handler = (e) => e, more = 1;", False),
    "export of functions": (NODE, "export async function handler(e) { const other = 1; }\nexport function* more() {}", False),
    "export of a list": (NODE, "const other = 1;\nexport { other as handler, more };", False),
    "export from elsewhere": (NODE, "export { handler } from './inner.mjs';\nexport default other;", False),
    "with what looks like exports": (
        NODE,
        ("// exports.other = 1\n/* export const other */ const a = 'exports.other', b = /exports.other'/;\n"
        "const c = `module.exports = {other}`; const d = 8 / 2; this_.exports = 1;\nmodule./* ours */exports. // its name:\nhandler = a;"),
        False,
    ),
    "a slash that divides or begins an expression": (
        NODE, "if (a) /'/.test(b); exports.handler = 1; exports.other = /'/;", None,
    ),
    "everything of another module": (NODE, "export * from './inner.mjs'; export const handler = 1;", None),
    "a copy": (NODE, "module.exports = require('./inner'); exports.handler = 1;", None),
    "assigned": (NODE, "Object.assign(exports, { handler });", None),
    "spread": (NODE, "module.exports = { ...inner, handler };", None),
    "computed": (NODE, "module.exports = { [name]: handler };", None),
    "by an index": (NODE, "exports[name] = handler;", None),
    "this of a module": (NODE, "this.handler = (e) => e;", None),
    "handed on": (NODE, "fill(module, 'handler');", None),
    "a pattern": (NODE, "export const { handler } = make();", None),
    "a template in another": (NODE, "const a = `x ${ `y` } z`; exports.handler = a;", None),
    "brackets that do not close": (NODE, "exports.handler = () => {", None),
}  # fmt: skip


@for_each("case", SOURCES)
def test_a_name_is_missed_only_where_the_text_leaves_no_doubt(case: str) -> None:
    runtime, text, other = SOURCES[case]
    language = handlers.language(runtime)
    assert language is not None
    offered = language.offered(text.encode("latin-1" if "latin-1" in text else "utf-8"))
    if other is None:
        assert offered is None
    else:
        assert offered is not None
        assert "handler" in offered.names
        assert "other" not in offered.names


def test_a_module_without_any_export_offers_nothing() -> None:
    language = handlers.language(NODE)
    assert language is not None
    assert language.offered(b"const handler = async () => {};\n") == handlers.Offered(frozenset(), ())
    assert language.offered(b"x" * 256 * 1024 + b"x") is None, "a bundler's"


def test_functions_are_suggested_before_what_is_imported() -> None:
    language = handlers.language(PYTHON)
    assert language is not None
    offered = language.offered(
        b"import json\nLIMIT = 1\ndef _inner(): ...\ndef late(e, c): ...\ndef early(e, c): ...\n"
    )
    assert offered == handlers.Offered(frozenset({"json", "LIMIT", "_inner", "late", "early"}), ("late", "early"))


@pytest.mark.parametrize(
    ("runtime", "handler", "file", "name"),
    [
        (PYTHON, "app.inner.handler", "app/inner.py", "handler"),
        (PYTHON, "app/inner.handler", "app/inner.py", "handler"),
        (PYTHON, "package.handler", "package/__init__.py", "handler"),
        (NODE, "app/index.handler", "app/index.js", "handler"),
        (NODE, "v1.2/index.routes.get", "v1.2/index.js", "routes"),
        (NODE, "plain.handler", "plain", "handler"),
        (PYTHON, "missing.handler", None, "handler"),
        (NODE, "app.handler", None, "handler"),
    ],
)  # fmt: skip
def test_a_module_is_looked_for_as_its_runtime_does(
    tmp_path: Path, runtime: str, handler: str, file: str | None, name: str
) -> None:
    for path in (
        "app/inner.py",
        "package/__init__.py",
        "package.py",
        "app/index.js",
        "app/index.mjs",
        "v1.2/index.js",
        "plain",
    ):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")
    language = handlers.language(runtime)
    assert language is not None
    found = language.split(handler)
    assert found is not None
    assert (language.file(tmp_path, found.path), found.first) == (file, name)


@for_each(
    "runtime, handler",
    [(PYTHON, "handler"), (PYTHON, ".handler"), (NODE, "index"), (NODE, "app/.handler"), (NODE, "index.")],
)
def test_a_handler_of_one_part_names_no_function(runtime: str, handler: str) -> None:
    language = handlers.language(runtime)
    assert language is not None
    assert language.split(handler) is None


def test_what_is_installed_compiled_or_of_another_language_is_not_looked_into(tmp_path: Path) -> None:
    node, python = handlers.language(NODE), handlers.language(PYTHON)
    assert node is not None
    assert python is not None
    (tmp_path / "node_modules" / "tracer").mkdir(parents=True)
    (tmp_path / "quick.cpython-313-aarch64-linux-gnu.so").touch()
    assert [node.unread(tmp_path, path) for path in ("tracer/dist/handler", "node_modules/tracer/handler")] == [
        True
    ] * 2
    assert [node.unread(tmp_path, path) for path in ("index", "/", "../tracer", "quick")] == [False] * 4
    assert [python.unread(tmp_path, path) for path in ("quick", "slow", "tracer", "/quick")] == [
        True,
        False,
        False,
        False,
    ]
    assert [handlers.language(runtime) for runtime in ("java21", "provided.al2023", "dotnet8", "ruby3.4")] == [None] * 4


@pytest.mark.parametrize("runtime", [PYTHON, NODE])
def test_no_module_is_looked_for_outside_of_the_folder(tmp_path: Path, runtime: str) -> None:
    language = handlers.language(runtime)
    assert language is not None
    folder = tmp_path / "folder"
    folder.mkdir()
    for ending in (".py", ".js"):
        (tmp_path / f"outside{ending}").touch()
    assert language.file(folder, "../outside") is None
    assert language.file(folder, f"{tmp_path}/outside") is None
    assert language.file(tmp_path, "outside") is not None
