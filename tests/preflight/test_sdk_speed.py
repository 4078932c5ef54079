"""What replaces parts of the SDK's runtime: programs see and send what they do in a plain run, or the SDK's own is kept.

The expected values are always those of a plain run of the same program.
"""

import asyncio
import json
import keyword
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest

from preflight import pack_child, pack_props
from preflight.sdk_speed import asking, known, outputs, saying, types, values, waiting
from tests.committed import Committed, came_with_it
from tests.gathered import for_each
from tests.preflight.recorder_support import job, work, write
from tests.preflight.warm import Warm, warm

ROOT = Path(__file__).parents[2]
NASTY = ROOT / "tests" / "engine" / "fidelity" / "nasty"
KNOWN = {
    "waiting": waiting.WAITING, "traces": waiting.TRACES, "outputs": outputs.OUTPUTS, "names": outputs.NAMES,
    "types": types.TYPES, "values": values.VALUES, "debug": saying.DEBUG, "server": pack_child.SERVER,
    "messages": pack_props.MESSAGES, "proxies": pack_props.PROXIES, "getters": types.GETTERS, "answers": values.ANSWERS,
    "settings": asking.SETTINGS, "cycles": asking.CYCLES,
}  # fmt: skip

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


@pytest.fixture(scope="module")
def plain_sdk(recording: Committed) -> Warm:
    """What plain runs are forked from: the SDK as it is, with all of the services that production uses. To import them is
    most of such a run, and is the same in each."""
    types = {each["type"] for each in recording.report()["stacks"]["prod"]["resources"]}
    services = sorted({token.split(":")[1].partition("/")[0] for token in types if token.startswith("aws:")})
    names = [f"pulumi_aws.{name}_" if name in keyword.kwlist else f"pulumi_aws.{name}" for name in services]
    assert len(names) > 10
    return warm("plain", *names)


def _both(plain_sdk: Warm, directory: Path, mode: str, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The worker's answers for a plain run and for a quick one."""
    with ThreadPoolExecutor(2) as pool:
        plain = pool.submit(work, job(directory, mode, plain=True, **changes), plain_sdk)
        quick = work(job(directory, mode, **changes))
    return plain.result(), quick


@pytest.mark.parametrize("mode", ["preview", "update"])
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


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_has_the_same_message(plain_sdk: Warm, tmp_path: Path, mistake: str) -> None:
    text = f"{HEAD}{USED}async def broken():\n    raise ValueError('no')\n{MISTAKES[mistake]}\n"
    plain, quick = _both(plain_sdk, write(tmp_path, text), "update")
    assert not plain["ok"]
    assert _told(quick) == _told(plain)


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
        "tests/preflight/warm.py:"
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


@for_each("part", KNOWN)
def test_each_replacement_was_written_for_the_sdk_in_use(part: str) -> None:
    changed = dict(known.changed(KNOWN[part]))
    assert not changed, (
        f"the SDK's text has changed: {changed}. The SDK's own code is used meanwhile, slower. Compare the old text with "
        "the new one, bring the replacement in line if the meaning has changed, and enter the new digest"
    )


# A part, a function of its table, what the part replaces, and whether that shows.
PARTS = {
    "outputs": ("outputs.OUTPUTS['pulumi.output']['Output.all']", "rpc.transfer_properties"),
    "types": ("types.TYPES['pulumi._types']['unwrap_type']", "_types.unwrap_type"),
    "values": ("values.VALUES['pulumi.runtime.rpc']['serialize_property']", "rpc.serialize_property"),
    "waiting": ("waiting.WAITING['pulumi.runtime.stack']['wait_for_rpcs']", "stack.wait_for_rpcs"),
}


@for_each("part", PARTS)
def test_a_function_that_reads_differently_keeps_its_own_code(part: str) -> None:
    entry, replaced = PARTS[part]
    code = (
        "from pulumi import _types\nfrom pulumi.runtime import rpc, stack\n"
        "from preflight import sdk_speed\nfrom preflight.sdk_speed import outputs, types, values, waiting\n"
        "parts = (rpc.transfer_properties, _types.unwrap_type, rpc.serialize_property, stack.wait_for_rpcs)\n"
        f"before = {replaced}\nif {{changed}}:\n    {entry} = '0' * 16\n"
        "sdk_speed.install()\n"
        "after = (rpc.transfer_properties, _types.unwrap_type, rpc.serialize_property, stack.wait_for_rpcs)\n"
        f"print({replaced} is before, sum(one is not other for one, other in zip(parts, after)))"
    )
    said = [_said(code.format(changed=changed)).split() for changed in (False, True)]
    assert said == [["False", "4"], ["True", "3"]]


def _said(code: str) -> str:
    """What lines print in a process that has the SDK as it is."""
    done = warm("plain").run("-c", [code], env=os.environ)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def test_a_program_on_the_engine_keeps_all_of_the_sdk_that_has_a_part_in_what_is_registered() -> None:
    code = (
        "import sys, pulumi\nfrom preflight import sdk_speed\n"
        "def all():\n"
        "    modules = [m for n, m in list(sys.modules.items()) if n.partition('.')[0] == 'pulumi']\n"
        "    owners = [*modules, *{c for m in modules for c in vars(m).values() if isinstance(c, type)}]\n"
        "    return {(o, n): v for o in owners for n, v in vars(o).items() if callable(v) or hasattr(v, '__func__')}\n"
        "before = all()\nsdk_speed.install_for_engine()\n"
        "print(*sorted(f'{o.__name__}.{n}' for (o, n), v in all().items() if before[o, n] is not v))"
    )
    assert _said(code).split() == [
        "pulumi.log.debug", "pulumi.runtime.resource._get_stack_trace", "pulumi.runtime.stack.wait_for_rpcs",
    ]  # fmt: skip


def test_what_the_sdk_says_of_its_steps_is_unsaid_and_what_the_program_says_is_not() -> None:
    code = (
        "import pulumi\nfrom preflight import sdk_speed\nsaid = []\n"
        "class Engine:\n    def Log(self, request):\n        said.append(request.message)\n"
        "pulumi.log.get_engine = Engine\nsdk_speed.install_for_engine()\n"
        "sdk = {'__name__': 'pulumi.runtime.rpc', 'log': pulumi.log}\n"
        'exec(\'log.debug(1 and "step"); log.info("by the SDK"); log.debug("stream", stream_id=1)\', sdk)\n'
        "for name in ('__main__', 'pulumi_aws.ec2', 'pulumi', None):\n"
        "    exec('log.debug(f\"by {__name__}\")', {**sdk, '__name__': name})\n"
        "print(*said, sep='; ')"
    )
    assert _said(code) == "by the SDK; stream; by __main__; by pulumi_aws.ec2; by pulumi; by None"


def test_the_types_of_generated_classes_are_those_that_the_sdk_works_out_whenever_one_is_asked_for() -> None:
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
        "for service in ('lb', 'ecr', 'scheduler', 'ecs'):\n"
        "    for owner in (module := getattr(aws, service), module.outputs):\n"
        "        classes += [one for name in dir(owner) if isinstance(one := getattr(owner, name, None), type)]\n"
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
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    first, error = done.stdout.splitlines()
    seen, all_lazy, bound = first.split()
    assert int(seen) > 150
    assert (all_lazy, bound) == ("True", "False")
    assert error == "name 'Missing' is not defined", "a program's own mistake is told before the property is used"


def test_what_goes_to_a_thread_is_run_at_once_and_its_answer_comes_in_the_next_round() -> None:
    said: list[Any] = []
    loop = asyncio.new_event_loop()
    waiting.call_at_once(loop, 1)

    def note() -> str:
        said.append(threading.current_thread())
        return "answer"

    def fail() -> None:
        raise KeyError("no")

    async def main() -> None:
        future = loop.run_in_executor(None, note)
        assert said == [threading.main_thread()]
        assert not future.done(), "the SDK's other tasks have their turn before"
        said.append(await future)
        with pytest.raises(KeyError, match="no"):
            await loop.run_in_executor(None, fail)
        loop.run_in_executor(None, fail).cancel()
        loop.run_in_executor(None, str).cancel()
        await asyncio.sleep(0)
        with ThreadPoolExecutor(1) as own:
            assert await loop.run_in_executor(own, threading.current_thread) is not threading.main_thread()

    mistakes: list[Any] = []
    loop.set_exception_handler(lambda _, context: mistakes.append(context))
    loop.run_until_complete(main())
    loop.close()
    assert said[1:] == ["answer"]
    assert not mistakes


def test_with_callbacks_of_the_program_it_does_go_to_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_has_callbacks", lambda: True)
    loop = asyncio.new_event_loop()
    waiting.call_at_once(loop, 1)
    found = loop.run_until_complete(loop.run_in_executor(None, threading.current_thread))
    loop.close()
    assert found is not threading.main_thread()


def test_arguments_that_are_not_given_are_left_out_while_they_are_looked_at() -> None:
    inputs: dict[str, Any] = {"a": 1, "b": None, "c": "soon none"}
    seen = []
    for key in (given := values._Set(inputs)):
        seen.append((key, given[key]))
        inputs["c"] = None
    assert seen == [("a", 1)]


def test_a_trace_ends_where_the_program_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_ends", [])

    class Made:
        def __init__(self, depth: int = 2) -> None:
            self.trace: Any = waiting._stack_trace() if not depth else Made(depth - 1).trace

    whole = Made().trace.frames
    assert len(whole) > 10
    waiting.end_traces(lambda filename: "test_sdk_speed" in filename)
    assert [frame.pc.uri for frame in Made().trace.frames] == [whole[0].pc.uri]
    waiting.end_traces(lambda filename: "nothing" in filename)
    assert len(Made().trace.frames) == len(whole)


def test_what_is_said_of_a_type_is_not_said_of_an_equal_one_in_another_order() -> None:
    first, second = int | str, str | int
    assert first == second
    said = types._by_identity(lambda one: get_args(one)[0])
    assert [said(first), said(second), said(first)] == [int, str, int]


def test_an_output_that_is_declared_as_an_enumeration_becomes_its_member() -> None:
    code = (
        "import enum\nfrom pulumi.runtime import rpc\nfrom preflight import sdk_speed\nsdk_speed.install()\n"
        "class Size(str, enum.Enum):\n    BIG = 'big'\n"
        "made = [rpc.translate_output_properties(value, str, typ) for value, typ in "
        "[('big', Size), ('big', str), ('big', None), (True, bool), (1.0, int), (1.0, float), (None, str)]]\n"
        "print(made[0] is Size.BIG, [(type(one).__name__, one) for one in made[1:]])"
    )
    rest = [("str", "big"), ("str", "big"), ("bool", True), ("int", 1), ("float", 1.0), ("NoneType", None)]
    assert _said(code) == f"True {rest}"


def test_what_the_engine_answers_is_read_as_the_sdk_reads_it() -> None:
    answers: dict[str, Any] = {
        "plain": {"a": "x", "b": [1.5, True, None, {"c": None, "d": {}}], "e": 3, "f": None, "__internal": "i"},
        "unknown": {"a": "x", "b": {"c": ["UNKNOWN"]}},
        "secret": {"a": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "s"}},
        "empty": {},
    }
    code = (
        "import re\nfrom google.protobuf import struct_pb2\nfrom pulumi.runtime import rpc\n"
        "from preflight import sdk_speed\nplain, structs = rpc.deserialize_properties, []\n"
        f"for name, answer in {answers!r}.items():\n"
        "    structs.append(struct := struct_pb2.Struct())\n    struct.update(answer)\n"
        "    if name == 'unknown':\n        struct['b']['c'][0] = rpc.UNKNOWN\n"
        "def read():\n"
        "    return [rpc.deserialize_properties(one, *rest) for one in structs "
        "for rest in ((), (True,), (False, None), (True, False))]\n"
        "def text(values):\n    return re.sub(' at 0x[0-9a-f]+', '', repr(values))\n"
        "expected = read()\nsdk_speed.install()\nfound = read()\n"
        "assert text(found) == text(expected), (found, expected)\n"
        "print(sorted(found[0]), sorted(found[3]), 'Unknown' in text(found[5]), rpc.deserialize_properties is plain)"
    )
    kept = ["a", "b", "e"]
    assert _said(code) == f"{['__internal', *kept]} {kept} True False"


def test_only_functions_that_say_what_the_generator_writes_are_not_looked_at_for_being_empty() -> None:
    code = (
        "import pulumi\nfrom pulumi import _utils\nfrom preflight import sdk_speed\nplain = _utils.is_empty_function\n"
        "sdk_speed.install()\n"
        "def nothing(self): ...\ndef documented(self):\n    'Text.'\ndef gets(self):\n    return pulumi.get(self, 'x')\n"
        "def sets(self, value):\n    pulumi.set(self, 'x', value)\ndef other(self):\n    return self.x\n"
        "given = nothing, documented, (lambda self: None), gets, sets, other\n"
        "print([_utils.is_empty_function(one) for one in given] == [plain(one) for one in given], "
        "sum(map(plain, given)), _utils.is_empty_function is plain)"
    )
    assert _said(code) == "True 3 False"


def test_the_text_of_a_function_ends_where_the_next_statement_begins() -> None:
    source = "\nclass A:\n    def f(\n        self,\n    ) -> int:\n        return 1\n\n    @x\n    def g(self): ...\nB = 1\n"
    first = known.digest(source, "A.f")
    assert first is not None
    assert known.digest(source.replace("def g", "def h").replace("B = 1", "C = 2"), "A.f") == first
    assert known.digest(source.replace("return 1", "return 2"), "A.f") != first
    assert known.digest(source, "A.h") is None
    assert known.digest(source, "f") is None
    overloaded = source.replace("    @x", "    @overload\n    def f(self): ...\n    @x")
    assert known.digest(overloaded, "A.f") not in (None, first)
