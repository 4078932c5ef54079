"""A changed golden file needs a changelog line in the same change."""

from pathlib import Path

import pytest

from operations.golden import check
from operations.stacks import Refused
from tests.operations.support import git

GOLDEN = "tests/golden/dev.urns"


@pytest.fixture
def branch(project: Path) -> Path:
    git(project, "checkout", "--quiet", "-b", "change")
    return project


def write(project: Path, path: str, text: str, *, commit: bool = True) -> None:
    (project / path).write_text(text)
    if commit:
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message", "change")


def test_other_files_may_change_without_a_word(branch: Path) -> None:
    write(branch, "__main__.py", "x = 1\n")
    assert check(branch, "main") == "no golden file changed"


@pytest.mark.parametrize("commit", [True, False])
def test_a_changed_golden_file_without_a_line_is_refused(branch: Path, commit: bool) -> None:
    write(branch, GOLDEN, "b\n", commit=commit)
    with pytest.raises(Refused, match=r"tests/golden/dev\.urns changed, but CHANGELOG\.md has no new line"):
        check(branch, "main")


def test_a_line_that_says_why_is_enough(branch: Path) -> None:
    write(branch, GOLDEN, "b\n", commit=False)
    write(branch, "CHANGELOG.md", "# Changelog\n\n- The bucket is renamed, with an alias.\n")
    assert "CHANGELOG.md says why" in check(branch, "main")


@pytest.mark.parametrize(
    "text", ["# Changelog\n\n## A new version heading\n", "# Changelog\n\n\n", "# Changelog\n- .\n", ""]
)
def test_a_heading_an_empty_line_or_less_says_nothing(branch: Path, text: str) -> None:
    write(branch, GOLDEN, "b\n", commit=False)
    write(branch, "CHANGELOG.md", text)
    with pytest.raises(Refused):
        check(branch, "main")


def test_new_renamed_and_deleted_golden_files_count_too(branch: Path) -> None:
    git(branch, "mv", GOLDEN, "tests/golden/lab.urns")
    with pytest.raises(Refused, match=r"dev\.urns, tests/golden/lab\.urns"):
        check(branch, "main")
    git(branch, "mv", "tests/golden/lab.urns", GOLDEN)
    write(branch, "tests/golden/new.json", "{}", commit=False)
    with pytest.raises(Refused, match=r"new\.json"):
        check(branch, "main")


def test_what_main_did_meanwhile_is_not_held_against_the_branch(branch: Path) -> None:
    git(branch, "checkout", "--quiet", "main")
    write(branch, GOLDEN, "c\n")
    git(branch, "checkout", "--quiet", "change")
    write(branch, "__main__.py", "x = 1\n")
    assert check(branch, "main") == "no golden file changed"


@pytest.mark.parametrize(("base", "told"), [("", "BASE="), ("--output=x", "BASE="), ("nowhere", "nowhere")])
def test_a_base_that_is_no_commit_is_refused(branch: Path, base: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        check(branch, base)
