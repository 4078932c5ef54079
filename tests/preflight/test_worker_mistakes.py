"""Each way in which a program can be wrong becomes one message with its place, and none passes silently."""

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.recorder_support import call, fail, job, record, work, write

HEAD = "import pulumi\nfrom things import Thing\n"
THING = 'a = Thing("a")\n'
THINGS = """\
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None):
        super().__init__("demo:index:Thing", name, {"size": 1}, opts)
"""


def program(tmp_path: Path, text: str, **files: str) -> Path:
    return write(tmp_path, HEAD + text, things=THINGS, **files)


@for_each(
    "text, kind, source, message",
    [
        ('pulumi.Output.from_input(1).apply(lambda v: {}["absent"])\n', "program", 3, "KeyError: 'absent'"),
        ('raise pulumi.RunError("subnets do not fit")\n', "config", 3, "subnets do not fit"),
        ('pulumi.Config().require("zone")\n', "config", 3, "demo:zone"),
        ("import sys\nsys.exit(3)\n", "program", 4, "sys.exit(3)"),
        ("import os\nos._exit(7)\n", "program", 4, "ended its process with os._exit(7)"),
        ("import os\ntry:\n    os._exit(0)\nexcept Exception:\n    pass\n", "program", 5, "os._exit(0)"),
        (
            (
                "class End(BaseException):\n    pass\n\ndef end(_):\n    raise End('here')\n\n"
                "pulumi.Output.from_input(1).apply(end)\n"
            ),
            "program",
            7,
            "End: here",
        ),
        ("import nowhere_to_be_found\n", "program", 3, "No module named 'nowhere_to_be_found'"),
        ("async def late():\n    pass\n\nlate()\n", "program", 6, "'late' is made but never awaited"),
        (THING + THING, "duplicate-urn", 4, "__main__.py:3"),
    ],
)
def test_a_mistake_has_one_message_and_its_place(
    tmp_path: Path, text: str, kind: str, source: int, message: str
) -> None:
    error = fail(job(program(tmp_path, text)))
    assert error["kind"] == kind
    assert message in error["message"]
    assert f"__main__.py:{source}" in (error["source"] or error["message"])


def test_a_cancelled_callback_is_a_mistake_of_the_program_and_no_fault_of_preflight(tmp_path: Path) -> None:
    text = "import asyncio\ndef end(_):\n    raise asyncio.CancelledError\n\npulumi.Output.from_input(1).apply(end)\n"
    error = fail(job(program(tmp_path, text)))
    assert (error["kind"], error["message"]) == ("program", "CancelledError")


@pytest.mark.parametrize("plain", [False, True])
def test_what_an_error_says_is_left_out_where_the_callback_was_given_a_secret(tmp_path: Path, plain: bool) -> None:
    """Also where what it was given was only derived from the secret, by other callbacks."""
    text = (
        'key = pulumi.Output.secret("hunter2hunter2")\n'
        'url = pulumi.Output.all("d", key).apply(lambda parts: "@".join(parts))\n'
        "def broken(value):\n    try:\n        int(value)\n    except ValueError as error:\n"
        "        raise KeyError(value) from error\nurl.apply(broken)\n"
    )
    error = fail(job(program(tmp_path, text), plain=plain))
    assert "KeyError: what it says is left out" in error["message"]
    assert error["source"] == "__main__.py:9"
    assert "hunter2" not in json.dumps(error)


@for_each(
    "text",
    [
        "box = []\nkey.apply(box.append)\npulumi.Output.from_input(1).apply(lambda _: {}[box[0]])\n",
        "async def late():\n    raise ValueError(await key.future())\n\npulumi.export('a', pulumi.Output.from_input(late()))\n",
        "def stop(value):\n    raise KeyboardInterrupt(value)\n\nkey.apply(stop)\n",
        "def end(value):\n    raise SystemExit(value)\n\nkey.apply(end)\n",
    ],
)
def test_a_text_that_the_program_has_marked_as_secret_is_in_no_error(tmp_path: Path, text: str) -> None:
    error = fail(job(program(tmp_path, f'key = pulumi.Output.secret({{"a": ["hunter2hunter2"]}}["a"][0])\n{text}')))
    assert error["kind"] == "program"
    assert "hunter2" not in json.dumps(error)


def test_a_text_that_the_program_has_marked_as_secret_is_in_no_note_and_no_lookup(tmp_path: Path) -> None:
    text = (
        'import pulumi_aws as aws\nkey = pulumi.Output.secret("hunter2hunter2")\nkey.apply(lambda value: pulumi.log.warn(value))\n'
        "aws.ssm.get_parameter_output(name=key)\n"
    )
    recording = record(job(program(tmp_path, text), "update"))
    assert "the program warns: [secret]" in recording["notes"]
    assert [lookup["args"]["name"] for lookup in recording["lookups"]] == ["[secret]"]
    assert "hunter2" not in json.dumps(recording)


def test_a_syntax_error_names_the_file_it_is_in(tmp_path: Path) -> None:
    error = fail(job(program(tmp_path, "import broken\n", broken="x = 1\ndef f(:\n")))
    assert (error["kind"], error["source"]) == ("program", "broken.py:2")
    assert error["message"].startswith("SyntaxError: ")


def test_a_syntax_error_of_the_program_itself_is_no_fault_of_preflight(tmp_path: Path) -> None:
    error = fail(job(program(tmp_path, "x = 1\ndef f(:\n")))
    assert (error["kind"], error["message"][:13]) == ("program", "SyntaxError: ")
    assert "preflight" not in error["message"]


def test_an_exception_in_an_apply_of_an_update_is_found_though_its_value_is_unknown_before(tmp_path: Path) -> None:
    root = program(tmp_path, f"{THING}a.id.apply(lambda identity: 1 / 0)\n")
    assert work(job(root, "preview"))["ok"]
    error = fail(job(root, "update"))
    assert error["message"] == "ZeroDivisionError: division by zero"
    assert error["source"] == "__main__.py:4"
    assert "preflight" not in error["traceback"], "the program's own frames are enough"


def test_an_object_in_a_message_is_named_without_its_place_in_memory(tmp_path: Path) -> None:
    error = fail(job(program(tmp_path, "class Box: ...\nraise ValueError(f'not {Box()} at 0 degrees')\n")))
    assert error["message"].startswith("ValueError: not <")
    assert error["message"].endswith("Box object> at 0 degrees")


def test_a_program_that_ends_itself_without_an_error_is_recorded(tmp_path: Path) -> None:
    recording = record(job(program(tmp_path, f"import sys\n{THING}pulumi.export('x', 1)\nsys.exit(0)\n")))
    assert recording["exports"] == {"x": 1}
    assert "urn:pulumi:dev::demo::demo:index:Thing::a" in [r["urn"] for r in recording["resources"]]


def test_a_process_that_the_program_forked_may_end_itself_at_once(tmp_path: Path) -> None:
    text = "import os\nif not os.fork():\n    os._exit(5)\npulumi.export('code', os.wait()[1] >> 8)\n"
    assert record(job(program(tmp_path, text)))["exports"] == {"code": 5}


def test_a_warning_or_error_of_the_program_is_a_note_and_is_not_printed_as_well(tmp_path: Path) -> None:
    text = f"{THING}pulumi.log.warn('newer than our table', a)\npulumi.log.warn('old')\npulumi.log.warn('old')\n"
    text += "pulumi.log.error('no quota', a)\n"
    done = call(job(program(tmp_path, text + "pulumi.log.info('by the way')\n")))
    assert json.loads(done.stdout)["recording"]["notes"] == [
        "the program reports an error (about a): no quota",
        "the program warns (about a): newer than our table",
        "the program warns: old",
    ]
    assert done.stderr.splitlines() == [b"by the way"]


@pytest.mark.parametrize("end", ["1 / 0", "import time; time.sleep(60)"], ids=["fails", "hangs"])
def test_a_warning_of_a_program_that_then_fails_is_printed(tmp_path: Path, end: str) -> None:
    done = call(job(program(tmp_path, f"pulumi.log.warn('old')\n{end}\n"), timeoutSeconds=1))
    assert not json.loads(done.stdout)["ok"]
    assert b"the program warns: old" in done.stderr


def test_all_duplicates_are_told_at_once(tmp_path: Path) -> None:
    text = "".join(f"Thing({name!r})\n" for name in ("a", "b", "a", "b"))
    result = work(job(program(tmp_path, text)))
    assert [error["source"] for error in result["errors"]] == ["__main__.py:5", "__main__.py:6"]


def test_what_the_program_prints_is_not_part_of_the_answer(tmp_path: Path) -> None:
    text = "import os, sys\nprint('to python')\nos.write(1, b'to the descriptor')\nsys.stdout.flush()\n"
    done = call(job(program(tmp_path, text)))
    assert json.loads(done.stdout)["ok"]
    assert done.stdout.count(b"\n") == 1
    assert b"to python" in done.stderr
    assert b"to the descriptor" in done.stderr


class TestNetwork:
    CALLS = {
        "name": 'socket.getaddrinfo("example.com", 443)',
        "address": 'socket.create_connection(("192.0.2.1", 80), timeout=1)',
        "library": 'urllib.request.urlopen("http://example.com/")',
    }

    @pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
    def test_is_refused_with_its_place(self, tmp_path: Path, call: str) -> None:
        error = fail(job(program(tmp_path, f"import socket, urllib.request\n{call}\n")))
        assert (error["kind"], error["source"]) == ("network", "__main__.py:4")

    def test_a_refusal_that_the_program_swallows_is_still_told(self, tmp_path: Path) -> None:
        text = f"import socket\ntry:\n    {self.CALLS['name']}\nexcept Exception:\n    pass\n{THING}"
        error = fail(job(program(tmp_path, text)))
        assert (error["kind"], error["source"]) == ("network", "__main__.py:5")
        assert "example.com:443" in error["message"]

    def test_this_machine_may_be_reached(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            text = f"import socket\nsocket.create_connection(('127.0.0.1', {port})).close()\n"
            assert record(job(program(tmp_path, text)))["notes"] == []

    def test_a_command_is_noted_by_its_name_alone(self, tmp_path: Path) -> None:
        text = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'pass', 'token-in-argument'])\n"
        (note,) = record(job(program(tmp_path, text)))["notes"]
        assert Path(sys.executable).name in note
        assert "__main__.py:4" in note
        assert "token-in-argument" not in note


class TestHang:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("import time\ntime.sleep(60)\n", 4),
            ("while True:\n    pass\n", None),
            ("import asyncio\n\nasync def never():\n    await asyncio.Event().wait()\n\npulumi.run(never)\n", 6),
        ],
        ids=["sleeps", "spins", "waits"],
    )
    def test_ends_with_its_place(self, tmp_path: Path, text: str, line: int | None) -> None:
        error = fail(job(program(tmp_path, text), timeoutSeconds=1))
        assert error["kind"] == "timeout"
        assert "within 1 s" in error["message"]
        assert error["source"].startswith("__main__.py:" if line is None else f"__main__.py:{line}")


def test_a_secret_of_the_configuration_is_kept_out_even_when_the_program_prints_it_in_an_error(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"config": {"demo:token": 'tok"en-0123456'}, "secretKeys": ["demo:token"]}
    text = 'value = pulumi.Config().get("token")\npulumi.export("plain", value)\nraise ValueError(f"bad {value!s}")\n'
    done = call(job(program(tmp_path, text), **changes))
    assert b"en-0123456" not in done.stdout
    assert "[secret]" in json.loads(done.stdout)["error"]["message"]


def test_a_stand_in_for_a_secret_that_cannot_be_decrypted_is_noted(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "config": {"demo:token": "stand-in"},
        "secretKeys": ["demo:token"],
        "placeholderKeys": ["demo:token"],
    }
    (note,) = record(job(program(tmp_path, 'pulumi.Config().require_secret("token")\n'), **changes))["notes"]
    assert "demo:token" in note


def test_a_fault_of_the_worker_itself_is_not_blamed_on_the_program(tmp_path: Path) -> None:
    broken = job(program(tmp_path, THING))
    del broken["project"]
    assert fail(broken)["kind"] == "internal"


def test_a_main_file_runs_in_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "entry.py").write_text(
        'import os, pulumi\npulumi.export("where", os.path.basename(os.getcwd()))\n'
    )
    recording = record(job(tmp_path, main="infra/entry.py"))
    assert recording["exports"] == {"where": "infra"}


def test_the_program_sees_project_stack_organization_and_mode(tmp_path: Path) -> None:
    text = (
        "from pulumi.runtime import is_dry_run\n"
        'pulumi.export("seen", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization(), is_dry_run()])\n'
    )
    root = program(tmp_path, text)
    assert record(job(root, "preview", organization="acme"))["exports"]["seen"] == ["demo", "dev", "acme", True]
    assert record(job(root, "update", stack="prod"))["exports"]["seen"] == ["demo", "prod", "organization", False]
