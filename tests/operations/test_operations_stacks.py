"""Which stack is meant, and what a person is told when it is none."""

from pathlib import Path

import pytest

from operations.stacks import Refused, find, names
from tests.gathered import for_each


def test_the_stacks_are_those_with_a_stack_file(project: Path) -> None:
    (project / "Pulumi.yaml.bak").write_text("")
    assert names(project) == ["dev", "prod"], "Pulumi.yaml itself is no stack"
    assert find("dev", project).name == "dev"


def test_only_a_plain_false_counts_as_unprotected(project: Path) -> None:
    assert [find(name, project).protected for name in ("dev", "prod")] == [False, True]
    for text in ("config: {}\n", "", "config:\n  groundwork:protection: {protected: 'false'}\n", "- a\n"):
        (project / "Pulumi.dev.yaml").write_text(text)
        assert find("dev", project).protected, f"{text!r} says nothing about it, so it is treated as protected"


@for_each(
    "given, told",
    [
        ("", ["which stack?", "STACK=dev", "dev, prod"]),
        ("prd", ["no stack 'prd'", "did you mean 'prod'?", "dev, prod"]),
        ("../dev", ["no stack '../dev'", "Pulumi.<name>.yaml"]),
        ("dev; rm -rf /", ["no stack 'dev; rm -rf /'"]),
        ("--yes", ["no stack '--yes'"]),
    ],
)
def test_a_name_that_is_no_stack_is_refused(project: Path, given: str, told: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        find(given, project)
    assert [piece for piece in told if piece not in str(caught.value)] == [], str(caught.value)


def test_a_stack_without_a_configuration_of_the_pack_is_refused(project: Path) -> None:
    (project / "policy" / "config" / "dev.json").unlink()
    with pytest.raises(Refused, match=r"policy/config/dev\.json"):
        find("dev", project)
    assert find("prod", project).pack_arguments == [
        "--policy-pack",
        "policy",
        "--policy-pack-config",
        "policy/config/prod.json",
    ]
