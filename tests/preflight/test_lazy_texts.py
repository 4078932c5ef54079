"""What is kept of compiled texts: with it dataclasses, named tuples and patterns are what they are without, warnings
included; and it is never believed blindly, nor does it hold what a program puts together.

Each run is a process of its own, since the library is acted upon.
"""

import importlib.util
import marshal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECRET = "hunter2hunter2"
# What a program may make, and what can be seen of it.
PROGRAM = r"""
import collections, dataclasses, json, re, typing, warnings
warnings.simplefilter("always")
told = []
warnings.showwarning = lambda message, category, file, line, *_: told.append((str(message), file, line))

@dataclasses.dataclass(frozen=True, kw_only=True, order=True)
class Args:
    name: str
    tags: dict = dataclasses.field(default_factory=dict, compare=False)
    size: int = 7
    secret: str = dataclasses.field(default="d", repr=False)
    made: int = dataclasses.field(init=False, default=0)

@dataclasses.dataclass
class Late:
    first: "Args"
    extra: dataclasses.InitVar[int] = 1
    def __post_init__(self, extra): self.sum = extra + 1

class Pair(typing.NamedTuple):
    left: int
    right: str = "r"

Plain = collections.namedtuple("Plain", "a b", defaults=[2])
one, other = Args(name="a"), Args(name="b", tags={"x": 1})
seen = [repr(one), one == Args(name="a"), one < other, hash(one) == hash(Args(name="a")), other.tags, Late(one, 4).sum]
seen += [Args.__init__.__qualname__, Args.__init__.__module__, Args.__init__.__code__.co_filename, Args.__doc__]
seen += [str(Args.__init__.__annotations__), repr(Pair(1)), Plain(1), Plain.__new__.__defaults__, Pair.__new__.__doc__]
for broken in (lambda: setattr(one, "name", "c"), lambda: Args("a"), lambda: dataclasses.make_dataclass("B", ["class"])):
    try:
        broken()
    except Exception as error:
        seen.append(f"{type(error).__name__}: {error}")

PATTERNS = [
    (r"(?P<year>\d{4})-(?P<month>\d\d)", 0), (r"^a.c$", re.I | re.M | re.S), (r"  x  # comment", re.X),
    (r"[^\t\n -~\x85\ue000-\ufffd\U00010000-\U0010ffff]", 0), (r"\bäß\w+", re.I), (r"(a|b)*?(?=c)\1", re.A), ("", 0),
]
def facts(p):
    found = [m.span() for text in ("on 2026-11-22", "x a\nc ABC A\nC", "äß1 ÄSS ÄẞX", "abab\x00c") for m in p.finditer(text)]
    return [p.pattern, p.flags, p.groups, dict(p.groupindex), found, p.sub("<>", "2026-11 aXc")]
seen.append(facts(re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)")))
seen.append(facts(re.compile(r"^a.c$", re.I | re.M | re.S)))
seen.append(facts(re.compile(r"  x  # comment", re.X)))
seen.append(facts(re.compile("[^\t\n -~\x85\ue000-\ufffd\U00010000-\U0010ffff]")))
seen.append(facts(re.compile(r"\bäß\w+", re.I)))
seen.append(facts(re.compile(r"(a|b)*?(?=c)\1", re.A)))
seen.append([re.compile(rb"a[bc]").findall(b"ab ac"), re.fullmatch("a|b", "b").span(), re.split(",", "a,b")])
seen.append([re.compile("[[a]").findall("[a"), re.compile("[a&&b]").findall("a&")])
for wrong in ("(", "[b-a]", "(?P<n>.)(?P<n>.)"):
    try:
        re.compile(wrong)
    except re.error as error:
        seen.append(str(error))
SECRET = "".join(["hunter2", "hunter2"])
seen.append(re.compile(f"={SECRET}").search(f"a={SECRET}").span())
print(json.dumps([seen, told], default=str))
"""
KEPT = (
    "import pathlib, sys\nfrom preflight import lazy_sdk\n"
    "lazy_sdk.keep_texts(pathlib.Path(sys.argv[1]))\nlazy_sdk.keep_texts(pathlib.Path(sys.argv[1]))\n"
)
SAVED = "\nlazy_sdk.save('')\n"


def _run(folder: Path, program: str) -> str:
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _content(folder: Path) -> tuple[Any, dict[tuple[str, str], bytes], dict[tuple[str, int], Any]]:
    (path,) = folder.iterdir()
    key, codes, patterns = marshal.loads(path.read_bytes()[8:])
    return key, codes, patterns


def _store(folder: Path, *parts: Any) -> None:
    (path,) = folder.iterdir()
    body = marshal.dumps(parts)
    path.write_bytes(importlib.util.source_hash(body) + body)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the program's first run has left."""
    folder: Path = tmp_path_factory.mktemp("texts")
    _run(folder, KEPT + PROGRAM + SAVED)
    return folder


def test_what_is_made_is_the_same_with_and_without_and_from_what_was_kept(kept: Path, tmp_path: Path) -> None:
    plain = _run(tmp_path, "\n" * KEPT.count("\n") + PROGRAM)
    assert "Possible nested set" in plain
    assert "FrozenInstanceError" in plain
    assert _run(tmp_path, KEPT + PROGRAM) == plain
    (path,) = kept.iterdir()
    written = path.stat().st_mtime_ns
    assert _run(kept, KEPT + PROGRAM + SAVED) == plain
    assert path.stat().st_mtime_ns == written, "nothing new, nothing written"


def test_all_kinds_are_kept_but_for_what_the_program_has_put_together(kept: Path) -> None:
    _, codes, patterns = _content(kept)
    assert {how for how, _ in codes} == {"exec", "eval"}
    assert any("_dflt_size" in text for _, text in codes)
    assert (r"\bäß\w+", 2) in patterns
    (path,) = kept.iterdir()
    assert SECRET.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_kept_is_what_is_used(kept: Path, tmp_path: Path) -> None:
    """Or all the others would prove nothing: the pattern is another one there."""
    key, codes, patterns = _content(kept)
    (path,) = kept.iterdir()
    (tmp_path / path.name).write_bytes(path.read_bytes())
    other = {**patterns, ("  x  # comment", 64): patterns[r"\bäß\w+", 2]}
    ask = 'import re\nprint(re.compile(r"  x  # comment", re.X).findall("x äß1"))'
    _store(tmp_path, key, codes, other)
    assert _run(tmp_path, KEPT + ask) == "['äß1']\n"
    _store(tmp_path, (*key[:1], "3.99.0", *key[2:]), codes, other)
    assert _run(tmp_path, KEPT + ask) == "['x']\n", "it is of another Python"
    _store(tmp_path, key, codes, other)
    (path,) = tmp_path.iterdir()
    path.chmod(0o622)
    assert _run(tmp_path, KEPT + ask) == "['x']\n"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-20])
    assert _run(tmp_path, KEPT + ask) == "['x']\n"


def test_a_plain_run_leaves_the_library_alone(tmp_path: Path) -> None:
    ask = "import collections, dataclasses\nprint('exec' in vars(dataclasses), 'eval' in vars(collections))"
    assert _run(tmp_path, KEPT + ask) == "True True\n"
    off = "import os\nos.environ['GROUNDWORK_PLAIN_SDK'] = '1'\n"
    assert _run(tmp_path, off + KEPT + ask + SAVED) == "False False\n"
    assert not list(tmp_path.iterdir())
