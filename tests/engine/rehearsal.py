"""Many first deployments of one stack, each with its own accident, and what was left of each after a second one."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from preflight.launcher import processors
from preflight.simulation import holders
from tests.engine.cloud import Fault
from tests.engine.outcome import Outcome
from tests.engine.stack import Stack

AT_ONCE = max(2, processors())  # engines side by side


@dataclass(frozen=True)
class Resource:
    """A resource of the deployed stack, as faults name it."""

    urn: str
    type: str
    name: str

    @classmethod
    def of(cls, urn: str) -> "Resource":
        """From its URN."""
        head, _, name = urn.rpartition("::")
        return cls(urn, head.rpartition("::")[2].rpartition("$")[2], name)


def resources(stack: Stack) -> list[Resource]:
    """Everything of a deployed stack that is a thing in the cloud, sorted."""
    return [Resource.of(urn) for urn in sorted(thing.urn for thing in stack.cloud.store.things)]


def generations(stack: Stack) -> list[list[Resource]]:
    """The same, in groups: nothing in a group needs another of the group, all that it needs is in groups before."""
    state = {resource["urn"]: resource for resource in stack.state()}

    def needs(resource: dict[str, Any]) -> set[str]:
        provider = str(resource.get("provider", "")).rpartition("::")[0]
        listed = {urn for urns in (resource.get("propertyDependencies") or {}).values() for urn in urns or ()}
        return {*listed, *(resource.get("dependencies") or ()), resource.get("parent", ""), provider} & state.keys()

    @cache
    def depth(urn: str) -> int:
        below = max((depth(need) for need in needs(state[urn])), default=0)
        return below + bool(state[urn].get("custom"))

    groups: dict[int, list[Resource]] = {}
    for resource in resources(stack):
        groups.setdefault(depth(resource.urn), []).append(resource)
    return [groups[key] for key in sorted(groups)]


def sample(groups: Sequence[Sequence[Resource]]) -> list[Sequence[Resource]]:
    """Those of the groups, in their order, that have between them all that holds data and one thing of every type.

    Always the same for the same stack: of the groups that add equally much, the first.
    """

    def worth(group: Sequence[Resource]) -> set[str]:
        return {r.type for r in group} | {r.urn for r in group if r.type in holders.TYPES}

    wanted = set().union(*map(worth, groups))
    taken: list[Sequence[Resource]] = []
    while wanted:
        taken.append(max(groups, key=lambda group: len(worth(group) & wanted)))
        wanted -= worth(taken[-1])
    return [group for group in groups if group in taken]


def one_of_every_type(stack: Stack) -> list[Resource]:
    """The first by URN of each type, sorted by URN."""
    first: dict[str, Resource] = {}
    for resource in resources(stack):
        first.setdefault(resource.type, resource)
    return list(first.values())


@dataclass
class Tally:
    """What became of the creations that failed; ``whole`` is how many there are in all.

    ``lost`` counts what only the state has and whatever was deleted, also of what holds no data.
    """

    whole: int

    tried: int = 0
    survived: int = 0
    orphans: int = 0
    lost: int = 0
    doubles: int = 0
    reports: list[str] = field(default_factory=list)

    def add(self, failed: Sequence[Resource], base: Stack, one: Stack, second: Outcome) -> bool:
        """Counts one rehearsal; a report for each thing that is not as it would be without the accident. Whether all is."""
        books = one.books()
        made = Counter(thing.urn for thing in one.cloud.store.did("create"))
        again = [urn for urn, number in made.items() if number > 1]
        missing = {r["urn"] for r in base.state()} ^ {r["urn"] for r in one.state()}
        removed = [*one.cloud.store.did("delete"), *one.cloud.store.did("vanish")]
        broken = {
            "exit code": second.code,
            "failed again": [step.name for step in second.failed],
            "orphans": books.orphans,
            "lost": books.lost,
            "made twice": again,
            "urns that differ": sorted(missing),
            "deleted": [thing.urn for thing in removed],
            "not known whether it replaces": [f"{guess.name} {guess.path}" for guess in one.cloud.guesses],
        }
        self.tried += len(failed)
        self.orphans += len(books.orphans)
        self.lost += len(books.lost) + len(removed)
        self.doubles += len(again)
        if any(broken.values()):
            found = {key: value for key, value in broken.items() if value}
            self.reports.append(f"{[resource.name for resource in failed]}: {found}\n{second.output[-2000:]}")
            return False
        self.survived += len(failed)
        return True

    def line(self, what: str) -> str:
        """For the end of the run: how many of how many were tried comes before what became of them."""
        return (
            f"{what}: tried {self.tried} of {self.whole}; {self.survived} of {self.tried} survived, "
            f"orphans {self.orphans}, made twice {self.doubles}, data lost {self.lost}"
        )


def rehearse(
    blank: Stack,
    base: Stack,
    folder: Path,
    groups: Iterable[Sequence[Resource]],
    *,
    fault: Callable[[Resource], Fault],
) -> Tally:
    """For each group a first deployment in which its creations go wrong together, and a plain second one.

    As many at a time as there are processors; what a deployment leaves on the disk is removed when nothing was wrong.
    """
    tally = Tally(len(base.cloud.store.things))

    def one(numbered: tuple[int, Sequence[Resource]]) -> tuple[Sequence[Resource], Stack, Outcome]:
        number, group = numbered
        cloud = blank.cloud.fork(folder / f"{number}" / "cloud")
        stack = blank.fork(folder / f"{number}" / "stack", cloud)
        try:
            cloud.script.play(*(replace(fault(resource), together=len(group)) for resource in group))
            first = stack.up("--parallel", str(max(16, 2 * len(group))), fast=True).expect(1)
            struck = {name for _, name in cloud.script.struck}
            assert struck == {f"{r.type}::{r.name}" for r in group}, f"not all were met:\n{first.output}"
            return group, stack, stack.up(fast=True)
        finally:
            stack.end()
            cloud.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for group, stack, second in pool.map(one, enumerate(groups)):
            if tally.add(group, base, stack, second):
                shutil.rmtree(stack.folder.parent)  # a whole night of them is some gigabytes
    return tally
