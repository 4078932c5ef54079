"""A policy pack and its protocol: what it says, and what happens when it does not speak.

All of it for a pack in an interpreter of its own, asked over gRPC as the engine does, and for one that was forked from
a process with the SDK in it, asked over a socket. Where the start itself is not the point, that interpreter has the SDK
already: pack_starts.py.
"""

import functools
import json
import os
import socket
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from preflight import analyzer, pack_process
from preflight.analyzer import Pack, start_pack
from preflight.pack_process import Descriptors, Forked
from tests.preflight.pack_starts import INTERPRETER, Interpreters, process
from tests.preflight.warm import warm

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
BUCKETS = [f"urn:pulumi:dev::shop::aws:s3/bucket:Bucket::{name}" for name in ("a", "b", "c")]
HEAD = "from pulumi_policy import *\n"
GOOD = HEAD + textwrap.dedent("""
    def named(args, report):
        if args.resource_type == "aws:s3/bucket:Bucket" and args.props.get("acl") == "public-read":
            report("it is public")
    def many(args, report):
        if len(args.resources) > args.get_config()["most"]:
            report("more than " + str(args.get_config()["most"]) + " resources")
    PolicyPack("small", [
        ResourceValidationPolicy("no-public", "Buckets are private.", named, EnforcementLevel.MANDATORY),
        StackValidationPolicy("few", "Stacks are small.", many, EnforcementLevel.ADVISORY,
            PolicyConfigSchema({"most": {"type": "integer", "default": 9, "minimum": 1}})),
    ])
    """)

Start = Callable[..., Pack]
Found = list[dict[str, Any]]


# Forks packs, as the nursery does, and hands their descriptors to the tests.
NURSERY = """
import gc, json, os, socket, sys
gc.disable()
from preflight import pack_child, pack_process, worker
worker.load_base(plain=False)
import pulumi_policy.policy  # which every pack would do
line = socket.socket(fileno=int(sys.argv[1]))
texts = pack_child.SERVER["pulumi_policy.policy"]
expected = texts["PolicyPack.__init__"]
while order := line.recv(1 << 20):
    known, *pack = json.loads(order)
    texts["PolicyPack.__init__"] = expected if known else "0"
    pack = pack_process.fork(*pack)
    held = pack._descriptors
    ends = [held.stderr.fileno(), held.output[0], held.lifeline[0], held.line[0].fileno()]
    socket.send_fds(line, [b"%d" % pack.pid], ends)
    pack.leave()
"""


@pytest.fixture(scope="module")
def interpreters() -> Iterator[Interpreters]:
    """Where packs come from that have an interpreter of their own."""
    for line in process(INTERPRETER):
        yield Interpreters(line)


@pytest.fixture(scope="module")
def nursery() -> Iterator[socket.socket]:
    """The line to a process that forks packs."""
    yield from process(NURSERY)


ANEW = "spawned anew"


@pytest.fixture(params=["spawned", "forked"])
def start(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a pack with the given source; every pack ends with the test. `ANEW` it has a new interpreter."""
    packs: list[Pack] = []

    def started(source: str, *, preview: bool = True) -> Pack:
        (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
        (tmp_path / "__main__.py").write_text(source)
        dry_run = "true" if preview else "false"
        names = {"PULUMI_PROJECT": "shop", "PULUMI_STACK": "dev", "PULUMI_DRY_RUN": dry_run, "PULUMI_CONFIG": "{}"}
        environment = {**os.environ, **names}
        if request.param == "spawned":
            monkeypatch.setattr(pack_process, "subprocess", request.getfixturevalue("interpreters"))
        if request.param != "forked":
            packs.append(start_pack(str(tmp_path), sys.executable, environment))
        else:
            forked = _forked(request.getfixturevalue("nursery"), str(tmp_path), environment)
            packs.append(Pack(str(tmp_path), environment, functools.partial(_same, forked)))
        return packs[-1]

    yield started
    for pack in packs:
        pack.close()


def _forked(nursery: socket.socket, directory: str, environment: Mapping[str, str], *, known: bool = True) -> Forked:
    """A pack whose SDK is one that preflight knows, or is taken for another."""
    nursery.sendall(json.dumps([known, directory, dict(environment)]).encode())
    pid, (stderr, output, lifeline, line), _, _ = socket.recv_fds(nursery, 64, 4)
    ours = socket.socket(fileno=line)
    return Forked(int(pid), Descriptors(os.fdopen(stderr, "w+b"), (output, -1), (lifeline, -1), (ours, ours)))


def _same(forked: Forked) -> Forked:
    return forked


def ask(pack: Pack, inputs: Mapping[str, Mapping[str, Any]], config: Mapping[str, Any] | None = None) -> Found:
    """Asks about buckets of these names and inputs."""
    requests, resources = [], [analyzer_pb2.AnalyzerResource(type="pulumi:pulumi:Stack", urn=STACK, name="shop-dev")]
    for name, properties in inputs.items():
        given = struct_pb2.Struct()
        given.update(dict(properties))
        urn = f"urn:pulumi:dev::shop::aws:s3/bucket:Bucket::{name}"
        same: dict[str, Any] = {"type": "aws:s3/bucket:Bucket", "urn": urn, "name": name, "properties": given}
        requests.append(analyzer_pb2.AnalyzeRequest(**same))
        resources.append(analyzer_pb2.AnalyzerResource(**same))
    stack = analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", project="shop", dry_run=True)
    asked = analyzer_pb2.AnalyzeStackRequest(resources=resources)
    return pack.ask(requests, lambda: asked, config or {}, stack)()


def error_of(found: Found) -> str:
    """The message of the one finding that says the pack itself failed; nothing may look like an evaluation."""
    assert [entry["verdict"] for entry in found] == ["error"]
    assert found[0]["control"] == analyzer.CONTROL
    return str(found[0]["message"])


@pytest.mark.parametrize("start", [ANEW, "spawned", "forked"], indirect=True)
def test_a_violation_names_the_resource_and_the_policies_are_listed(start: Start) -> None:
    found = ask(start(GOOD), {"a": {"acl": "public-read"}, "b": {"acl": "private"}})
    assert found[0] == {"verdict": "evaluated", "phase": "preview", "pack": "small", "policies": ["few", "no-public"]}
    assert [(e["control"], e["verdict"], e["level"], e["phase"], e["urn"], e["message"]) for e in found[1:]] == [
        ("no-public", "violation", "mandatory", "preview", BUCKETS[0], "it is public")
    ]


def test_the_phase_is_the_one_the_pack_was_started_for(start: Start) -> None:
    found = ask(start(GOOD, preview=False), {"a": {"acl": "public-read"}})
    assert {entry["phase"] for entry in found} == {"update"}


def test_the_configuration_reaches_the_policy_and_changes_its_level(start: Start) -> None:
    found = ask(start(GOOD), {"a": {}}, {"few": {"most": 1, "enforcementLevel": "mandatory"}, "no-public": "disabled"})
    assert found[0]["policies"] == ["few"], "a disabled policy is not claimed to have been asked"
    assert [(e["control"], e["level"], e["urn"]) for e in found[1:]] == [("few", "mandatory", STACK)]
    assert "more than 1" in found[1]["message"]


def test_a_configuration_that_does_not_fit_is_explained_at_once(start: Start) -> None:
    message = error_of(ask(start(GOOD), {}, {"feww": "mandatory", "few": {"most": 0}, "no-public": "loud"}))
    assert "there is no policy 'feww', did you mean 'few'?" in message
    assert "few: most must be at least 1, not 0" in message
    assert "'loud' is not a level (allowed: advisory, mandatory, remediate, disabled)" in message


def test_an_unknown_value_makes_a_verdict_undecided_and_never_a_pass(start: Start) -> None:
    found = ask(start(GOOD), {"a": {"acl": UNKNOWN}, "b": {}})
    assert [(e["verdict"], e["urn"]) for e in found[1:]] == [("undecided", BUCKETS[0])]
    assert "this mandatory policy could not be evaluated" in found[1]["message"]


def test_a_groundwork_message_is_taken_apart(start: Start) -> None:
    source = HEAD + textwrap.dedent("""
        def judge(args, report):
            verdict = {"a": "violation", "b": "undecided", "c": "internal error"}[args.name]
            report(f"[db-private] {verdict}: it is: so\\nresource: x (y)\\npath: db -> net a -> gateway\\n"
                   "fix: move it\\nreferences: RDS.46, CKV_1")
        PolicyPack("p", [ResourceValidationPolicy("each", "Everything.", judge, EnforcementLevel.MANDATORY)])
        """)
    violation, undecided, broken = ask(start(source), {"a": {}, "b": {}, "c": {}})[1:]
    assert {entry["control"] for entry in (violation, undecided, broken)} == {"db-private"}
    assert [entry["verdict"] for entry in (violation, undecided, broken)] == ["violation", "undecided", "error"]
    assert violation["message"] == "it is: so"
    assert violation["path"] == ["db", "net a", "gateway"]
    assert violation["fix"] == "move it"
    assert violation["references"] == ["RDS.46", "CKV_1"]
    assert violation["policy"] == "each"


def test_a_policy_that_raises_is_named_and_takes_no_other_verdict_with_it(start: Start) -> None:
    source = GOOD.replace(
        "PolicyPack(",
        "def boom(args, report):\n    if args.name == 'a': raise ValueError('no such key')\n"
        "def stack_boom(args, report): raise KeyError('graph')\nPolicyPack(",
    ).replace(
        "[\n",
        "[ResourceValidationPolicy('fragile', 'd', boom), StackValidationPolicy('graphic', 'd', stack_boom),\n",
        1,
    )
    found = ask(start(source), {"a": {"acl": "public-read"}, "b": {"acl": "public-read"}}, {"few": {"most": 1}})
    said = {(e["control"], e["verdict"], e["urn"]) for e in found[1:]}
    assert said == {
        ("fragile", "error", BUCKETS[0]),
        ("graphic", "error", STACK),
        ("no-public", "violation", BUCKETS[0]),
        ("no-public", "violation", BUCKETS[1]),
        ("few", "violation", STACK),
    }
    assert any("no such key" in e["message"] for e in found[1:])


def test_messages_beyond_the_usual_four_megabytes_pass_both_ways(start: Start) -> None:
    talkative = GOOD.replace('report("it is public")', 'report("it is public" + args.props["policy"])')
    found = ask(start(talkative), {"a": {"policy": "x" * (4 << 20), "acl": "public-read"}})
    assert [entry["verdict"] for entry in found] == ["evaluated", "violation"]
    assert len(found[1]["message"]) > 4 << 20


def test_the_users_configuration_wins_over_the_packs_own_and_that_over_the_defaults(start: Start) -> None:
    source = GOOD.replace(
        'PolicyPack("small", [',
        'PolicyPack("small", initial_config={"all": EnforcementLevel.ADVISORY, "few": {"most": 1}}, policies=[',
    )
    assert [(e["control"], e["level"]) for e in ask(start(source), {"a": {"acl": "public-read"}})[1:]] == [
        ("no-public", "advisory"),
        ("few", "advisory"),
    ]
    given = {"all": "mandatory", "few": {"most": 5}}
    assert [(e["control"], e["level"]) for e in ask(start(source), {"a": {"acl": "public-read"}}, given)[1:]] == [
        ("no-public", "mandatory")
    ]


def test_what_a_policy_prints_does_not_block_it(start: Start) -> None:
    noisy = GOOD.replace("def named(args, report):", "def named(args, report):\n    print('x' * 200_000)")
    assert [entry["verdict"] for entry in ask(start(noisy), {"a": {}, "b": {}})] == ["evaluated"]


@pytest.mark.parametrize("start", [ANEW, "forked"], indirect=True)
def test_a_pack_that_crashes_at_its_start_shows_why(start: Start) -> None:
    message = error_of(ask(start("raise RuntimeError('no table of ports')\n"), {}))
    assert "ended with exit code 1 before it was ready" in message
    assert "no table of ports" in message


def test_a_pack_that_never_calls_the_server_is_told_apart(start: Start) -> None:
    assert "ended with exit code 0 before it was ready; it wrote nothing" in error_of(ask(start("pass\n"), {}))


def test_a_print_before_the_port_is_named(start: Start) -> None:
    message = error_of(ask(start("print('loading rules')\n" + GOOD), {}))
    assert "printed 'loading rules' before its port" in message
    assert "standard error" in message


def test_a_pack_that_never_becomes_ready_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyzer, "START_SECONDS", 1.0)
    began = time.monotonic()
    assert "was not ready after 1 s" in error_of(ask(start("import time\ntime.sleep(600)\n"), {}))
    assert time.monotonic() - began < 60


def test_a_pack_that_dies_in_the_middle_is_named_with_its_exit_code(start: Start) -> None:
    dying = GOOD.replace("def named(args, report):", "def named(args, report):\n    import os; os._exit(9)")
    assert "ended with exit code 9 while it was being asked" in error_of(ask(start(dying), {"a": {}, "b": {}}))


def test_a_policy_that_does_not_end_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyzer, "ANALYZE_SECONDS", 2.0)
    endless = GOOD.replace("def named(args, report):", "def named(args, report):\n    import time; time.sleep(600)")
    assert "gave no answer within 2 s" in error_of(ask(start(endless), {"a": {}}))


def test_a_pack_that_is_killed_is_no_pass(start: Start) -> None:
    dying = GOOD.replace("def named(args, report):", "def named(args, report):\n    import os; os.kill(os.getpid(), 9)")
    assert "was ended by " in error_of(ask(start(dying), {"a": {}, "b": {}}))
    early = error_of(ask(start("import os; os.kill(os.getpid(), 9)\n"), {}))
    assert "was ended by " in early
    assert "before it was ready" in early


def test_a_pack_that_crashes_in_native_code_is_no_pass(start: Start) -> None:
    crash = "def named(args, report):\n    import ctypes, faulthandler; faulthandler.enable(); ctypes.string_at(0)"
    message = error_of(ask(start(GOOD.replace("def named(args, report):", crash)), {"a": {}, "b": {}}))
    assert "was ended by " in message
    assert "Segmentation fault" in message


def test_a_process_that_a_policy_forks_does_not_speak_for_the_pack(nursery: socket.socket, tmp_path: Path) -> None:
    forks = (
        "def named(args, report):\n    import os\n    pid = os.fork()\n    if not pid: os._exit(3)\n"
        "    report(f'child {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}')\n    return"
    )
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (tmp_path / "__main__.py").write_text(GOOD.replace("def named(args, report):", forks))
    forked = _forked(nursery, str(tmp_path), os.environ)  # not over gRPC: a process that uses it may not fork
    pack = Pack(str(tmp_path), os.environ, functools.partial(_same, forked))
    found = ask(pack, {"a": {}})
    pack.close()
    assert [(entry["verdict"], entry.get("message")) for entry in found] == [
        ("evaluated", None),
        ("violation", "child 3"),
    ]


def test_numbers_texts_and_what_holds_them_reach_a_policy_alike(start: Start) -> None:
    shows = GOOD.replace(
        "def named(args, report):", "def named(args, report):\n    report(shown(args.props))\n    return"
    )
    source = shows.replace(
        "def named", "def shown(props):\n    return ascii({k: dig(props[k]) for k in sorted(props)})\n"
        "def dig(v):\n    if hasattr(v, 'keys'): return {k: dig(v[k]) for k in v}\n"
        "    return [dig(e) for e in v] if not isinstance(v, str) and hasattr(v, '__iter__') else v\ndef named", 1,
    )  # fmt: skip
    given = {
        "n": 3,
        "f": 2.5,
        "b": True,
        "s": "\u00e4",
        "none": None,
        "l": [1, {"x": []}, [None]],
        "m": {},
        "big": 1e300,
    }
    [_, said] = ask(start(source), {"a": given})
    assert said["message"] == (
        "{'b': True, 'big': 1e+300, 'f': 2.5, 'l': [1.0, {'x': []}, [None]], 'm': {}, 'n': 3.0, 'none': None, 's': '\\xe4'}"
    )


def test_a_policy_knows_the_stack_it_is_asked_about(start: Start) -> None:
    source = "import os, pulumi\n" + GOOD.replace(
        "def named(args, report):",
        "def named(args, report):\n    report(f'{pulumi.get_stack()} {pulumi.get_project()} {pulumi.runtime.is_dry_run()}')"
        "\n    return",
    )
    for preview in (True, False):
        found = ask(start(source, preview=preview), {"a": {}, "b": {}})
        assert {entry["message"] for entry in found[1:]} == {f"dev shop {preview}"}


def test_a_forked_pack_whose_sdk_is_not_known_is_asked_over_grpc(nursery: socket.socket, tmp_path: Path) -> None:
    dying = GOOD.replace("def named(args, report):", "def named(args, report):\n    import os; os._exit(9)")
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
    for source in (GOOD, dying):
        (tmp_path / "__main__.py").write_text(source)
        forked = _forked(nursery, str(tmp_path), {**os.environ, "PULUMI_DRY_RUN": "true"}, known=False)
        pack = Pack(str(tmp_path), {}, functools.partial(_same, forked))
        found = ask(pack, {"a": {"acl": "public-read"}})
        assert pack._port, "a real one"
        pack.close()
        if source == GOOD:
            assert [entry["verdict"] for entry in found] == ["evaluated", "violation"]
        else:
            assert "ended with exit code 9 while it was being asked" in error_of(found)


def test_an_interpreter_that_is_missing_is_named(tmp_path: Path) -> None:
    pack = start_pack(str(tmp_path), "/nowhere/python", {})
    assert "could not be started with /nowhere/python" in error_of(ask(pack, {}))
    pack.close()


@pytest.mark.parametrize("start", [ANEW, "forked"], indirect=True)
def test_closing_twice_is_fine_and_leaves_no_process(start: Start) -> None:
    pack = start(GOOD)
    process = pack._process
    assert process is not None
    assert alive(process.pid)
    pack.close()
    pack.close()
    ends(process.pid)


def test_a_forked_pack_ends_when_nobody_can_ask_it_any_more(nursery: socket.socket, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(GOOD)
    (tmp_path / "PulumiPolicy.yaml").write_text("runtime: python\n")
    forked = _forked(nursery, str(tmp_path), os.environ)
    forked._parent = -1  # as if the process that could collect it had gone: then its number may not be used
    Pack(str(tmp_path), os.environ, lambda: forked).close()
    ends(forked.pid)


def test_the_pack_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text(GOOD)
    parent = f"""
import os, sys
from preflight import pack_process
from preflight.analyzer import start_pack
from tests.preflight.processes import Interpreters
pack_process.subprocess = Interpreters()
pack = start_pack({str(tmp_path)!r}, sys.executable, dict(os.environ))
pack._calls()
print(pack._process.pid, pack._process.ended(0), flush=True)
os.kill(os.getpid(), 9)
"""
    done = warm().run("-c", [parent], env=os.environ)
    child, ended = done.stdout.split()
    assert (done.returncode, ended) == (-9, b"None"), done.stderr
    ends(int(child))


def ends(pid: int) -> None:
    """A process has ended, or does so soon."""
    deadline = time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid), f"process {pid} is left behind"


def alive(pid: int) -> bool:
    """Whether a process exists and is more than a zombie that nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False
