"""With preflight's loader and what it puts in the place of parts of the SDK's runtime, programs see and send what they do
with the SDK as it is.

The expected values are always those of a plain run of the same program. To load the SDK for one takes longer than most of
these programs do: so all plain runs are here, and are forked from one process that has.
"""

import json
import keyword
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.committed import Committed, came_with_it
from tests.gathered import for_each
from tests.preflight import known_graph
from tests.preflight.recorder_support import job, work, write
from tests.preflight.warm import Warm, warm

ROOT = Path(__file__).parents[2]
NASTY = ROOT / "tests" / "engine" / "fidelity" / "nasty"

HEAD = """
import asyncio, enum
import pulumi
from pulumi import Output, ResourceOptions
"""
GROUP = """
import pulumi_aws as aws
group = aws.ec2.SecurityGroup("group", vpc_id="vpc-1", tags={"a": "b"})
late = group.arn
"""

# Each makes exports. In a preview `late` is unknown.
FORMS = {
    "lists and dictionaries in each other": 'Output.from_input({"a": [1, {"b": [2.5, None, True, ""]}], "c": {}, "d": []})',
    "unknown values in them": 'Output.from_input({"a": [late, {"b": late, "c": 1}], "d": "x"})',
    "secrets in them": 'Output.from_input([{"a": Output.secret("s")}, Output.secret([late])])',
    "outputs of outputs": "Output.from_input([Output.from_input(late), Output.from_input([late]).apply(lambda l: [late, l])])",
    "tuples, ranges and enums": 'Output.from_input({"a": (1, (late,)), "b": E.ONE, "c": [E.ONE, T("t"), I(7)]})',
    "awaitables": 'Output.from_input({"a": soon(1), "b": [soon({"c": late})]})',
    "keys that are no texts": 'Output.from_input({"a": {T("key"): 1}})',
    "args classes": 'Output.from_input([aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=1, to_port=2, '
    "self=True, security_groups=[late])]).apply(lambda all: [all[0].protocol, all[0].security_groups])",
    "json": 'Output.json_dumps({"id": late, "list": [{"x": late}], "plain": {"y": [1, 2.0]}})',
    "json that is known": 'Output.json_dumps({"b": {"y": [1, 2.0, None]}, "a": "\\u00e4"})',
    "json read": 'Output.json_loads(Output.json_dumps({"a": [1]}))["a"][0]',
    "all by position and by name": '[Output.all(1, late, [2]), Output.all(a=late, b={"c": 1}).apply(lambda d: d["b"])]',
    "texts put together": '[Output.concat("a", late, "1"), Output.format("{0}-{x}", late, x=[1])]',
    "an index and an attribute": '[group.tags["a"], group.ingress, Output.from_input({"a": [7]})["a"][0]]',
    "an attribute that is not there": 'Output.from_input({"a": 1}).apply(lambda d: [d.get("b")])',
    "unknown on purpose": "late.apply(lambda v: [isinstance(v, pulumi.output.Unknown)], run_with_unknowns=True)",
    "what was secret": "Output.unsecret(Output.from_input([Output.secret(late), 1]))",
    "dependencies": 'Output.all([late, {"x": aws.sns.Topic("t", tags={"a": late}).arn}])',
    "what recovers": 'bad().recover(lambda e: {"caught": str(e), "late": [late]})',
    "a list that grows after the call": "grown([1])",
    "a list below that grows after the call": 'grown([1], lambda l: {"below": {"deep": l}})',
    "a list in a list that grows after the call": "grown([1], lambda l: [[l]])",
    "a value that contains itself by value": 'Output.from_input([SHARED, {"a": SHARED, "b": [SHARED, late]}])',
}
USED = """
class E(str, enum.Enum):
    ONE = "one"
class T(str): ...
class R(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("a:b:R", name, {"x": Output.from_input([1])})
class I(int): ...
SHARED = {"shared": [1]}
async def soon(value):
    await asyncio.sleep(0)
    return value
def bad():
    return Output.from_input(1).apply(lambda _: 1 / 0)
def grown(grows, around=lambda l: l):
    made = Output.from_input(around(grows))
    grows.append("later")
    return made
"""

# Each must fail, with the same message.
MISTAKES = {
    "an exception at once": "bad()",
    "an exception while resources are made": "[R(str(i)) for i in range(9)]; bad(); [R(str(i)) for i in range(9, 18)]",
    "an exception inside": 'Output.from_input({"a": [bad()]})',
    "an exception inside that is caught too late": 'Output.from_input({"a": [bad()]}).recover(lambda e: 1)',
    "an exception of a coroutine": 'Output.from_input([{"a": broken()}])',
    "a key that is a number": 'Output.from_input({"a": {1: 2}}).apply(str)',
    "a value that cannot be sent": 'pulumi.export("x", Output.from_input([{"a": object()}]))',
    "a wrong type of input": 'import pulumi_aws as aws; aws.sns.Topic("wrong", tags={"a": object()})',
    "a wrong type of output": 'import pulumi_aws as aws; aws.sns.Topic("odd", name=[Output.from_input("a")])',
}


# Of the SDK, beside what production uses and what the program itself imports.
MODULES = ("pulumi_awsx", "pulumi_aws.ssm", "pulumi_policy.policy")
SAMPLE = ("acm", "appautoscaling", "ecr", "iam", "kms", "lb", "route53", "sns")


@pytest.fixture(scope="module")
def plain_sdk(recording: Committed) -> Warm:
    """What plain runs are forked from: the SDK as it is, with all of the services that production uses, and the modules of
    the program. To import them is a third of such a run, and is the same in each."""
    types = {each["type"] for each in recording.report()["stacks"]["prod"]["resources"]}
    services = sorted({token.split(":")[1].partition("/")[0] for token in types if token.startswith("aws:")})
    names = [f"pulumi_aws.{name}_" if name in keyword.kwlist else f"pulumi_aws.{name}" for name in services]
    assert len(names) > 10
    own = re.findall(r"^from (\S+) import", (ROOT / "__main__.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert "components.network" in own
    return warm("plain", *names, *MODULES, *own)


@pytest.fixture(scope="module")
def lazy_sdk() -> Warm:
    """What runs with nothing but the loader are forked from."""
    return warm("nothing", "tests.preflight.lazy_sdk.base")


def _both(plain_sdk: Warm, directory: Path, mode: str, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The worker's answers for a plain run and for a quick one."""
    with ThreadPoolExecutor(2) as pool:
        plain = pool.submit(work, job(directory, mode, plain=True, **changes), plain_sdk)
        quick = work(job(directory, mode, **changes))
    return plain.result(), quick


@for_each("mode", ["preview", "update"])
def test_values_of_every_form_are_the_same(plain_sdk: Warm, tmp_path: Path, mode: str) -> None:
    exports = "".join(f"pulumi.export({name!r}, {form})\n" for name, form in FORMS.items())
    resources = "".join(
        f"aws.ssm.Parameter({name!r}, name='own', type='String', value=Output.from_input({form}).apply(repr))\n"
        for name, form in FORMS.items()
        if "bad" not in form and "Topic" not in form
    )
    plain, quick = _both(plain_sdk, write(tmp_path, HEAD + GROUP + USED + exports + resources), mode)
    assert plain["ok"], plain["errors"]
    assert set(plain["recording"]["exports"]) == set(FORMS)
    assert quick["recording"]["exports"] == plain["recording"]["exports"]
    assert quick["recording"] == plain["recording"]


@for_each("mistake", MISTAKES)
def test_a_mistake_has_the_same_message(plain_sdk: Warm, tmp_path: Path, mistake: str) -> None:
    text = f"{HEAD}{USED}async def broken():\n    raise ValueError('no')\n{MISTAKES[mistake]}\n"
    plain, quick = _both(plain_sdk, write(tmp_path, text), "update")
    assert not plain["ok"]
    assert _told(quick) == _told(plain)


def _said(server: Warm, code: str) -> str:
    """What lines print in a process that comes from this one."""
    done = server.run("-c", [code], env=os.environ)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def _told(answer: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """The errors of an answer, without what is another number in every run."""
    return [(e["kind"], re.sub(r" at 0x[0-9a-f]+", "", e["message"]), e["source"]) for e in answer["errors"]]


def test_the_program_with_everything_in_it_is_the_same_with_its_verdicts(plain_sdk: Warm, tmp_path: Path) -> None:
    answers = tmp_path / "outputs.json"
    answers.write_text(json.dumps({"organization/other/base": {"vpcId": "vpc-2", "password": "referred-password"}}))
    given = ["--program", str(NASTY), "--stack-outputs", str(answers), "--config", "nasty:token=token-of-the-stack"]
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(_check, (plain_sdk, warm()), (["test", *given, "--plain"], ["test", *given]))
        plain, quick = _without_times(*both)
    assert len(plain["stacks"]["test"]["resources"]) > 80
    assert quick == plain


def test_production_is_the_same_with_its_verdicts(plain_sdk: Warm, recording: Committed) -> None:
    committed = recording.report()
    # What is in dev and not in prod is in the program above: it would take five seconds.
    committed["stacks"] = {"prod": committed["stacks"]["prod"]}
    plain, quick = _without_times(_check(plain_sdk, ["prod", "--plain"]), committed)
    assert len(plain["stacks"]["prod"]["resources"]) > (300 if came_with_it("prod") else 0)
    (root,) = (each for each in plain["stacks"]["prod"]["resources"] if each["type"] == "pulumi:pulumi:Stack")
    assert root["source"].startswith(
        "tests/preflight/processes.py:"
    )  # nothing of the program: whence the process was forked
    root["source"] = None
    assert plain["stacks"]["prod"]["policies"]["names"]
    assert quick == plain


def _check(server: Warm, arguments: list[str]) -> dict[str, Any]:
    """The document of a check, in processes that come from this one."""
    done = server.run("preflight", ["check", *arguments, "--json", "-"], env=os.environ)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _without_times(*documents: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """The documents of runs that ended well, without what they took."""
    for document in documents:
        for entry in document["stacks"].values():
            assert entry["errors"] == []
            del entry["timings"]
    return documents


@for_each("mode", ["preview", "update"])
def test_a_program_whose_graph_is_known_is_recorded_the_same(plain_sdk: Warm, tmp_path: Path, mode: str) -> None:
    plain, quick = _both(plain_sdk, write(tmp_path, known_graph.PROGRAM), mode, **known_graph.SETTINGS)
    assert plain["ok"], plain["errors"]
    assert len(plain["recording"]["resources"]) == 10
    assert quick["recording"] == plain["recording"]


def test_what_callbacks_make_is_recorded_the_same(plain_sdk: Warm, tmp_path: Path) -> None:
    plain, quick = _both(plain_sdk, write(tmp_path, known_graph.CALLBACKS), "update")
    assert len(plain["recording"]["awaited"]) == 4
    assert quick["recording"] == plain["recording"]


def test_the_types_of_generated_classes_are_those_that_the_sdk_works_out_whenever_one_is_asked_for(
    lazy_sdk: Warm,
) -> None:
    code = (
        "import sys, typing\nfrom preflight import lazy_sdk\nlazy_sdk.install()\nimport pulumi\nfrom pulumi import _types\n"
        "from preflight import sdk_speed\nfrom preflight.sdk_speed import types\n"
        "plain = {n: getattr(_types, n).__wrapped__ for n in ('_types_from_py_properties', '_raw_return_hints')}\n"
        "of_resource = _types.resource_types\nsdk_speed.install()\n"
        "import pulumi_aws as aws\n"
        "class Own(aws.lb.ListenerArgs): ...\n"
        "class Untyped(aws.lb.Listener):\n    @property\n    @pulumi.getter(name='own')\n    def own(self): ...\n"
        "class Typed(aws.lb.Listener):\n    @property\n    @pulumi.getter\n    def own(self) -> 'pulumi.Output[str]': ...\n"
        "class Annotated(aws.lb.Listener):\n    own: pulumi.Output[int]\n"
        "classes, seen = [Own, Typed, Untyped, Annotated], {}\n"
        "for service, begin in (('lb', ''), ('ecr', ''), ('scheduler', ''), ('ecs', ('Awaitable', 'Cluster', 'Get'))):\n"
        "    for owner in (module := getattr(aws, service), module.outputs):\n"
        "        classes += [one for name in dir(owner) "
        "if name.startswith(begin) and isinstance(one := getattr(owner, name, None), type)]\n"
        "classes = [cls for cls in classes[:2] + classes[4:] + classes[2:4] if _types._py_properties(cls)]\n"
        "for cls in classes:\n"
        "    lazy = _types._types_from_py_properties(cls)\n"
        "    keys = [name for _, name, _ in _types._py_properties(cls)][::-1] + ['nothing']\n"
        "    bound = 'TargetGroupHealthCheckArgs' in vars(aws.lb.target_group)\n"
        "    seen[cls] = lazy, {key: lazy.get(key, 'none') for key in keys}, _types.resource_types(cls)\n"
        "for cls, (lazy, one_by_one, resource) in seen.items():\n"
        "    expected = plain['_types_from_py_properties'](cls)\n"
        "    assert one_by_one == {key: expected.get(key, 'none') for key in one_by_one}, cls\n"
        "    assert list(lazy.items()) == list(expected.items()) and len(lazy) == len(expected), cls\n"
        "    assert {**resource} == of_resource(cls), cls\n"
        "    assert _types._raw_return_hints(cls) == plain['_raw_return_hints'](cls), cls\n"
        "print(len(seen), all(isinstance(one, types._Types) == (cls.__module__ != '__main__') for cls, (one, *_) in seen.items()), bound)\n"
        "class Own:\n    @property\n    @pulumi.getter\n    def broken(self) -> 'Missing': ...\n"
        "try:\n    _types._types_from_py_properties(Own)\nexcept NameError as error:\n    print(error)"
    )
    first, error = _said(lazy_sdk, code).splitlines()
    seen, all_lazy, bound = first.split()
    assert int(seen) > 250
    assert (all_lazy, bound) == ("True", "False")
    assert error == "name 'Missing' is not defined", "a program's own mistake is told before the property is used"


# The loader alone. What is compared is made in `lazy_sdk/`.


def _probe(server: Warm, loader: str, folder: Path, subject: str, *services: str) -> str:
    """The lines of a subject, in a process that comes from this one."""
    arguments = [loader, "--cache-dir", str(folder), subject, *services]
    return _said(server, f"from tests.preflight.lazy_sdk import probe\nprobe.main({arguments!r})")


def test_a_program_of_100_resources_sends_the_same_bytes_to_the_engine(
    plain_sdk: Warm, lazy_sdk: Warm, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        plain = pool.submit(_probe, plain_sdk, "plain", tmp_path, "graph")
        cold = _probe(lazy_sdk, "lazy", tmp_path, "graph")
        written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        warm = _probe(lazy_sdk, "lazy", tmp_path, "graph")
    assert cold == plain.result()
    assert warm == plain.result()
    for mode in ("preview", "up"):
        assert plain.result().count(f'["{mode}", "register"') > 100
        assert plain.result().count(f'["{mode}", "invoke"') >= 3
    assert [path.name.split(".")[0] for path in written] != []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written, "nothing new, nothing written"


def test_every_exported_type_of_a_sample_of_services_is_the_same(
    plain_sdk: Warm, lazy_sdk: Warm, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as pool:
        plain = pool.submit(_probe, plain_sdk, "plain", tmp_path, "exports", *SAMPLE)
        lazy = _probe(lazy_sdk, "lazy", tmp_path, "exports", *SAMPLE)
    assert lazy.splitlines() == plain.result().splitlines()
    assert lazy.count("\n") > 1000


def test_programs_may_use_the_sdk_in_all_the_usual_ways(plain_sdk: Warm, lazy_sdk: Warm, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        plain = pool.submit(_probe, plain_sdk, "plain", tmp_path, "habits")
        lazy = _probe(lazy_sdk, "lazy", tmp_path, "habits")
    assert lazy.splitlines() == plain.result().splitlines()
    seen = dict(json.loads(line) for line in lazy.splitlines())
    assert seen["import_of_a_module_named_like_its_function"].startswith("('function', True, 'module'")
    assert seen["region_from_the_configuration"].startswith("('eu-central-1'")
    assert seen["pickling_by_reference"] == "(True, True, True)"
    assert seen["many_threads_at_once"].endswith(", [])"), "threads must not see two classes of one name"
    assert "has no attribute 'Vcp'" in seen["names_that_do_not_exist"]


def test_a_program_loads_only_the_modules_of_the_types_it_names(lazy_sdk: Warm, tmp_path: Path) -> None:
    code = (
        "import pathlib, sys\nfrom preflight import lazy_sdk\n"
        f"lazy_sdk.install(cache_dir=pathlib.Path({str(tmp_path)!r}))\nimport pulumi_aws as aws\n"
        "aws.ec2.Vpc\naws.wafv2.IpSet\n"
        "print(sorted(n for n in sys.modules if n.startswith(('pulumi_aws.ec2.', 'pulumi_aws.wafv2.'))))\n"
        "print(len([n for n in vars(aws.wafv2._inputs) if n.endswith('Args')]))"
    )
    modules, classes = _said(lazy_sdk, code).splitlines()
    assert modules == "['pulumi_aws.ec2.vpc', 'pulumi_aws.wafv2.ip_set']"
    assert classes == "0"


def test_a_function_that_was_preloaded_is_not_taken_for_its_module(lazy_sdk: Warm, tmp_path: Path) -> None:
    # Of `ssm` the program uses nothing else: Python's own lazy loader has not executed the service by then.
    lines = (
        "import pathlib\nfrom preflight import lazy_sdk\nfrom preflight.lazy_sdk import memo\nmemo._FEW = 0\n"
        f"lazy_sdk.install(['pulumi_aws'], pathlib.Path({str(tmp_path)!r}))\nlazy_sdk.preload('one')\n"
        "import sys\nloaded = 'pulumi_aws.ssm.get_parameter' in sys.modules\n"
        "import pulumi_aws as aws\nprint(loaded, type(aws.ssm.get_parameter).__name__)\nlazy_sdk.save('one')\n"
    )
    assert [_said(lazy_sdk, lines).split() for _ in range(2)] == [["False", "function"], ["True", "function"]]
