"""The line of the stack file beside a key that a program complains about."""

from pathlib import Path

import pytest

from preflight.key_lines import Written
from preflight.project import open_project
from preflight.stack_config import load
from tests.gathered import for_each

STACK_FILE = """\
config:
  aws:region: us-east-1
  web:
    size: 3
    routes:
      - {path: /a}
      - path: /b
        "x.y": 1
  shop:secure: {value: 1}
"""


def written(folder: Path, *overrides: str) -> Written:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text("")
    (folder / "Pulumi.dev.yaml").write_text(STACK_FILE)
    return load(open_project(folder), "dev", list(overrides)).written


@for_each(
    "key, line",
    [
        ("aws:region", 2),
        ("shop:web", 3),
        ("shop:web.size", 4),
        ("shop:web.routes", 5),
        ("shop:web.routes[0].path", 6),
        ("shop:web.routes[1]", 7),
        ('shop:web.routes[1]["x.y"]', 8),
        ("shop:secure.value", 9),
    ],
)
def test_a_key_on_a_line_of_its_own_gets_the_line_that_sets_it(tmp_path: Path, key: str, line: int) -> None:
    assert written(tmp_path).beside_keys(f"two:\n    {key}\n  text") == (
        f"two:\n    {key} (Pulumi.dev.yaml:{line})\n  text"
    )


@pytest.mark.parametrize(
    ("key", "line"), [("shop:web.port", 3), ("shop:web.routes[7].path", 5), ("shop:web.size.cpu", 4)]
)
def test_a_key_that_is_missing_gets_the_line_of_what_it_is_missing_in(tmp_path: Path, key: str, line: int) -> None:
    assert written(tmp_path).beside_keys(key) == f"{key} (Pulumi.dev.yaml:{line})"


@pytest.mark.parametrize("text", ["shop:db", "see shop:web.size", "shop:web.size is wrong", "web.size", "https://x"])
def test_what_is_no_key_of_the_file_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    assert written(tmp_path).beside_keys(text) == text


@pytest.mark.parametrize("override", ["web.size=9", "shop:web.size=9", 'web={"size":9}'])
def test_the_file_is_not_blamed_for_what_the_command_line_sets(tmp_path: Path, override: str) -> None:
    places = written(tmp_path, override)
    assert places.beside_keys("shop:web.size") == "shop:web.size"
    assert places.beside_keys("aws:region") == "aws:region (Pulumi.dev.yaml:2)"


def test_a_key_that_is_escaped_in_a_way_of_its_own_ends_in_no_error(tmp_path: Path) -> None:
    assert written(tmp_path).beside_keys(r'shop:web["\x1b"]') == r'shop:web["\x1b"] (Pulumi.dev.yaml:3)'
