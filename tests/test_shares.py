"""Each process of a run compiles a part of the project; together they compile all of it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import shares

Compiled = Callable[..., set[str]]
SOURCES = (
    "preflight/a.py", "preflight/b.py", "settings/c.py", "tests/test_d.py", "tests/test_e.py", "tests/test_broken.py",
    "tests/engine/test_f.py",
)  # fmt: skip


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compiled:
    """What one process has compiled or imported, of a small project."""
    for name in SOURCES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("raise ValueError" if "broken" in name else "")
    imported: list[str] = []

    def imports(name: str) -> None:
        imported.append(f"{name.replace('.', '/')}.py")
        if "broken" in name:
            raise ValueError(name)

    monkeypatch.setattr(shares, "ROOT", tmp_path)
    monkeypatch.setattr(shares, "TESTS", tmp_path / "tests")
    monkeypatch.setattr(shares, "import_module", imports)

    def compiled(worker: str = "", count: int = 3, *, writes: bool = True) -> set[str]:
        imported.clear()
        before = {(path, path.stat().st_ino) for path in tmp_path.rglob("*.pyc")}
        monkeypatch.setattr(sys, "dont_write_bytecode", not writes)
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", str(count))
        shares.compile_mine()
        new = {(path, path.stat().st_ino) for path in tmp_path.rglob("*.pyc")} - before
        return {f"{path.parent.parent.name}/{path.name.partition('.')[0]}.py" for path, _ in new} | {*imported}

    return compiled


def test_each_compiles_something_and_all_of_them_everything_once(compiled: Compiled) -> None:
    parts = [compiled(f"gw{number}") for number in range(3)]
    assert all(parts)
    assert sorted(name for part in parts for name in part) == sorted(set(SOURCES) - {"tests/engine/test_f.py"})


def test_what_is_compiled_is_not_compiled_again(compiled: Compiled) -> None:
    assert "preflight/a.py" in compiled("gw0", 1)
    assert compiled("gw0", 1) == {name for name in SOURCES if name.startswith("tests/test_")}


def test_nothing_is_done_by_a_process_alone_or_where_nothing_is_kept(compiled: Compiled) -> None:
    assert compiled() == set()
    assert compiled("gw0", writes=False) == set()
