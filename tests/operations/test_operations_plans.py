"""When a reviewed plan may still be carried out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from operations import plans
from operations.changes import Preview
from operations.late import unplanned
from operations.stacks import Refused, find
from tests.gathered import for_each
from tests.operations.support import git

BUCKET = {"urn": "urn:b", "type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "x"}, "outputs": {"arn": "a"}}
EMPTY = Preview(changes=[], unchanged=0)
DAY = 86_400


@pytest.fixture
def folder(project: Path) -> Path:
    """A plan for dev, made from what is committed and a state of one bucket."""
    folder = project / "build" / "plan"
    folder.mkdir(parents=True)
    (folder / plans.PLAN).write_text("{}")
    plans.save(folder, find("dev", project), EMPTY, [BUCKET], late=[])
    return folder


def objections(project: Path, folder: Path, state: Sequence[dict[str, Any]] = (BUCKET,), **given: Any) -> list[str]:
    return plans.objections(plans.load(folder), find(given.pop("stack", "dev"), project), state, **given)


def test_a_plan_fits_what_it_was_made_from(project: Path, folder: Path) -> None:
    assert objections(project, folder) == []


def test_a_commit_with_the_same_files_keeps_a_plan_valid(project: Path, folder: Path) -> None:
    git(project, "commit", "--allow-empty", "--quiet", "--message", "squashed")
    assert objections(project, folder) == [], "a squash makes another commit of the same files"


def test_any_other_committed_file_ends_a_plan(project: Path, folder: Path) -> None:
    (project / "__main__.py").write_text("other = 1\n")
    git(project, "commit", "--all", "--quiet", "--message", "other")
    (objection,) = objections(project, folder)
    assert "something else was merged" in objection


def test_files_that_are_not_committed_are_refused(project: Path, folder: Path) -> None:
    (project / "__main__.py").write_text("other = 1\n")
    with pytest.raises(Refused, match=r"committed files only.*__main__\.py"):
        objections(project, folder)


@pytest.mark.parametrize(
    "state",
    [
        [],
        [BUCKET, {**BUCKET, "urn": "urn:c"}],
        [{**BUCKET, "outputs": {"arn": "b"}}],
        [{**BUCKET, "inputs": {}}],
        [{**BUCKET, "protect": True}],
        [{**BUCKET, "delete": True}],
    ],
)
def test_another_state_ends_a_plan(project: Path, folder: Path, state: list[dict[str, Any]]) -> None:
    (objection,) = objections(project, folder, state)
    assert "the stack has changed since" in objection


@for_each("field", ["created", "modified", "sourcePosition", "stackTrace", "dependencies"])
def test_what_differs_from_save_to_save_does_not(project: Path, folder: Path, field: str) -> None:
    assert objections(project, folder, [{**BUCKET, field: ["another"]}]) == []


def test_the_order_of_the_state_and_new_encryption_of_a_secret_do_not_either() -> None:
    def state(cipher: str) -> list[dict[str, Any]]:
        secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": cipher}
        return [BUCKET, {"urn": "urn:d", "outputs": {"list": [{"password": secret}]}}]

    assert plans.fingerprint(state("v1")) == plans.fingerprint(reversed(state("v2")))


def test_a_plan_ends_after_a_week(project: Path, folder: Path) -> None:
    made = plans.load(folder).made_at
    assert objections(project, folder, now=made + 7 * DAY) == []
    (objection,) = objections(project, folder, now=made + 7.1 * DAY)
    assert "more than 7" in objection


def test_a_plan_is_for_one_stack(project: Path, folder: Path) -> None:
    (objection,) = objections(project, folder, stack="prod")
    assert "for stack dev, not prod" in objection


def test_all_objections_come_at_once(project: Path, folder: Path) -> None:
    assert len(objections(project, folder, [], stack="prod", now=1e12)) == 3


def test_a_plan_that_was_altered_or_is_incomplete_is_refused(folder: Path) -> None:
    (folder / plans.PLAN).write_text("{ }")
    with pytest.raises(Refused, match="not the file that was reviewed"):
        plans.load(folder)
    for broken in ("{}", "[]", "no JSON"):
        (folder / plans.REVIEW).write_text(broken)
        with pytest.raises(Refused, match="no reviewed plan"):
            plans.load(folder)
    with pytest.raises(Refused, match="no reviewed plan"):
        plans.load(folder / "nowhere")


def test_what_only_an_update_shows_is_late_unless_it_exists_or_is_previewed() -> None:
    def entry(urn: str, *phases: str, kind: str = "docker-build:index:Image") -> dict[str, Any]:
        return {"urn": urn, "type": kind, "name": urn[-1], "phases": list(phases)}

    image, both = entry("urn:i", "update"), entry("urn:b", "preview", "update")
    provider = {**entry("urn:default", "update", kind="pulumi:providers:docker-build"), "name": "default"}
    assert unplanned([image, both, provider], EMPTY, []) == ["docker-build:index:Image::i"]
    assert unplanned([image], EMPTY, [{"urn": "urn:i"}]) == []
