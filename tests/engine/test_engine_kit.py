"""The engine is found or built, says what it lacks, and leaves nothing running behind."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from tests.engine.cloud import Cloud, Fault
from tests.engine.kit import engine as kit
from tests.engine.kit.engine import Engine, EngineError
from tests.engine.stack import ROOT, Stack

NewStack = Callable[[str], Stack]


def program(folder: Path, name: str, text: str = "echo v9.9.9") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache and nothing on PATH but this folder."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(kit.CHOICE, raising=False)
    return tmp_path / "bin"


def test_an_installed_pulumi_with_its_language_host_is_used_as_it_is(elsewhere: Path) -> None:
    pulumi = program(elsewhere, "pulumi")
    program(elsewhere, "pulumi-language-python")
    found = kit.locate()
    assert found == Engine(pulumi=pulumi, version="9.9.9", built=False)
    assert "GROUNDWORK_LANGUAGE_HOST" not in found.environment


def test_an_installed_pulumi_without_a_language_host_is_not(elsewhere: Path) -> None:
    program(elsewhere, "pulumi")
    assert kit.locate() is None


def test_an_installed_pulumi_is_used_by_make_engine_and_nothing_is_built(
    elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(elsewhere, "pulumi")
    program(elsewhere, "pulumi-language-python")
    program(elsewhere, "go", f"touch {tmp_path / 'built'}")
    assert kit.main() == 0
    said = capsys.readouterr()
    assert said.out == f"Pulumi 9.9.9 (found on PATH, {elsewhere / 'pulumi'})\n"
    assert said.err == ""
    assert not (tmp_path / "built").exists()
    assert not kit.cache().exists()


@pytest.mark.parametrize(
    ("version", "used"), [("v3.100.0", False), (f"v{kit.pinned_version()}", True), ("dirty", True)]
)
def test_an_installed_pulumi_that_is_too_old_is_passed_over_and_said(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], version: str, used: bool
) -> None:
    pulumi = program(elsewhere, "pulumi", f"echo {version}")
    program(elsewhere, "pulumi-language-python")
    assert (kit.locate() is not None) == used
    if not used:
        assert kit.main() == 1, "nothing to build with, either"
        assert f"not used: {pulumi} is 3.100.0, older than {kit.pinned_version()}" in capsys.readouterr().err


def test_the_pinned_engine_can_be_asked_for_although_another_is_installed(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(elsewhere, "pulumi")
    program(elsewhere, "pulumi-language-python")
    monkeypatch.setenv(kit.CHOICE, "built")
    assert kit.locate() is None
    kit.cache().mkdir(parents=True)
    (kit.cache() / "pulumi").touch()
    assert kit.locate() == Engine(pulumi=kit.cache() / "pulumi", version=kit.pinned_version(), built=True)
    monkeypatch.setenv(kit.CHOICE, "biult")
    with pytest.raises(EngineError, match="GROUNDWORK_ENGINE='biult' is no choice: leave it out, or say `built`"):
        kit.locate()


def test_an_installed_pulumi_runs_with_the_language_host_that_it_brings(
    engine: Engine, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is installed: one made of the CLI at hand, and of a host that needs nothing from us."""
    found: Engine | None = engine
    if engine.built:
        place = tmp_path / "installed"
        runner = engine.pulumi.parent / kit.RUNNER
        host = f'exec {sys.executable} -u {kit.HERE / "language_host.py"} {runner} "$@"'
        program(place, "pulumi-language-python", host)
        (place / "pulumi").symlink_to(engine.pulumi)
        monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
        monkeypatch.delenv(kit.CHOICE, raising=False)
        found = kit.locate()
    assert found is not None
    assert not found.built
    assert not {"GROUNDWORK_PYTHON", "GROUNDWORK_LANGUAGE_HOST"} & found.environment.keys()
    source = tmp_path / "source"
    source.mkdir()
    (source / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (source / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (source / "__main__.py").write_text('import pulumi_aws as aws\naws.sns.Topic("t")\n')
    one = Stack(found, cloud, tmp_path / "stack", "test", source=source)
    assert one.up().expect(0).changes["create"][0] == "aws:sns/topic:Topic::t"


def test_without_pulumi_and_without_go_the_message_says_what_to_install(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(EngineError, match=r"install Pulumi \d+\.\d+\.\d+ or newer, or Go \d+\.\d+"):
        kit.build()
    assert kit.main() == 1
    assert "make engine: the engine tests need Pulumi" in capsys.readouterr().err


def test_a_build_that_fails_leaves_no_engine_and_shows_why(elsewhere: Path) -> None:
    program(elsewhere, "go", "echo no such module >&2; exit 3")
    with pytest.raises(EngineError, match="exit code 3:\nno such module"):
        kit.build()
    assert kit.locate() is None


def test_a_build_is_made_once_and_has_the_launcher_beside_the_cli(elsewhere: Path, tmp_path: Path) -> None:
    sdk = tmp_path / "sdk" / "python" / "cmd"
    sdk.mkdir(parents=True)
    (sdk / kit.RUNNER).write_text("runner")
    shell = f'case "$1" in list) echo {tmp_path / "sdk"};; *) while [ "$1" != -o ]; do shift; done; : > "$2";; esac'
    program(elsewhere, "go", shell)
    built = kit.build()
    assert built.built
    assert sorted(path.name for path in built.pulumi.parent.iterdir()) == ["pulumi", kit.HOST, kit.RUNNER]
    (elsewhere / "go").unlink()
    assert kit.build() == kit.locate() == built


def test_another_version_or_another_module_is_another_folder_of_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("go.mod", "go.sum"):
        shutil.copy(kit.HERE / name, tmp_path / name)
    before = kit.cache()
    monkeypatch.setattr(kit, "HERE", tmp_path)
    assert kit.cache() == before
    with (tmp_path / "go.sum").open("a") as sums:
        sums.write("another h1:sum=\n")
    assert kit.cache() != before
    assert kit.cache().name.startswith(kit.pinned_version())


def test_the_engine_answers(engine: Engine) -> None:
    done = subprocess.run([engine.pulumi, "version"], capture_output=True, text=True, timeout=60, check=True)
    assert engine.version in done.stdout


def test_nothing_of_the_callers_environment_reaches_the_engine(
    stack: NewStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "credentials")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "token")
    one = stack("dev")
    assert not {"AWS_SECRET_ACCESS_KEY", "PULUMI_ACCESS_TOKEN"} & one.environment.keys()
    outside = {
        one.environment[key]
        for key in ("HOME", "PULUMI_HOME", "PULUMI_BACKEND_URL")
        if str(tmp_path) not in one.environment[key]
    }
    assert outside == set()


def descendants(pid: int) -> dict[int, str]:
    """Process ids and command lines of everything that a process has started, and that has started further."""
    listed = subprocess.run(
        ["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, timeout=60, check=True
    )
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()]
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        children = {int(line[0]): line[2] for line in lines if int(line[1]) in parents and len(line) == 3}
        found.update(children)
        parents = set(children)
    return found


def runs(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, timeout=60, check=False
    )
    return state.stdout.strip() != "" and not state.stdout.startswith("Z")


def test_a_killed_engine_leaves_no_process_behind(engine: Engine, stack: NewStack, cloud: Cloud) -> None:
    one = stack("dev")
    cloud.script.play(Fault(effect="slow", seconds=1))
    running = one.start("up", "--policy-pack", str(one.project / "policy"))
    running.wait_until(lambda: bool(cloud.script.struck))
    started = descendants(running.process.pid)
    for part in ("pulumi-language-python-exec", "pulumi.policy"):
        assert any(part in words for words in started.values()), started
    if not engine.built:  # Pulumi's own host looks after its engine every five minutes only
        started = {pid: words for pid, words in started.items() if "pulumi-language-python-exec" in words}
    running.kill()
    deadline = time.monotonic() + 10
    while (left := [started[pid] for pid in started if runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def test_a_cancelled_run_ends_at_once_although_the_program_does_not(tmp_path: Path) -> None:
    """The engine cancels after a failure. A program left alone then holds the engine up for five seconds."""
    runner = tmp_path / "runner.py"
    runner.write_text("import time\ntime.sleep(600)\n")
    command = [sys.executable, "-u", str(kit.HERE / "language_host.py"), str(runner), "127.0.0.1:1"]
    host = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    try:
        with grpc.insecure_channel(f"127.0.0.1:{host.stdout.readline().strip()}") as channel:
            stub = language_pb2_grpc.LanguageRuntimeStub(channel)
            info = language_pb2.ProgramInfo(root_directory=str(tmp_path), program_directory=str(tmp_path))
            run = stub.Run.future(language_pb2.RunRequest(info=info), timeout=20)
            while not any("runner.py" in words for words in descendants(host.pid).values()):
                assert not run.done(), run
                time.sleep(0.05)
            stub.Cancel(empty_pb2.Empty(), timeout=20)
            assert run.result().error == "Program exited with non-zero exit code: -9"
    finally:
        host.terminate()
        host.wait(20)
        host.stdout.close()


def test_a_call_that_does_not_end_is_killed_and_says_how_far_it_came(stack: NewStack, cloud: Cloud) -> None:
    one = stack("dev")
    cloud.script.play(Fault(effect="slow", seconds=60))
    running = one.start("up")
    running.wait_until(lambda: bool(cloud.script.struck))
    with pytest.raises(AssertionError, match=r"no end after 1 s: (.|\n)*Updating"):
        running.wait(timeout=1)
    assert running.process.poll() is not None


PROBE = """
import sys, pulumi, pulumi_aws as aws
aws.sns.Topic("t")
pulumi.export("finders", ",".join(type(finder).__module__ for finder in sys.meta_path if not isinstance(finder, type)))
pulumi.export("path", [entry for entry in sys.path if entry == "{root}"])
"""


@pytest.mark.parametrize("quick", [True, False])
def test_a_program_loads_the_sdk_the_quick_way_only_when_the_engine_is_told(
    engine: Engine, cloud: Cloud, tmp_path: Path, quick: bool
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "Pulumi.yaml").write_text("name: groundwork\nruntime: python\n")
    (source / "Pulumi.test.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (source / "__main__.py").write_text(PROBE.format(root=ROOT))
    chosen = engine if quick else engine.plain
    one = Stack(chosen, cloud, tmp_path / "stack", "test", source=source)
    one.up().expect(0)
    outputs = json.loads(one.run("stack", "output", "--json").expect(0).output)
    assert ("preflight.lazy_sdk" in outputs["finders"]) == (quick and engine.built)
    assert outputs["path"] == [], "nothing of this checkout can be imported"
    assert cloud.store.one("t").inputs, "the same request either way"
    if quick and engine.built:
        assert engine.sdk_cache is not None
        assert list(engine.sdk_cache.glob("*pulumi_aws*")), "compiled once for all programs of these tests"


def test_the_tests_run_with_the_interpreter_of_the_project(stack: NewStack) -> None:
    assert (stack("dev").project / ".venv").resolve() == Path(sys.prefix).resolve()
