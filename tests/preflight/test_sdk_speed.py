"""What replaces parts of the SDK's runtime: programs see and send what they do in a plain run, or the SDK's own is kept.

The expected values are always those of a plain run of the same program.
"""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest

from preflight import pack_child, pack_props
from preflight.sdk_speed import asking, known, outputs, saying, types, values, waiting
from tests.gathered import for_each
from tests.preflight.warm import warm

ROOT = Path(__file__).parents[2]
NASTY = ROOT / "tests" / "engine" / "fidelity" / "nasty"
KNOWN = {
    "waiting": waiting.WAITING, "traces": waiting.TRACES, "outputs": outputs.OUTPUTS, "names": outputs.NAMES,
    "types": types.TYPES, "values": values.VALUES, "debug": saying.DEBUG, "server": pack_child.SERVER,
    "messages": pack_props.MESSAGES, "proxies": pack_props.PROXIES, "getters": types.GETTERS, "answers": values.ANSWERS,
    "settings": asking.SETTINGS, "cycles": asking.CYCLES,
}  # fmt: skip


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
