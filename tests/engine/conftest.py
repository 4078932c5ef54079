"""The real engine against a simulated cloud. These tests run only when they are asked for by path.

`make test-engine` runs them; `make test` says that it has left them out.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.left_out import asked_for

os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # the tests start processes while the plugins serve

if TYPE_CHECKING:
    from tests.engine.cloud import Cloud
    from tests.engine.kit.engine import Engine
    from tests.engine.stack import Stack

HERE = Path(__file__).parent
# Those that take longest, the longest first (2026-11): with several processes, each of which gets whole files, the others
# would wait at the end for one that begins late.
LONG = (
    "test_engine_faults.py", "test_engine_life.py", "test_engine_fidelity.py", "test_engine_deployments.py",
    "test_engine_fleet.py", "test_engine_calls.py", "test_engine_controls.py", "test_engine_functions.py",
    "test_engine_network.py", "test_engine_accidents.py", "test_engine_cloud.py", "test_engine_timeline.py",
    "test_engine_policy.py", "test_engine_upgrade.py", "test_engine_stores.py",
)  # fmt: skip
FIGURES = pytest.StashKey[list[str]]()
STARTED = time.monotonic()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Nothing here is collected, or even imported, in a run of all tests."""
    return None if asked_for(HERE, config) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, and those of other folders as they were."""
    place = {HERE / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Figures of a process that runs a part of the tests (`--numprocesses`) go to the one that prints them."""
    output: dict[str, list[str]] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["figures"] = session.config.stash.get(FIGURES, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A process that ran a part of the tests has ended; one that was lost has no figures to give."""
    found = node.config.stash.setdefault(FIGURES, [])
    found += getattr(node, "workeroutput", {}).get("figures", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says plainly what was not run."""
    found = config.stash.get(FIGURES, [])
    if found:
        busy = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
        found = [*found, f"all of this took {time.monotonic() - STARTED:.0f} s ({busy})"]
    for line in found:
        terminalreporter.write_line(f"figures: {line}")
    if not asked_for(HERE, config):
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "Left out: the tests on the real Pulumi engine (tests/engine). `make test-engine` runs them.", yellow=True
        )


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> "Engine":
    """The Pulumi CLI to test with. Programs load the SDK the quick way; with ``engine.plain`` as they do for users."""
    from tests.engine.kit import engine as kit  # noqa: PLC0415  not in a run that leaves these tests out

    found = kit.locate()
    if found is None:
        pytest.fail("there is no Pulumi engine to test with: run `make engine`", pytrace=False)
    cache = of_the_run(tmp_path_factory) / "sdk"
    cache.mkdir(exist_ok=True)
    return replace(found, sdk_cache=cache)


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> list[str]:
    """Lines to print at the end of the run: what was tried, what survived."""
    return pytestconfig.stash.setdefault(FIGURES, [])


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator["Cloud"]:
    """An empty simulated cloud, for this test alone."""
    from tests.engine.cloud import Cloud  # noqa: PLC0415

    with Cloud(tmp_path / "cloud") as made:
        yield made
    made.assert_nothing_guessed()


@pytest.fixture
def stack(engine: "Engine", cloud: "Cloud", tmp_path: Path) -> Iterator[Callable[[str], "Stack"]]:
    """``stack("prod")``: the committed stack, not deployed yet, on this test's cloud."""
    from tests.engine.stack import Stack  # noqa: PLC0415

    made: list[Stack] = []

    def new(name: str) -> Stack:
        made.append(Stack(engine, cloud, tmp_path / f"stack-{len(made)}", name))
        return made[-1]

    yield new
    for one in made:
        one.end()


@pytest.fixture(scope="session")
def _baseline(engine: "Engine", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], "Stack"]]:
    """Each committed stack, deployed once in a test run by whichever process comes first, for others to fork."""
    from tests.engine.cloud import Cloud  # noqa: PLC0415
    from tests.engine.stack import Stack  # noqa: PLC0415

    made: dict[str, Stack] = {}

    def get(name: str) -> Stack:
        if name not in made:
            folder = of_the_run(tmp_path_factory) / f"baseline-{name}"
            folder.mkdir(exist_ok=True)
            with (folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                made[name] = Stack(engine, Cloud(folder / "cloud"), folder / "stack", name)
                if not (folder / "deployed").exists():
                    made[name].up(fast=True).expect(0)
                    (folder / "deployed").touch()
        return made[name]

    yield get
    for one in made.values():
        one.end()
        one.cloud.close()


def of_the_run(factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of the tests share."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture
def deployed(_baseline: Callable[[str], "Stack"], tmp_path: Path) -> Iterator[Callable[[str], "Stack"]]:
    """``deployed("prod")``: the committed stack, deployed, with a state and a cloud (``.cloud``) of its own."""
    made: list[Stack] = []

    def new(name: str) -> "Stack":
        base, folder = _baseline(name), tmp_path / f"deployed-{len(made)}"
        made.append(base.fork(folder / "stack", base.cloud.fork(folder / "cloud")))
        return made[-1]

    yield new
    for one in made:
        one.end()
        one.cloud.close()
    for one in made:
        one.cloud.assert_nothing_guessed()
