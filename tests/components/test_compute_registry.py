"""Images of our own: a tag that follows the content, in a repository where a tag never changes its meaning."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.compute import content, registry
from components.compute.registry import Registry, RegistryArgs

REPOSITORY = "aws:ecr/repository:Repository"
IMAGE = "awsx:ecr:Image"
LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy"


def made_of(
    *, protected: bool = True, architecture: Any = "arm64", build: str = "services/status"
) -> Callable[[], Registry]:
    args = RegistryArgs(build=build, architecture=architecture, key_arn="arn:key", protected=protected)
    return lambda: Registry("status-registry", args)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.py").write_text("a")
    return tmp_path


def test_a_tag_never_changes_its_meaning_and_what_is_pushed_is_scanned_and_encrypted(deploy: Any) -> None:
    repository = deploy(made_of()).one(REPOSITORY).inputs
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": "arn:key"}]


@pytest.mark.parametrize("protected", [True, False])
def test_only_a_stack_that_may_be_thrown_away_deletes_its_images(deploy: Any, protected: bool) -> None:
    assert deploy(made_of(protected=protected)).one(REPOSITORY).inputs["forceDelete"] is not protected


def test_only_what_has_no_tag_ever_goes_so_what_runs_or_ran_stays(deploy: Any) -> None:
    made = deploy(made_of())
    (rule,) = json.loads(made.one(LIFECYCLE).inputs["policy"])["rules"]
    assert rule["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    }
    assert made.one(IMAGE).inputs["imageTag"], "what is pushed has a tag, and immutable tags are never taken away"


def test_a_new_lifecycle_does_not_end_with_the_old_one_being_taken_away(deploy: Any) -> None:
    assert deploy(made_of()).one(LIFECYCLE).delete_before_replace is True


@pytest.mark.parametrize(("architecture", "platform"), [("arm64", "linux/arm64"), ("x86_64", "linux/amd64")])
def test_the_image_is_built_for_the_processor_that_the_task_runs_on(
    deploy: Any, architecture: str, platform: str
) -> None:
    image = deploy(made_of(architecture=architecture)).one(IMAGE)
    assert image.inputs["platform"] == platform
    assert image.inputs["context"] == "services/status", "an absolute path would differ from machine to machine"
    assert image.inputs["imageTag"] == content.tag(registry.PROJECT / "services/status", architecture)


def test_the_image_goes_to_its_own_repository(deploy: Any) -> None:
    made = deploy(made_of())
    assert made.one(IMAGE).property_dependencies["repositoryUrl"] == {made.one(REPOSITORY).urn}


def test_every_child_belongs_to_the_component(deploy: Any) -> None:
    made = deploy(made_of())
    assert {r.parent for r in made.registered if r.type.startswith("aws")} == {
        made.one("groundwork:compute:Registry").urn
    }


def test_equal_content_gives_an_equal_tag(folder: Path) -> None:
    first = content.tag(folder, "arm64")
    (folder / "lib" / "a.py").write_text("a")
    assert content.tag(folder, "arm64") == first
    assert len(first) == 20


def test_what_tools_leave_behind_does_not_make_a_new_image(folder: Path) -> None:
    first = content.tag(folder, "arm64")
    (folder / "lib" / "__pycache__").mkdir()
    (folder / "lib" / "__pycache__" / "a.pyc").write_bytes(b"1")
    assert content.tag(folder, "arm64") == first


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "lib" / "a.py").write_text("b"),
        lambda folder: (folder / "lib" / "a.py").rename(folder / "lib" / "b.py"),
        lambda folder: (folder / "lib" / "a.py").chmod(0o755),
        lambda folder: (folder / "lib" / "empty").write_text(""),
        lambda folder: (folder / "Dockerfile").write_text("FROM scratch\n#"),
    ],
    ids=["content", "name", "executable", "another file", "Dockerfile"],
)
def test_any_change_of_the_content_gives_another_tag(folder: Path, change: Callable[[Path], object]) -> None:
    first = content.tag(folder, "arm64")
    change(folder)
    assert content.tag(folder, "arm64") != first


def test_another_processor_gives_another_tag(folder: Path) -> None:
    assert content.tag(folder, "arm64") != content.tag(folder, "x86_64")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"x": b"ab", "y": b"c"}, {"x": b"a", "y": b"bc"}),
        ({"x": b"a", "y": b"b"}, {"x": b"a\0y\0False\0b"}),
    ],
    ids=["bytes moved to the next file", "a file that imitates two"],
)
def test_no_two_folders_share_a_tag_by_construction(
    tmp_path: Path, one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    tags = set()
    for name, files in (("one", one), ("other", other)):
        (tmp_path / name).mkdir()
        for file, data in {"Dockerfile": b"", **files}.items():
            (tmp_path / name / file).write_bytes(data)
        tags.add(content.tag(tmp_path / name, "arm64"))
    assert len(tags) == 2


def test_a_folder_without_a_dockerfile_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no Dockerfile: name a folder with one.*or give the service an `image`"):
        content.tag(tmp_path, "arm64")
