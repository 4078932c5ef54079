"""Networks of the committed stacks do not overlap."""

from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from settings.errors import Doubt, Mistake
from settings.siblings import overlaps
from tests.gathered import for_each

Load = Callable[..., Any]


def write(root: Path, stack: str, cidr: str) -> None:
    (root / f"Pulumi.{stack}.yaml").write_text(f"config:\n  groundwork:network: {{cidr: {cidr}}}\n")


def said(root: Path, cidr: str, stack: str = "prod") -> list[Any]:
    return list(overlaps(root, stack, IPv4Network(cidr)))


def test_ranges_apart_are_fine(tmp_path: Path) -> None:
    write(tmp_path, "dev", "10.10.0.0/16")
    write(tmp_path, "stage", "10.30.0.0/16")
    assert said(tmp_path, "10.20.0.0/16") == []


@pytest.mark.parametrize("cidr", ["10.10.0.0/16", "10.10.128.0/17", "10.10.4.0/24"])
def test_an_overlap_names_both_stacks_both_ranges_and_a_free_one(tmp_path: Path, cidr: str) -> None:
    write(tmp_path, "dev", "10.10.0.0/16")
    write(tmp_path, "stage", "10.1.0.0/16")
    (mistake,) = said(tmp_path, cidr)
    assert isinstance(mistake, Mistake)
    assert mistake.given == f"\"{cidr}\" in stack 'prod', \"10.10.0.0/16\" in stack 'dev'"
    free = IPv4Network(mistake.change.split()[1].rstrip(","))
    assert free.prefixlen == IPv4Network(cidr).prefixlen
    assert not any(free.overlaps(IPv4Network(taken)) for taken in ("10.10.0.0/16", "10.1.0.0/16", "10.0.0.0/16"))


def test_each_stack_it_overlaps_with_is_named(tmp_path: Path) -> None:
    write(tmp_path, "dev", "10.20.0.0/20")
    write(tmp_path, "stage", "10.20.128.0/20")
    assert [mistake.problem.split("'")[1] for mistake in said(tmp_path, "10.20.0.0/16")] == ["dev", "stage"]


def test_a_stack_does_not_overlap_with_itself(tmp_path: Path) -> None:
    write(tmp_path, "prod", "10.20.0.0/16")
    assert said(tmp_path, "10.20.0.0/16") == []


@for_each(
    "text",
    [
        "config: {",
        "config: [1, 2]",
        "config:\n  groundwork:network: hello",
        "config:\n  groundwork:network: {cidr: ten}",
        "config:\n  groundwork:network: {cidr: " + "9" * 5000 + "}",
        "config:\n  groundwork:network: {cidr: [a]}",
        "config: " + "[" * 100_000,
        "config: {a: " + "{a: " * 200 + "1" + "}" * 201,
        "config: &a {b: *c}",
        "\0",
    ],
)
def test_a_stack_file_that_cannot_be_read_is_a_warning_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.broken.yaml").write_text(text)
    write(tmp_path, "dev", "10.20.0.0/16")
    doubt, mistake = said(tmp_path, "10.20.0.0/16")
    assert isinstance(doubt, Doubt)
    assert "Pulumi.broken.yaml is no use (mistaken)" in doubt.text
    assert isinstance(mistake, Mistake), "the others are still compared"


def test_a_folder_or_a_link_to_itself_in_the_place_of_a_stack_file_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.folder.yaml").mkdir()
    (tmp_path / "Pulumi.loop.yaml").symlink_to("Pulumi.loop.yaml")
    write(tmp_path, "dev", "10.30.0.0/16")
    assert [doubt.text for doubt in said(tmp_path, "10.20.0.0/16")] == [
        "not compared with stack 'folder': Pulumi.folder.yaml is no use (is a directory)",
        "not compared with stack 'loop': Pulumi.loop.yaml is no use (too many levels of symbolic links)",
    ]


def test_a_stack_file_with_the_other_ending_is_compared_too(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yml").write_text("name: groundwork\n")
    (tmp_path / "Pulumi.dev.yml").write_text("config:\n  groundwork:network: {cidr: 10.20.0.0/16}\n")
    (mistake,) = said(tmp_path, "10.20.0.0/16")
    assert "'dev'" in mistake.problem


@for_each("text", ["", "config: {}", "config:\n", "config:\n  aws:region: us-east-1\n"])
def test_a_stack_without_a_network_is_nothing_to_compare_with(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.other.yaml").write_text(text)
    assert said(tmp_path, "10.20.0.0/16") == []


def test_loading_compares_with_the_files_beside_pulumi_yaml(load: Load, root: Path) -> None:
    write(root, "stage", "10.20.0.0/18")
    with pytest.raises(Exception, match=r"overlaps with the network of stack 'stage'"):
        load()
    assert load(stack="stage").network.cidr == IPv4Network("10.20.0.0/16")
