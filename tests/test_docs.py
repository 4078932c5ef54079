"""The documents tell the truth: printed output is the real one, links lead somewhere, commands exist."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.committed import STACKS, Committed, stack_file
from tests.gathered import for_each

ROOT = Path(__file__).parent.parent
UPDATE = os.environ.get("GROUNDWORK_UPDATE_GOLDEN") == "1"
HIDDEN = {".venv", ".git", "build", "node_modules"}


def _pages(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in HIDDEN:
            yield from _pages(path)
        elif path.suffix == ".md":
            yield path


PAGES = list(_pages(ROOT))
README = ROOT / "README.md"
BLOCK = re.compile(
    r"(?<=<!-- preflight:prod -->\n```\n\$ python -m preflight check prod\n).*?(?=```\n<!-- /preflight -->)", re.DOTALL
)


def test_the_readme_shows_what_preflight_really_prints(recording: Committed) -> None:
    recording.fine()
    told, limits = re.split(r"^(?=Preflight cannot know)", recording.told, flags=re.MULTILINE)
    [prod] = [
        part for part in re.split(rf"^(?=(?:{'|'.join(STACKS)}): )", told, flags=re.MULTILINE) if part[:6] == "prod: "
    ]
    prod += limits  # as if it were alone
    if UPDATE:
        README.write_text(BLOCK.sub(lambda _: prod, README.read_text()))
    [shown] = BLOCK.findall(README.read_text())
    assert shown == prod, "run `make golden`"


def test_the_pictures_in_the_readme_are_those_of_the_committed_stacks(recording: Committed) -> None:
    for stack in ("dev", "prod"):
        kept = ROOT / "docs" / "pictures" / f"{stack}.svg"
        now = recording.picture(stack)
        if UPDATE:
            kept.write_text(now, encoding="utf-8")
        assert f"docs/pictures/{stack}.svg" in README.read_text()
        assert kept.read_text(encoding="utf-8") == now, "run `make golden`"


def test_the_readme_shows_a_committed_service_of_each_kind() -> None:
    snippets = re.findall(r"```yaml\n(  groundwork:services:\n.*?)```", README.read_text(), re.DOTALL)
    shown = {name: service for one in snippets for name, service in yaml.safe_load(one)["groundwork:services"].items()}
    dev, prod = (stack_file(stack)["config"]["groundwork:services"] for stack in ("dev", "prod"))
    assert shown == {name: prod.get(name) or dev[name] for name in shown}
    assert {service["kind"] for service in shown.values()} == {"web", "worker", "job", "function", "fleet"}


@for_each("page", PAGES, name=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_every_make_target_of_a_page_exists(page: Path) -> None:
    text = page.read_text()
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert len(targets) > 10
    assert set(re.findall(r"(?:`|^ *)make ([a-z][a-z-]+)", text, re.MULTILINE)) - targets == set()


def test_there_are_pages_to_look_at() -> None:
    assert {README, ROOT / "docs" / "policies.md", ROOT / "docs" / "preflight.md"} <= set(PAGES)
