"""A changed golden file is told in the changelog, and the state of a released version stays as it is."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from operations.golden import CHANGELOG, STATES, check, released, sections
from operations.stacks import ROOT, Refused, names
from tests.gathered import for_each
from tests.operations.support import URNS, git

GOLDEN = "tests/golden/dev.urns"
STATE = "tests/golden/state/0.1.0.dev.json"
OPEN = "# Changelog\n\n## 0.1.0 (unreleased)\n\n- The first of all.\n"
DATED = OPEN.replace("unreleased", "2026-11-21")
NEXT = DATED.replace("## 0.1.0", "## 0.2.0 (unreleased)\n\n{}\n\n## 0.1.0")

Branch = Callable[[str], Path]


@pytest.fixture
def branch(project: Path) -> Path:
    git(project, "checkout", "--quiet", "-b", "change")
    return project


@pytest.fixture
def since(project: Path) -> Branch:
    """A branch from a main whose changelog is this."""

    def start(changelog: str) -> Path:
        write(project, CHANGELOG, changelog)
        git(project, "checkout", "--quiet", "-b", "change")
        return project

    return start


def write(project: Path, path: str, text: str, *, commit: bool = True) -> None:
    (project / path).write_text(text)
    if commit:
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--allow-empty", "--message", "change")


def more(project: Path) -> None:
    write(project, GOLDEN, (project / GOLDEN).read_text() + "urn:pulumi:dev::g::aws:ec2/vpc:Vpc::new\n", commit=False)


def refused(project: Path) -> str:
    with pytest.raises(Refused) as caught:
        check(project, "main")
    return str(caught.value)


def test_other_files_may_change_without_a_word(branch: Path) -> None:
    write(branch, "__main__.py", "x = 1\n")
    assert check(branch, "main") == "no golden file changed"


@pytest.mark.parametrize("commit", [True, False])
def test_a_changed_golden_file_without_a_line_is_refused(branch: Path, commit: bool) -> None:
    more(branch)
    if commit:
        write(branch, GOLDEN, (branch / GOLDEN).read_text())
    told = "tests/golden/dev.urns changed, but the unreleased section of CHANGELOG.md has no new line"
    assert told in refused(branch)


@pytest.mark.parametrize(
    "words", ["a network in `dev` for tests", "Each stack has a network", "A new VPC in both stacks"]
)
def test_a_line_that_names_the_stack_is_enough(branch: Path, words: str) -> None:
    more(branch)
    write(branch, CHANGELOG, f"{OPEN}- {words}\n")
    assert "CHANGELOG.md says why" in check(branch, "main")


@pytest.mark.parametrize(
    "added", ["## 0.2.0 (unreleased)\n", "\n\n", "- .\n", "- In dev. Why?\n", "### A heading about `dev` and more\n"]
)
def test_a_heading_an_empty_line_or_less_says_nothing(branch: Path, added: str) -> None:
    more(branch)
    write(branch, CHANGELOG, OPEN.replace("- The first", f"{added}- The first"))
    assert "has no new line" in refused(branch)


@pytest.mark.parametrize("words", ["Some things are better now", "requirements-dev.txt and dev/null have new lines"])
def test_a_line_that_says_nothing_of_the_stack_is_refused(branch: Path, words: str) -> None:
    more(branch)
    write(branch, CHANGELOG, f"{OPEN}- {words}\n")
    assert "do not say that dev changes: name it, or say `every stack`" in refused(branch)


def test_a_stack_of_two_that_is_not_named_is_refused(branch: Path) -> None:
    more(branch)
    write(branch, "tests/golden/prod.exports", "url\n")
    write(branch, CHANGELOG, f"{OPEN}- A new network in `prod` only\n")
    assert "golden files of dev, prod changed" in refused(branch)
    assert "that dev changes" in refused(branch)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("In dev a few names changed", False),
        ("In dev the bucket `data-uploads` has another name", True),
        ("In dev another name for data-uploads, with an alias", True),
        ("In dev the Bucket has another name", True),
        ("In dev the `data` changed its names", True),
        ("In dev the data-uploads-policy is new", False),
        ("In dev the `dat` changed its names", False),
    ],
)
def test_what_loses_its_urn_is_named(branch: Path, words: str, named: bool) -> None:
    text = (branch / GOLDEN).read_text().replace("::data-uploads", "::data-files")
    write(branch, GOLDEN, text, commit=False)
    write(branch, CHANGELOG, f"{OPEN}- {words}\n")
    if named:
        assert "says why" in check(branch, "main")
    else:
        assert "go or get another URN: aws:s3/bucket:Bucket::data-uploads. Name each" in refused(branch)


def test_what_goes_together_is_named_at_once(branch: Path) -> None:
    write(branch, GOLDEN, f"{URNS[0]}\n", commit=False)
    write(branch, CHANGELOG, f"{OPEN}- The service `status` leaves dev\n")
    assert "says why" in check(branch, "main")
    write(branch, CHANGELOG, f"{OPEN}- A service leaves dev for good\n")
    assert "taskDefinition:TaskDefinition::status-task. Name" in refused(branch), "the word service names the other"


def test_new_renamed_and_deleted_golden_files_count_too(branch: Path) -> None:
    git(branch, "mv", GOLDEN, "tests/golden/lab.urns")
    assert "tests/golden/dev.urns, tests/golden/lab.urns changed" in refused(branch)
    git(branch, "mv", "tests/golden/lab.urns", GOLDEN)
    write(branch, "tests/golden/new.json", "{}", commit=False)
    assert "tests/golden/new.json changed" in refused(branch)


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


# -- released states -----------------------------------------------------------------------------------------------------


def test_the_state_of_a_version_may_change_until_it_is_released(branch: Path) -> None:
    write(branch, STATE, '{"more": 1}', commit=False)
    write(branch, CHANGELOG, f"{OPEN}- The state of dev has more in it\n")
    assert "says why" in check(branch, "main")
    write(branch, CHANGELOG, f"{DATED}- The state of dev has more in it\n")
    assert "has no new line" in refused(branch), "the section of a release is not the place"


@pytest.mark.parametrize("text", ['{"more": 1}', None])
def test_the_state_of_a_released_version_neither_changes_nor_goes(since: Branch, text: str | None) -> None:
    project = since(DATED)
    if text is None:
        (project / STATE).unlink()
    else:
        write(project, STATE, text, commit=False)
    for changelog in (
        NEXT.format("- The state of dev and of every stack is another now"),
        OPEN + "- The state of dev is another now, as 0.1.0 is open again\n",
    ):
        write(project, CHANGELOG, changelog)
        assert f"{STATE}: CHANGELOG.md dates 0.1.0" in refused(project)


def test_the_next_version_has_states_of_its_own(since: Branch) -> None:
    project = since(DATED)
    write(project, "tests/golden/state/0.2.0.dev.json", "{}", commit=False)
    write(project, CHANGELOG, NEXT.format("- The state of dev is kept for the next release"))
    assert "1 golden files changed" in check(project, "main")


@for_each("heading", ["## Unreleased", "## 0.1.0", "## v0.1.0 (unreleased)", "## 0.1.0 (21.11.2026)"])
def test_a_heading_that_does_not_say_whether_it_is_released_is_refused(heading: str) -> None:
    with pytest.raises(Refused, match=r"CHANGELOG.md:3: '## .*' is no heading of a version; write `## 1.2.3 \(unrel"):
        sections(f"# Changelog\n\n{heading}\n\n- Words.\n")


def test_our_changelog_begins_with_the_version_of_this_checkout_and_only_that_may_be_unreleased() -> None:
    found = sections((ROOT / CHANGELOG).read_text())
    assert found[0].version == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert [section.version for section in found[1:] if not section.released] == []
    assert len({section.version for section in found}) == len(found)


def test_states_are_kept_of_each_released_version_and_of_this_one() -> None:
    changelog = (ROOT / CHANGELOG).read_text()
    kept = {path.stem: json.loads(path.read_text()) for path in (ROOT / STATES).glob("*.json")}
    of_version: dict[str, set[str]] = {}
    for file in kept:
        version, _, name = file.rpartition(".")
        of_version.setdefault(version, set()).add(name)
    now = sections(changelog)[0].version
    assert of_version.keys() == {*released(changelog), now}
    assert of_version[now] <= {*names()}, "a state of a stack that is gone: delete it, it is not released"
    missing = [version for version, stacks in of_version.items() if not stacks >= {"dev", "prod"}]
    assert not missing, "run `make golden-state`; of other stacks it keeps those in STACKS of test_engine_upgrade.py"
    assert [name for name, state in kept.items() if not state["deployment"]["resources"]] == []
