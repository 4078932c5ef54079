"""Which files are the program's: those below its folder, and those that a symbolic link there leads to."""

from pathlib import Path

import pytest

from preflight.places import Places
from tests.preflight.recorder_support import by_name, job, record, write

PART = """
import pulumi

class Part(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("demo:index:Part", name)

def made():
    return Part("part")
"""


def file(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("pass\n")
    return str(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    return folder


def test_what_a_link_leads_to_has_the_name_that_the_link_gives_it(root: Path) -> None:
    file(root.parent / "shared" / "part.py")
    (root / "parts").symlink_to(root.parent / "shared")
    (root / "one.py").symlink_to(root.parent / "shared" / "part.py")
    places = Places(str(root))
    assert places.relative(str(root / "parts" / "part.py")) == "parts/part.py"
    assert places.relative(str(root / "one.py")) == "one.py"
    assert places.relative(str(root.parent / "shared" / "part.py")) is None


def test_a_program_that_is_reached_by_a_link_is_the_same_program(root: Path) -> None:
    main = file(root / "main.py")
    link = root.parent / "link"
    link.symlink_to(root)
    for places in (Places(str(link)), Places(str(root))):
        assert places.relative(main) == "main.py"
        assert places.relative(str(link / "main.py")) == "main.py"


@pytest.mark.parametrize("foreign", [".venv/lib/site-packages", "node_modules"])
def test_what_others_have_written_is_not_the_programs_by_whatever_link(root: Path, foreign: str) -> None:
    inside, outside = root / foreign / "one.py", root.parent / foreign / "other.py"
    file(inside), file(outside)
    (root / "direct").symlink_to(inside.parent)
    (root / "elsewhere").symlink_to(outside.parent)
    places = Places(str(root))
    asked = (inside, outside, root / "direct" / "one.py", root / "elsewhere" / "other.py")
    assert [places.relative(str(path)) for path in asked] == [None] * 4


def test_preflight_is_not_the_program_where_a_link_in_the_program_leads_to_it(root: Path) -> None:
    ours = Path(__file__).parents[2] / "preflight"
    (root / "preflight").symlink_to(ours)
    assert Places(str(root)).relative(str(root / "preflight" / "places.py")) is None


def test_a_resource_that_is_made_behind_a_link_has_its_line(root: Path) -> None:
    (root.parent / "shared").mkdir()
    (root.parent / "shared" / "part.py").write_text(PART)
    (root / "parts").symlink_to(root.parent / "shared")
    made = by_name(record(job(write(root, "from parts import part\n\npart.made()\n"))))
    assert made["Part part"]["source"] == "parts/part.py:9"
