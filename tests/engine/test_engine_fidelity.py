"""Preflight says what the engine says: the same requests, resource by resource, in preview and update."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.engine.cloud import Cloud
from tests.engine.fidelity import compare, programs
from tests.engine.fidelity.compare import Difference, Reason
from tests.engine.fidelity.programs import MODES, PROGRAMS, Compared
from tests.engine.fidelity.reasons import REASONS
from tests.engine.kit import environment
from tests.engine.kit.engine import Engine
from tests.engine.stack import Stack

Compare = Callable[[str], Compared]
GUIDE = Path(__file__).parents[2] / "docs" / "preflight.md"
HEADING = "## Differences from the engine"


@pytest.fixture(scope="module")
def compared(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """Both sides of a program, run once for all tests of this file."""

    @cache
    def get(name: str) -> Compared:
        folder = tmp_path_factory.mktemp(f"fidelity-{name}")
        return programs.nasty(engine, folder) if name == "nasty" else programs.committed(engine, folder, name)

    return get


@pytest.fixture(scope="module")
def hooked(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """The engine's side of a committed stack as `make preview` and `make up` run it, with the hook of preflight.startup."""

    @cache
    def get(name: str) -> Compared:
        folder = tmp_path_factory.mktemp(f"hooked-{name}")
        with Cloud(folder / "cloud") as cloud:
            stack = Stack(replace(engine.plain, as_pulumi=True, fast=True), cloud, folder / "stack", name)
            environment.make(stack.project)
            pack = stack.project / "policy"
            try:
                flags = ("--policy-pack-config", str(pack / "config" / f"{name}.json"))
                made = programs.theirs(stack, pack, *flags)
            finally:
                stack.end()
        assert list((stack.folder / "home" / ".cache" / "groundwork").glob("*pulumi_aws*")), "the loader was there"
        return made

    return get


def judged(compared: Compare, engine: Engine, name: str, mode: str) -> tuple[list[Difference], list[Reason]]:
    sides = compared(name)
    found = compare.differences(sides.ours[mode], sides.theirs[mode])
    return compare.judge(found, REASONS, name, mode, engine.version)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_difference_is_without_a_reason(compared: Compare, engine: Engine, name: str, mode: str) -> None:
    unexplained, _ = judged(compared, engine, name, mode)
    assert not unexplained, "\n".join(map(str, unexplained[:40]))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_reason_outlives_its_difference(compared: Compare, engine: Engine, name: str, mode: str) -> None:
    _, stale = judged(compared, engine, name, mode)
    assert [reason.title for reason in stale] == [], "it no longer occurs: take it out of reasons.py and the guide"


@pytest.mark.parametrize(("name", "at_least"), [("dev", 165), ("prod", 190), ("nasty", 85)])
def test_every_resource_is_in_all_three_kinds_of_request(compared: Compare, name: str, at_least: int) -> None:
    sides = compared(name)
    for mode in MODES:
        for side in (sides.ours[mode], sides.theirs[mode]):
            made = {urn for urn, entry in side.registrations.items() if not entry.get("read")}
            assert len(made) >= at_least
            assert set(side.analyzed) == set(side.stack) == made
            assert side.configuration["dryRun" if mode == "preview" else "stack"]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_a_first_preview_shows_what_the_first_update_makes_and_makes_nothing(compared: Compare, name: str) -> None:
    sides = compared(name)
    seen, made = sides.outcomes["preview"], sides.outcomes["update"]
    assert sides.touched == [], "a preview must not touch the cloud"
    assert set(made.changes) == {"create"}
    # awsx builds inside an apply: while the repository's address is unknown, a preview cannot show the image.
    missing = set(made.changes["create"]) - set(seen.changes["create"])
    assert {name.partition("::")[0] for name in missing} == {
        "docker-build:index:Image",
        "pulumi:providers:docker-build",
    }
    assert set(seen.changes["create"]) <= set(made.changes["create"])
    assert sides.stack.books().balanced
    store = sides.stack.cloud.store
    assert len(store.did("create")) == len(store.things), "nothing was made twice"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_pack_says_the_same_of_a_committed_stack(compared: Compare, name: str, mode: str) -> None:
    sides = compared(name)
    assert sides.our_verdicts[mode] == sides.their_verdicts[mode]
    assert [verdict for verdict in sides.their_verdicts[mode] if verdict.level == "mandatory"] == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["dev", "prod"])
def test_with_the_hook_the_engine_is_asked_for_the_same(
    compared: Compare, hooked: Compare, name: str, mode: str
) -> None:
    stock, fast = compared(name), hooked(name)
    found = [
        difference
        for difference in compare.differences(fast.theirs[mode], stock.theirs[mode])
        # The engine draws the ids of providers at random, in an update.
        if not (":pulumi:providers:" in difference.urn and difference.path == ("id",))
    ]
    assert not found, "\n".join(map(str, found[:40]))
    assert fast.theirs[mode].registrations.keys() == stock.theirs[mode].registrations.keys()
    assert fast.theirs[mode].analyzed.keys() == stock.theirs[mode].analyzed.keys() != set()
    assert fast.their_verdicts[mode] == stock.their_verdicts[mode]


def test_the_guide_names_each_reason_and_no_other() -> None:
    section = GUIDE.read_text().partition(HEADING)[2].partition("\n## ")[0]
    named = re.findall(r"^- \*\*(.+?)\*\*", section, re.MULTILINE)
    assert named == list(dict.fromkeys(reason.title for reason in REASONS))


def test_the_program_of_everything_has_every_form_of_value_and_option(compared: Compare) -> None:
    side = compared("nasty").theirs["preview"]
    options = {key for entry in side.registrations.values() for key in entry.get("options", {})}
    assert options >= {
        "additionalSecretOutputs",
        "aliases",
        "customTimeouts",
        "deleteBeforeReplace",
        "deletedWith",
        "hideDiffs",
        "hooks",
        "ignoreChanges",
        "import",
        "protect",
        "provider",
        "providers",
        "replaceOnChanges",
        "replaceWith",
        "replacementTrigger",
        "retainOnDelete",
        "version",
    }
    text = repr(side.registrations)
    for form in ("$unknown", "$secret", "$asset", "$archive", "$resource", "'read': True", "'remote': True"):
        assert form in text
