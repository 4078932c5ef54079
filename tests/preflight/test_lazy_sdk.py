"""The lazy loader: with the real SDK a program sees what plain importing shows, and its memo is never believed blindly.

Each run is a process of its own, since the loader acts on the import system. What is compared is made in `lazy_sdk/`.
"""

import importlib.util
import marshal
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.warm import warm as warm_process

ROOT = Path(__file__).parents[2]

# A slim SDK of the generator's shape, without Pulumi, for what must not be tried on the real one.
HEAD = "import builtins as _builtins\nfrom typing import TypedDict, Optional\nfrom .. import _utilities\n"
FAKE = {
    "__init__.py": "from . import _utilities\n",
    "_utilities.py": "",
    "pulumi-plugin.json": '{"name": "fake", "version": "1.0.0"}',
    "svc/__init__.py": (
        "# generated\n\nimport builtins as _builtins\nfrom .. import _utilities\nimport typing\n"
        "from ._enums import *\nfrom .thing import *\nfrom .other import *\nfrom ._inputs import *\n"
        "from . import outputs\n"
    ),
    "svc/_enums.py": "from enum import Enum\n\n__all__ = [\n    'Size',\n]\n\nclass Size(str, Enum):\n"
    "    BIG = 'big'\n",
    "svc/_inputs.py": HEAD
    + "from ._enums import *\n\n__all__ = [\n    'AArgs',\n    'BArgs',\n]\n\n"
    + "class AArgs:\n    def size(self) -> 'Size':\n        return 'a'\n\n"
    + "class BArgs:\n    def a(self) -> Optional['AArgs']:\n        return 'b'\n",
    "svc/outputs.py": HEAD + "\n__all__ = [\n    'Result',\n]\n\nclass Result(dict):\n    kind = 'result'\n",
    "svc/thing.py": HEAD
    + "from . import outputs\nfrom ._inputs import *\n\n__all__ = ['Thing']\n\n"
    + "class Thing:\n    def __init__(self, a: 'AArgs'): ...\n    kind = 'thing'\n",
    "svc/other.py": HEAD + "\n__all__ = ['Other']\n\nclass Other:\n    kind = 'other'\n",
}
LOADED = "print(sorted(n.removeprefix('fake.svc.') for n in sys.modules if n.startswith('fake.svc.')))"


class Sandbox:
    """The slim SDK in a folder, a memo folder beside it, and a way to run a few lines against them."""

    def __init__(self, folder: Path) -> None:
        self.sdk, self.cache = folder / "site" / "fake", folder / "cache"
        for name, text in FAKE.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.sdk / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.sdk / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def run(
        self, lines: str, *, before: str = "", install: str = "", program: str = "one", **environment: str
    ) -> list[str]:
        """What the lines print in a new process that has the loader installed."""
        install = install or f"lazy_sdk.install(['fake'], pathlib.Path({str(self.cache)!r}))"
        program = (
            f"import os, sys, pathlib\n{before}\nfrom preflight import lazy_sdk\n{install}\n"
            f"import fake.svc as svc\n{lines}\nlazy_sdk.save({program!r})\n"
        )
        path = os.pathsep.join([str(ROOT), str(self.sdk.parent)])
        return _lines(program, PYTHONPATH=path, **environment)

    @property
    def memo(self) -> Path:
        (found,) = self.cache.iterdir()
        return found

    def poison(self) -> None:
        """Change the code of `AArgs` in the memo, which tells whether a later process believes the memo."""
        body = self.memo.read_bytes()[8:]
        key, *rest = marshal.loads(body)
        code = compile("class AArgs:\n    def size(self): return 'from the memo'\n", "x", "exec")
        rest[0]["fake.svc._inputs"][2]["AArgs"] = marshal.dumps(code)
        self._store(key, *rest)

    def _store(self, *parts: Any) -> None:
        body = marshal.dumps(parts)
        self.memo.write_bytes(importlib.util.source_hash(body) + body)

    def rekey(self, old: str, new: str) -> None:
        """Make the memo claim that it was made for something else."""
        key, *rest = marshal.loads(self.memo.read_bytes()[8:])
        changed = tuple(part.replace(old, new) if isinstance(part, str) else part for part in key)
        assert changed != key
        self._store(changed, *rest)


def _lines(program: str, **environment: str) -> list[str]:
    """What the lines of a program print in a process that has loaded no SDK."""
    done = warm_process("nothing", "preflight.lazy_sdk").run("-c", [program], env=_environment(**environment))
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def _python(arguments: list[str], **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=_environment(**environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}}
    return kept | changes


@pytest.fixture
def fake(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path)


@pytest.fixture
def warm(fake: Sandbox) -> Sandbox:
    """The slim SDK with a poisoned memo: whoever believes the memo gets another class than the source has."""
    assert fake.run("print(svc.AArgs().size())") == ["a"]
    fake.poison()
    assert fake.run("print(svc.AArgs().size())") == ["from the memo"], "or the refusals below would prove nothing"
    return fake


# Which modules are lazy


def test_a_name_loads_its_own_module_and_no_other(fake: Sandbox) -> None:
    assert fake.run(f"print(svc.Other.kind)\n{LOADED}") == ["other", "['other']"]


def test_a_type_is_defined_when_it_is_named_and_not_before(fake: Sandbox) -> None:
    used = "print('AArgs' in vars(svc._inputs), 'BArgs' in vars(svc._inputs))"
    assert fake.run(f"svc._inputs\n{used}\nsvc.AArgs\n{used}") == ["False False", "True False"]


def test_a_resource_module_holds_the_types_that_its_hints_quote(fake: Sandbox) -> None:
    lines = "svc.Thing\nprint('AArgs' in vars(svc.thing), 'BArgs' in vars(svc.thing), svc.thing.BArgs is svc.BArgs)"
    assert fake.run(lines) == ["True False True"]


def test_forward_references_resolve_across_type_modules(fake: Sandbox) -> None:
    lines = (
        "import typing\nnames = dict(vars(svc._inputs))\n"
        "print(typing.get_type_hints(svc.BArgs.a, names)['return'] == typing.Optional[svc.AArgs])\n"
        "print(typing.get_type_hints(svc.AArgs.size, names)['return'] is svc.Size)"
    )
    assert fake.run(lines) == ["True", "True"]


def test_a_type_is_defined_while_the_collector_ends_what_parses_too(fake: Sandbox) -> None:
    methods = "".join(f"    def f{number}(self, a, b=[1, (2, {{3: 4}})]): return a + b\n" for number in range(100))
    fake.edit("svc/_inputs.py", "class AArgs:\n", f"class AArgs:\n{methods}")
    lines = (
        "import ast, gc\nseen = []\n"
        "gc.callbacks.append(lambda *_: (ast.parse('a.b[c] + d'), seen.append(True)))\n"
        "gc.set_threshold(50)\nprint(svc.AArgs().size(), gc.isenabled())\ngc.collect()\nprint(seen != [])"
    )
    assert fake.run(lines) == ["a True", "True"]


def test_threads_that_name_a_type_at_the_same_time_get_the_same_class(fake: Sandbox) -> None:
    fake.edit("svc/_inputs.py", "class AArgs:\n", "class AArgs:\n    __import__('time').sleep(0.1)\n")
    lines = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    seen = list(pool.map(lambda _: svc._inputs.AArgs, range(4)))\n"
        "print(len(seen), len({*seen, svc.AArgs}))"
    )
    assert fake.run(lines) == ["4 1"]


# What is odd: the file, what to replace by what, and the module that has to be plain for it.
ODD_SHAPES = {
    "a statement in the service": ("svc/__init__.py", "import outputs\n", "import outputs\nEXTRA = 1\n", "svc"),
    "a function among the types": ("svc/_inputs.py", "class BArgs", "def helper(): ...\n\nclass BArgs", "svc._inputs"),
    "a statement after a type": ("svc/_inputs.py", "return 'b'\n", "return 'b'\n\nBArgs.EXTRA = 1\n", "svc._inputs"),
    "a decorator over lines": ("svc/_inputs.py", "class BArgs", "@(\n    lambda x: x\n)\nclass BArgs", "svc._inputs"),
    "a type that is not exported": ("svc/_inputs.py", "class BArgs", "class _C: ...\n\nclass BArgs", "svc._inputs"),
    "a statement after an enum": ("svc/_enums.py", "BIG = 'big'\n", "BIG = 'big'\n\nSize.EXTRA = 1\n", "svc._enums"),
    "exports that are computed": ("svc/thing.py", "['Thing']", "[name for name in ('Thing',)]", "svc"),
    "exports that are extended": ("svc/other.py", "['Other']", "['Other']\n__all__ += []", "svc"),
}


@pytest.mark.parametrize("shape", ODD_SHAPES)
def test_a_module_of_unexpected_shape_is_loaded_the_plain_way(fake: Sandbox, shape: str) -> None:
    name, old, new, odd = ODD_SHAPES[shape]
    lines = (
        "print(svc.Thing.kind, svc.Other.kind, svc.AArgs().size(), svc.BArgs().a(), svc.Size.BIG.value)\n"
        "print(svc.outputs.Result.kind, svc.thing.AArgs is svc.AArgs, svc._inputs.Size is svc.Size)\n"
        f"print(type({odd}).__name__)"
    )
    as_always = ["thing other a b big", "result True True"]
    assert fake.run(lines) == [*as_always, "LazyService" if odd == "svc" else "LazyTypes"]
    fake.edit(name, old, new)
    for _ in ("without a record", "with one"):
        assert fake.run(lines) == [*as_always, "module"]


def test_a_broken_module_fails_with_the_error_of_plain_python(fake: Sandbox) -> None:
    fake.edit("svc/other.py", "class Other", "class Other(")
    lines = "try:\n    svc.Other\nexcept SyntaxError as error:\n    print(error.filename, error.lineno, error.msg)"
    assert fake.run(lines) == [f"{fake.sdk / 'svc/other.py'} 7 invalid syntax"]


def test_packages_that_were_not_named_are_left_to_python(fake: Sandbox) -> None:
    lines = f"svc.Other\n{LOADED}\nprint(type(svc).__name__)"
    loaded, kind = fake.run(lines, install=f"lazy_sdk.install(['pulumi_aws'], pathlib.Path({str(fake.cache)!r}))")
    assert kind == "module"
    assert "'thing'" in loaded
    assert not fake.cache.exists()


# The memo


def test_the_memo_spares_compiling_and_is_not_written_again(warm: Sandbox) -> None:
    before = warm.memo.read_bytes()
    lines = "print(svc.AArgs().size())\nprint('preflight.lazy_sdk.source' in sys.modules, 'ast' in sys.modules)"
    assert warm.run(lines) == ["from the memo", "False False"]
    assert warm.memo.read_bytes() == before


def test_the_memo_grows_by_what_another_program_uses(warm: Sandbox) -> None:
    assert warm.run("print(svc.BArgs().a())") == ["b"]
    assert warm.run("print(svc.AArgs().size())\nprint('preflight.lazy_sdk.source' in sys.modules)") == [
        "from the memo",
        "False",
    ]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "one flipped byte": lambda content: content[:-40] + bytes([content[-40] ^ 255]) + content[-39:],
    "text": lambda _: b"not a memo at all, just some text",
    "another structure": lambda _: importlib.util.source_hash(marshal.dumps(7)) + marshal.dumps(7),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_memo_is_ignored_and_written_anew(warm: Sandbox, damage: str) -> None:
    warm.memo.write_bytes(DAMAGE[damage](warm.memo.read_bytes()))
    assert warm.run("print(svc.AArgs().size())") == ["a"]
    assert warm.run("svc.AArgs\nprint('preflight.lazy_sdk.source' in sys.modules)") == ["False"]


def test_a_memo_of_another_python_is_ignored(warm: Sandbox) -> None:
    warm.rekey(sys.version, "3.99.0")
    assert warm.run("print(svc.AArgs().size())") == ["a"]


def test_a_memo_of_another_sdk_version_is_ignored(warm: Sandbox) -> None:
    warm.edit("pulumi-plugin.json", "1.0.0", "1.0.1")
    assert warm.run("print(svc.AArgs().size())") == ["a"]


def test_a_memo_of_an_sdk_in_another_folder_is_ignored(warm: Sandbox) -> None:
    moved = warm.sdk.parent.with_name("elsewhere")
    warm.sdk.parent.rename(moved)
    warm.sdk = moved / "fake"
    assert warm.run("print(svc.AArgs().size())") == ["a"]


def test_a_memo_serves_every_link_to_its_sdk(warm: Sandbox) -> None:
    link = warm.sdk.parent.with_name("linked")
    link.symlink_to(warm.sdk.parent, target_is_directory=True)
    warm.sdk = link / "fake"
    assert warm.run("print(svc.AArgs().size())") == ["from the memo"]


def test_a_memo_of_another_user_is_refused(warm: Sandbox) -> None:
    stranger = f"os.geteuid = lambda: {os.geteuid() + 1}"
    assert warm.run("print(svc.AArgs().size())", before=stranger) == ["a"]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_memo_that_others_may_write_is_refused_and_replaced(warm: Sandbox, mode: int) -> None:
    warm.memo.chmod(mode)
    assert warm.run("print(svc.AArgs().size())") == ["a"]
    assert warm.memo.stat().st_mode & 0o777 == 0o600


EDITS = {
    "a type": ("svc/_inputs.py", "return 'a'", "return 'edited'", "svc.AArgs().size()"),
    "a resource": ("svc/thing.py", "'thing'", "'edited'", "svc.Thing.kind"),
    "a result": ("svc/outputs.py", "'result'", "'edited'", "svc.outputs.Result.kind"),
    "an enum": ("svc/_enums.py", "'big'", "'edited'", "svc.Size.BIG.value"),
    "a new export": ("svc/other.py", "['Other']", "['Other', 'edited']\nedited = 'edited'", "svc.edited"),
    "a new hint": ("svc/thing.py", "a: 'AArgs'", "a: 'BArgs'", "'BArgs' in vars(svc.thing) and svc.Thing and 'edited'"),
}


@pytest.mark.parametrize("what", EDITS)
def test_a_hand_edit_of_one_file_of_the_sdk_is_noticed(fake: Sandbox, what: str) -> None:
    name, old, new, expression = EDITS[what]
    everything = "svc.AArgs().size(), svc.Thing.kind, svc.outputs.Result.kind, svc.Size.BIG.value, svc.Other"
    fake.run(everything)
    fake.edit(name, old, new)
    assert fake.run(f"{everything}\nprint({expression})") == ["edited"]


SMALL = "from preflight.lazy_sdk import memo\nmemo._FEW = 0"  # or programs of this size would not be worth it


def test_preloading_imports_what_the_program_has_used_and_nothing_else(fake: Sandbox) -> None:
    fake.run("svc.Thing, svc.AArgs", before=SMALL)
    fake.run("svc.Other, svc.BArgs", before=SMALL, program="another")
    lines = f"lazy_sdk.preload('one')\n{LOADED}\nprint([name for name in vars(svc._inputs) if name.endswith('Args')])"
    loaded, classes = fake.run(lines)
    assert "'thing'" in loaded
    assert "'other'" not in loaded
    assert classes == "['AArgs']"
    assert fake.run(lines.replace("'one'", "'unheard of'")) == ["[]", "[]"]


def test_what_several_runs_of_a_program_have_used_adds_up(fake: Sandbox) -> None:
    for name in ("svc.Thing", "svc.Other", "svc.BArgs", "svc.Thing"):
        fake.run(name, before=SMALL)
    lines = f"lazy_sdk.preload('one')\n{LOADED}\nprint('BArgs' in vars(svc._inputs))"
    loaded, has_class = fake.run(lines)
    assert "'other'" in loaded
    assert "'thing'" in loaded
    assert has_class == "True"


def test_a_program_that_uses_little_is_not_remembered(fake: Sandbox) -> None:
    fake.run("svc.Thing")
    before = fake.memo.read_bytes()
    assert "'thing'" not in fake.run(f"lazy_sdk.preload('one')\n{LOADED}")[0]
    fake.run("svc.Thing", program="another")
    assert fake.memo.read_bytes() == before, "nothing new is known of the SDK"


def test_the_programs_that_are_remembered_are_not_more_and_more(fake: Sandbox) -> None:
    few = f"{SMALL}\nmemo._PROGRAMS = 2"
    for program in ("one", "two", "three"):
        fake.run("svc.Thing", before=few, program=program)
    said = {program: fake.run(f"lazy_sdk.preload({program!r})\n{LOADED}")[0] for program in ("one", "two", "three")}
    assert {program: "'thing'" in loaded for program, loaded in said.items()} == {
        "one": False,
        "two": True,
        "three": True,
    }


def test_preloading_survives_a_module_that_no_longer_imports(fake: Sandbox) -> None:
    fake.run("svc.Thing, svc.Other", before=SMALL)
    fake.edit("svc/thing.py", "class Thing:", "raise RuntimeError('broken')\nclass Thing:")
    loaded = fake.run(f"lazy_sdk.preload('one')\n{LOADED}")[0]
    assert "'other'" in loaded
    assert "'thing'" not in loaded


def test_a_resource_module_loses_the_docstrings_of_functions_and_nothing_that_runs(fake: Sandbox) -> None:
    body = (
        "class Thing:\n    'a thing'\n    def __init__(self):\n        \"long prose\"\n        self.kind = 'thing'\n"
        "    def plain(self): return 'prose'\n"
        "    def tags(self): return ['a' for _ in 'xy'], list('b' for _ in 'x'), (lambda: 'c')()\n"
    )
    fake.write("svc/thing.py", HEAD + "\n__all__ = ['Thing']\n\n" + body)
    for _ in ("compiled", "from the memo"):
        assert fake.run(
            "t = svc.Thing()\nprint(t.kind, t.plain(), t.tags(), svc.Thing.__doc__, svc.Thing.__init__.__doc__)"
        ) == ["thing prose (['a', 'a'], ['b'], 'c') a thing None"]


def test_the_automation_api_and_dynamic_providers_load_when_they_are_used() -> None:
    program = (
        "import sys\nfrom preflight import lazy_sdk\nlazy_sdk.install()\nimport pulumi, pulumi.dynamic\n"
        "loaded = lambda: ('pulumi.automation._local_workspace' in sys.modules, 'dill._dill' in sys.modules)\n"
        "print(loaded())\nprint(pulumi.automation.LocalWorkspace.__name__, loaded())\n"
        "class P(pulumi.dynamic.ResourceProvider): pass\nprint(len(pulumi.dynamic.dynamic.serialize_provider(P())) > 9, loaded())\n"
        "from pulumi.automation import errors\nprint(errors.CommandError.__name__)\n"
    )
    assert _lines(program) == [
        "(False, False)", "LocalWorkspace (True, False)", "True (True, True)", "CommandError",
    ]  # fmt: skip


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(fake: Sandbox) -> None:
    fake.cache.write_text("a file stands where the folder should be")
    assert fake.run("print(svc.AArgs().size())") == ["a"]
    assert fake.cache.read_text() == "a file stands where the folder should be"


def test_a_memo_that_grew_too_large_to_load_quickly_makes_way_for_a_new_one(warm: Sandbox) -> None:
    warm.run("svc.BArgs", before="from preflight.lazy_sdk import memo\nmemo._LIMIT = 100")
    assert list(warm.cache.iterdir()) == []
    assert warm.run("print(svc.AArgs().size())") == ["a"]


def test_without_a_folder_given_the_memo_lies_beside_the_bytecode(fake: Sandbox) -> None:
    fake.run("svc.AArgs", install="lazy_sdk.install(['fake'])")
    assert [path.stat().st_mode & 0o777 for path in fake.sdk.glob("__pycache__/groundwork-slices-*")] == [0o600]


def test_where_bytecode_is_not_to_be_written_the_memo_lies_in_a_private_folder_of_the_user(fake: Sandbox) -> None:
    home = fake.cache.with_name("home")
    fake.run("svc.AArgs", install="lazy_sdk.install(['fake'])", PYTHONDONTWRITEBYTECODE="1", XDG_CACHE_HOME=str(home))
    assert not list(fake.sdk.glob("**/groundwork-slices-*"))
    assert (home / "groundwork").stat().st_mode & 0o777 == 0o700
    assert len(list((home / "groundwork").iterdir())) == 1


# Switching on and off


def test_the_environment_switches_the_loader_off(fake: Sandbox) -> None:
    lines = f"print(lazy_sdk.installed(), type(svc).__name__, svc.AArgs().size())\n{LOADED}"
    state, loaded = fake.run(lines, GROUNDWORK_PLAIN_SDK="1")
    assert state == "False module a"
    assert loaded == "['_enums', '_inputs', 'other', 'outputs', 'thing']"
    assert not fake.cache.exists()


def test_installing_twice_installs_once(fake: Sandbox) -> None:
    lines = (
        "before = len(sys.meta_path)\nlazy_sdk.install(['fake'])\n"
        "print(lazy_sdk.installed(), len(sys.meta_path) - before)"
    )
    assert fake.run(lines) == ["True 0"]


def test_the_loader_imports_nothing_heavy() -> None:
    code = "import sys\nold = set(sys.modules)\nfrom preflight import lazy_sdk\nprint(sorted(set(sys.modules) - old))"
    loaded = _python(["-S", "-c", code])
    heavy = ("asyncio", "'ast'", "pulumi", "dataclasses", "inspect", "logging", "tempfile", "preflight.lazy_sdk.source")
    assert [name for name in heavy if name in loaded] == []
