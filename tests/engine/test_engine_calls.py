"""Services that call each other, and routes, on the real engine: what a change of one touches of the others."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.cloud.store import Operation
from tests.engine.outcome import Outcome
from tests.engine.stack import Stack

NewStack = Callable[[str], Stack]
Config = dict[str, Any]
NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace::compute-calls"


def touched(outcome: Outcome) -> dict[str, set[str]]:
    """Names of what was done in the cloud, by operation."""
    found = {
        op: {name.partition("::")[2] for name in names if name.startswith("aws:")}
        for op, names in outcome.changes.items()
    }
    return {op: names for op, names in found.items() if names}


def only_of(names: set[str], *services: str) -> bool:
    return all(name.startswith(tuple(f"{service}-" for service in services)) for name in names)


def add(name: str, **change: Any) -> Callable[[Config], None]:
    """One more service, of the size of `status`, which can be called and has no route."""

    def change_config(config: Config) -> None:
        services = config["groundwork:services"]
        plain = {key: copy.deepcopy(value) for key, value in services["web"].items() if key != "deployment"}
        services[name] = {**plain, "uses": {}, "route": None, "health": None, **change}

    return change_config


def uses(name: str, **what: str) -> Callable[[Config], None]:
    return lambda config: config["groundwork:services"][name].update(uses=dict(what))


def carried_out(one: Stack, change: Callable[[Config], None]) -> Outcome:
    one.edit(change)
    outcome = one.up(fast=True).expect(0)
    assert one.books().balanced
    return outcome


@pytest.fixture(scope="module")
def api(_baseline: NewStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with a service `api` that is called by nobody yet, for the tests of this file to fork."""
    base, folder = _baseline("dev"), tmp_path_factory.mktemp("api")
    with base.cloud.fork(folder / "cloud") as cloud:
        one = base.fork(folder / "stack", cloud)
        made = touched(carried_out(one, add("api")))
        assert set(made) == {"create"}
        assert only_of(made["create"] - {"compute-calls"}, "api"), "one more service touches nothing else"
        yield one
        one.end()
        cloud.assert_nothing_guessed()


@pytest.fixture
def with_api(api: Stack, tmp_path: Path) -> Iterator[Stack]:
    """A fork of it."""
    with api.cloud.fork(tmp_path / "api-cloud") as cloud:
        one = api.fork(tmp_path / "api-stack", cloud)
        yield one
        one.end()
        cloud.assert_nothing_guessed()


def test_a_first_caller_touches_nothing_of_whom_it_calls(with_api: Stack) -> None:
    made = touched(carried_out(with_api, add("shop", uses={"api": "call"})))
    assert set(made) == {"create"}
    assert only_of(made["create"], "shop")
    assert {"shop-egress-to-api", "shop-ingress-at-api"} <= made["create"]
    with_api.preview("--expect-no-changes").expect(0)


def test_a_circle_of_calls_is_deployed_settles_and_is_taken_away_again(with_api: Stack) -> None:
    carried_out(with_api, add("shop", uses={"api": "call"}))
    made = touched(carried_out(with_api, uses("api", shop="call")))
    assert made["create"] == {"api-egress-to-shop", "api-ingress-at-shop"}
    assert made["update"] == {"api-service"}, "a service without a route can be called by whoever comes"
    assert made["create-replacement"] == {"api-task"}
    with_api.preview("--expect-no-changes", pack=False).expect(0)

    def neither(config: Config) -> None:
        for name in ("api", "shop"):
            del config["groundwork:services"][name]

    gone = touched(carried_out(with_api, neither))
    assert set(gone) == {"delete"}
    assert only_of(gone["delete"] - {"compute-calls"}, "api", "shop")
    assert [thing.name for thing in with_api.cloud.store.things if thing.name == "compute-calls"] == []


def test_a_first_call_to_a_service_with_a_route_deploys_that_service_and_no_other(deployed: NewStack) -> None:
    made = touched(
        carried_out(deployed("prod"), uses("indexer", uploads="read", events="read", shared="write", status="call"))
    )
    assert made["create"] - {"status-call-errors"} == {
        "compute-calls",
        "indexer-egress-to-status",
        "indexer-ingress-at-status",
    }
    assert made["create-replacement"] == {"indexer-task", "status-task"}
    assert made["update"] == {
        "indexer-service",
        "status-service",
    }


def test_a_caller_is_deployed_after_whom_it_calls_and_deleted_before(with_api: Stack) -> None:
    def both(config: Config) -> None:
        add("shop", uses={"stock": "call"})(config)
        add("stock")(config)

    carried_out(with_api, both)

    def order(operation: Operation) -> list[str]:
        return [t.name for t in with_api.cloud.store.did(operation) if t.name in {"shop-service", "stock-service"}]

    assert order("create") == ["stock-service", "shop-service"]

    def neither(config: Config) -> None:
        for name in ("shop", "stock"):
            del config["groundwork:services"][name]

    carried_out(with_api, neither)
    assert order("delete") == ["shop-service", "stock-service"]


def test_a_route_moves_inside_and_back_and_no_group_of_targets_has_two_load_balancers(deployed: NewStack) -> None:
    one = deployed("dev")  # a protected stack keeps its load balancers: the way back takes two steps there

    def inside(internal: bool) -> Callable[[Config], None]:
        return lambda config: config["groundwork:services"]["status"]["route"].update(internal=internal)

    moved = touched(carried_out(one, inside(True)))
    assert {name for name in moved["create"] if not name.startswith("edge-internal")} == {"status-inside"}
    assert moved["delete"] == {"status-targets"}
    assert "status-route" in moved["create-replacement"]
    assert not {name for names in moved.values() for name in names if name.startswith("web-")}
    one.preview("--expect-no-changes").expect(0)

    back = touched(carried_out(one, inside(False)))
    assert {name for name in back["delete"] if not name.startswith("edge-internal")} == {"status-inside"}
    assert back["create"] == {"status-targets"}
    assert [thing.name for thing in one.cloud.store.things if thing.name.startswith("edge-internal")] == []
