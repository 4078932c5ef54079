"""An in-memory engine that runs a builder to its end and keeps every registration with its options.

What takes most of the time and is not about the program is replaced, and the SDK's modules are loaded when they are used,
as in a run of preflight: tests/preflight/test_plain_sdk.py compares that with the SDK's own.
GROUNDWORK_PLAIN_SDK=1 leaves it.
"""

import copy
import gc
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pulumi
import pytest
from hypothesis import settings as hypothesis
from hypothesis.internal import entropy
from hypothesis.internal.conjecture import providers
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.sync_await import _ensure_event_loop

from preflight import lazy_sdk, sdk_speed, wire
from preflight.simulation import computed, resource_id
from tests import shares
from tests.committed import Committed, as_shipped, recorded, recorded_as_shipped
from tests.components import shapes
from tests.remembered import Remembered

# A test that fails does so for everybody and again: HYPOTHESIS_PROFILE=explore looks at other examples in each run.
hypothesis.register_profile("repeatable", derandomize=True, database=None, deadline=None)
hypothesis.register_profile("explore", database=None, deadline=None)
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
if hypothesis.get_current_profile_name() == "repeatable":
    # It draws from the constants of all our modules that happen to be loaded: in a run of all tests from others than in
    # one of a single test. Gathering them takes seconds, in every process.
    vars(providers)["_get_local_constants"] = lambda: providers._local_constants

gc.disable()  # until all is loaded: see pytest_collection_finish

FAST = os.environ.get(lazy_sdk.OFF_SWITCH) != "1"
if FAST:
    lazy_sdk.install()
    sdk_speed.install()
import_module("pulumi_aws")  # what the simulation knows of many types is what their classes say, where they are loaded

# Those of four seconds and more of a processor, or that wait as long, the longest first (2026-11): with several processes,
# each of which gets whole files, the others would wait at the end for one that begins late.
LONG = (
    "test_network_shapes.py", "test_plain_sdk.py", "test_launcher_nursery.py", "test_policy_cases.py", "test_ahead.py",
    "test_analyzer_pack.py",
)  # fmt: skip
REGION = "us-east-1"
ACCOUNT = "111122223333"
STACK = "pulumi:pulumi:Stack"


def pytest_collection(session: pytest.Session) -> None:
    """In a run of all tests in several processes each of them compiles a part first."""
    if [Path(session.config.invocation_params.dir, argument) for argument in session.config.args] == [shares.TESTS]:
        shares.compile_mine()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_collection_finish() -> None:
    """The SDK and the tests are half a million objects that never go, and the collector would look at all of them again
    and again: a third of the time. A thousand tests leave two million more that could go, 100 MB: they are looked at when
    there are many, and once at the end, by pytest."""
    gc.freeze()  # what is garbage by now, too: to look for it once takes a third of a second
    with entropy.deterministic_PRNG():
        pass  # when this is first used it collects, at whatever there is by then
    gc.enable()
    gc.set_threshold(1_000_000)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as the program asked for it."""

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    secret_inputs: frozenset[str]
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool
    ignore_changes: Sequence[str]
    dependencies: frozenset[str]
    property_dependencies: Mapping[str, frozenset[str]]


class _Monitor(MockMonitor):
    """The stock mock drops the options of a resource; this one keeps the request."""

    def __init__(self, mocks: pulumi.runtime.Mocks) -> None:
        super().__init__(mocks)
        self.requests: list[tuple[str, resource_pb2.RegisterResourceRequest]] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine builds it: the whole chain of parents, the stack left out."""
        if parent and (qualified := parent.split("::", 3)[2]) != STACK:
            type_ = f"{qualified}${type_}"
        return f"urn:pulumi:test::groundwork::{type_}::{name}"

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:
        response = self._registered(request)
        if request.type != STACK:  # the SDK registers it once in a process, in whichever deployment is the first
            self.requests.append((response.urn, request))
        return response

    def _registered(self, request: resource_pb2.RegisterResourceRequest) -> Any:
        """What the stock mock answers, without a loop within the loop for values that are on their way back unchanged."""
        if not FAST or request.transforms or request.type == STACK:
            return super().RegisterResource(request)  # type: ignore[no-untyped-call] # the SDK leaves it untyped
        args = pulumi.runtime.MockResourceArgs(
            typ=request.type, name=request.name, inputs=wire.plain(request.object), provider=request.provider,
            resource_id=request.importId, custom=request.custom,
        )  # fmt: skip
        identity, outputs = self.mocks.new_resource(args)
        urn = self.make_urn(request.parent, request.type, request.name)
        self.resources[urn] = MockMonitor.ResourceRegistration(urn, identity or "", outputs)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=identity or "", object=wire.struct(outputs))


class _Cloud(pulumi.runtime.Mocks):
    """Answers as the simulation does, except for the outputs that `answers` gives by type."""

    def __init__(self, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self._answers = answers

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom and not _is_remote(args.typ):
            return "", dict(args.inputs)
        outputs = {
            **args.inputs,
            **computed(args.typ, args.name, args.inputs, region=REGION, account=ACCOUNT),
            **self._answers.get(args.typ, {}),
        }
        return resource_id(args.typ, args.name, args.inputs, region=REGION, account=ACCOUNT), outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(f"unexpected lookup {args.token}: take the value as an argument")


def _is_remote(type_token: str) -> bool:
    """A component of awsx is made by its plugin: what comes back are outputs, as of a resource."""
    return type_token.startswith("awsx:")


def _plain(value: Any) -> Any:
    """A value without its secret wrappers."""
    if isinstance(value, dict):
        return _plain(value["value"]) if wire.is_secret(value) else {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _registration(urn: str, request: resource_pb2.RegisterResourceRequest) -> Registration:
    inputs = wire.plain(request.object)
    return Registration(
        type=request.type,
        name=request.name,
        urn=urn,
        parent=request.parent,
        provider=request.provider,
        inputs={key: _plain(value) for key, value in inputs.items()},
        secret_inputs=frozenset(key for key, value in inputs.items() if wire.is_secret(value)),
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace,
        ignore_changes=tuple(request.ignoreChanges),
        dependencies=frozenset(request.dependencies),
        property_dependencies={key: frozenset(value.urns) for key, value in request.propertyDependencies.items()},
    )


def _ask_at_once() -> None:
    """As in a run of preflight, no thread is woken for a call to the monitor, and where a resource was made is looked up
    no further than to here."""
    loop = _ensure_event_loop()  # type: ignore[no-untyped-call] # the SDK leaves it untyped
    if FAST and "run_in_executor" not in vars(loop):
        sdk_speed.call_at_once(loop, 1)
        loop.set_exception_handler(lambda _loop, _context: None)  # what is not asked for; the builder's own is raised
        sdk_speed.end_traces(lambda filename: filename == __file__)


class Deployment:
    """What a builder registered, once everything it started has finished; only then can an absence be asserted.

    `answers` (type -> outputs) stands for a cloud that did something else than it was told.
    """

    def __init__(
        self,
        build: Callable[[], object],
        stack: str = "test",
        answers: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> None:
        cloud = _Cloud(answers)
        monitor = _Monitor(cloud)
        _ask_at_once()
        pulumi.runtime.set_mocks(cloud, project="groundwork", stack=stack, preview=False, monitor=monitor)
        built: list[Any] = []

        @pulumi.runtime.test  # type: ignore[untyped-decorator] # the SDK leaves it untyped
        def run_to_the_end() -> None:
            built.append(build())

        run_to_the_end()
        self.built: Any = built[0]
        self._requests = monitor.requests
        self._read: dict[int, Registration] = {}

    def for_another(self) -> "Deployment":
        """The same, with registrations that nobody else has."""
        other = copy.copy(self)
        other._read = {}
        return other

    def _registrations(self, type_: str | None = None) -> list[Registration]:
        """All, or those of a type, each of which is read when it is first asked for."""
        for number, (urn, request) in enumerate(self._requests):
            if number not in self._read and type_ in (None, request.type):
                self._read[number] = _registration(urn, request)
        found = (self._read[number] for number in range(len(self._requests)) if number in self._read)
        return [one for one in found if type_ in (None, one.type)]

    @property
    def registered(self) -> list[Registration]:
        return self._registrations()

    @property
    def urns(self) -> list[str]:
        return sorted(urn for urn, _ in self._requests)

    def of(self, type_: str) -> dict[str, Registration]:
        """Logical name -> registration, for one type token."""
        return {r.name: r for r in self._registrations(type_)}

    def inputs(self, type_: str) -> dict[str, Mapping[str, Any]]:
        return {name: r.inputs for name, r in self.of(type_).items()}

    def one(self, type_: str) -> Registration:
        found = list(self.of(type_).values())
        assert len(found) == 1, f"{len(found)} resources of type {type_}, expected one"
        return found[0]


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Committed:
    """What preflight says of the committed stacks."""
    return recorded(tmp_path_factory)


@pytest.fixture(scope="session")
def shipped_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with the stack files that this repository comes with."""
    return as_shipped(tmp_path_factory)


@pytest.fixture(scope="session")
def shipped_recording(tmp_path_factory: pytest.TempPathFactory, shipped_program: Path) -> Committed:
    """What preflight says of them, without policies where the committed ones are others."""
    return recorded_as_shipped(tmp_path_factory, shipped_program)


@pytest.fixture(scope="session")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What preflight says of the stacks of tests/components/shapes.py, as its document has it. Not to be changed."""
    return shapes.recorded(tmp_path_factory)


@pytest.fixture(scope="module")
def remembered() -> Remembered:
    return Remembered()


@pytest.fixture
def deploy(request: pytest.FixtureRequest, remembered: Remembered) -> Callable[..., Deployment]:
    """Makes a `Deployment`, or gives that of an earlier test of the file that asked for the same; for tests that change
    something else (they ask for more than this, and their parameters) it makes each."""
    parameters = getattr(request.node, "callspec", None)
    if set(request.fixturenames) - set(parameters.params if parameters else ()) - {"deploy", "remembered", "request"}:
        return Deployment
    given: set[Hashable] = set()

    def deployment(*words: Any, **named: Any) -> Deployment:
        made: Deployment = remembered.one((words, named), lambda: Deployment(*words, **named), given)
        return made.for_another()

    return deployment
