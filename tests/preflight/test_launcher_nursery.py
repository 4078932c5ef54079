"""Workers and packs from one nursery: apart from each other, and one that dies takes nothing else with it.

All of it also where nothing may be forked, with a nursery for each worker.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight import launcher
from preflight.launcher import Outcome
from tests.preflight.recorder_support import ROOT, job, write
from tests.preflight.warm import Nurseries, warm

HEAD = "import os, sys\nimport pulumi\n"
PACK = """
import os, pulumi
from pulumi_policy import *
calls = []
def tell(args, report):
    calls.append(1)
    report(f"dry run {pulumi.runtime.is_dry_run()}, call {len(calls)}, home {os.environ['PULUMI_STACK']}, {os.getcwd()}")
PolicyPack("small", [StackValidationPolicy("tell", "Tells.", tell, EnforcementLevel.ADVISORY)])
"""

STACKS = ("dev", "prod")  # of processes that are started one by one a single stack has all kinds that there are

Jobs = Callable[..., list[launcher.Job]]
Run = Callable[..., list[Outcome]]


@pytest.fixture(params=["forked", "apart"])
def jobs(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """The jobs of a program for the named stacks in both modes."""
    monkeypatch.setattr(launcher, "FORKS", request.param == "forked")

    def jobs(text: str, *stacks: str, python: str = sys.executable, **changes: Any) -> list[launcher.Job]:
        directory = write(tmp_path, HEAD + text)
        return [
            launcher.Job(stack, mode, python, job(directory, mode, stack=stack, **changes))
            for stack in stacks or ("dev",)
            for mode in launcher.MODES
        ]

    return jobs


@pytest.fixture(autouse=True)
def _forked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has nurseries forked from a process with the SDK in it, where the start itself is not the point."""
    if "started" not in request.fixturenames:
        monkeypatch.setattr(launcher, "subprocess", Nurseries())


@pytest.fixture
def started() -> None:
    """Has them started as they are otherwise."""


@pytest.fixture
def run(jobs: Jobs) -> Run:
    """The outcomes of `jobs`."""
    return lambda *given, **changes: launcher.run(jobs(*given, **changes), lambda _running: None)


def test_two_runs_share_no_state_of_the_program_or_of_a_module(run: Run) -> None:
    stacks = STACKS[: 2 if launcher.FORKS else 1]
    outcomes = run('assert not hasattr(pulumi, "mark")\npulumi.mark = os.environ["MARK"] = "set"\n', *stacks)
    assert [(outcome.stack, outcome.mode) for outcome in outcomes] == [
        (stack, mode) for stack in stacks for mode in ("preview", "update")
    ]
    assert [outcome.result["ok"] for outcome in outcomes] == [True] * 2 * len(stacks)


def test_a_run_that_crashes_says_where_and_leaves_the_others_alone(run: Run) -> None:
    crash = "import ctypes\nif pulumi.runtime.is_dry_run():\n    ctypes.string_at(0)\n"
    for order in (crash, crash.replace("if pulumi", "if not pulumi")):
        crashed, fine = sorted(run(order), key=lambda outcome: bool(outcome.result["ok"]))
        assert fine.result["ok"]
        assert crashed.result["error"]["kind"] == "internal"
        assert "ended without a result" in crashed.result["error"]["message"]
        assert "Segmentation fault" in crashed.result["error"]["message"]
        assert "__main__.py" in crashed.result["error"]["message"]


def test_a_run_that_holds_back_its_own_watchdog_is_killed_and_the_other_is_kept(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "KILL_AFTER", 0.5)
    hang = "import ctypes\nif pulumi.runtime.is_dry_run():\n    ctypes.PyDLL(None).sleep(60)  # without letting go of the interpreter\n"
    preview, update = run(hang, timeoutSeconds=3)
    assert update.result["ok"]
    assert preview.result["error"]["kind"] == "timeout"
    assert "did not end within 3 s and did not react" in preview.result["error"]["message"]


def test_a_run_that_is_overdue_is_ended_while_others_go_on(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "KILL_AFTER", 0.5)
    hang = "ctypes.PyDLL(None).sleep(60)"
    state = (
        "(p := pathlib.Path('pid')).exists() and pathlib.Path('/proc', p.read_text(), 'stat').read_text().split()[2]"
    )
    text = (
        "import ctypes, pathlib, time\n"
        f"if pulumi.runtime.is_dry_run():\n    pathlib.Path('pid').write_text(str(os.getpid()))\n    {hang}\n"
        f"began = time.monotonic()\nwhile (state := {state}) != 'Z' and time.monotonic() < began + 25:\n"
        "    time.sleep(0.02)\npulumi.export('state', state)\n"
    )
    preview, update = jobs(text, timeoutSeconds=40)
    # On a busy machine it takes a second until the program hangs; before that its own watchdog ends it.
    preview = preview._replace(document={**preview.document, "timeoutSeconds": 3})
    ended, other = launcher.run([preview, update], lambda _running: None)
    assert ended.result["error"]["kind"] == "timeout"
    assert other.result["recording"]["exports"] == {"state": "Z"}, "ended, and not yet collected"


def test_what_a_run_prints_stays_with_it(run: Run) -> None:
    preview, update = run("print('dry' if pulumi.runtime.is_dry_run() else 'wet')\nos.system('echo shell')\n")
    assert sorted(preview.printed.split()) == ["dry", "shell"]  # Python may write its own part at the end
    assert sorted(update.printed.split()) == ["shell", "wet"]


def test_a_process_that_the_program_leaves_behind_holds_nothing_up(run: Run, tmp_path: Path) -> None:
    leave = (
        "import subprocess\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], close_fds=False)\n"
        "open(f'left-{left.pid}', 'w').close()\n"
    )
    began = time.monotonic()
    outcomes = run(leave)
    assert [outcome.result["ok"] for outcome in outcomes] == [True, True]
    assert time.monotonic() - began < 50
    for file in tmp_path.glob("left-*"):
        os.kill(int(file.name.removeprefix("left-")), 9)


def test_an_interpreter_that_is_not_there_is_one_message_for_every_run(run: Run) -> None:
    outcomes = run("", python="/nowhere/python")
    assert {outcome.result["error"]["kind"] for outcome in outcomes} == {"config"}
    assert all("/nowhere/python cannot be started" in outcome.result["error"]["message"] for outcome in outcomes)


def test_an_interpreter_that_is_not_there_keeps_no_other_from_running(started: None, tmp_path: Path) -> None:
    document = job(write(tmp_path, HEAD), "update")
    jobs = [
        launcher.Job(stack, "update", python, document)
        for stack, python in (("a", "/nowhere/python"), ("b", sys.executable), ("c", "/nowhere/python"))
    ]
    outcomes = launcher.run(jobs, lambda _running: None)
    assert [outcome.stack for outcome in outcomes] == ["a", "b", "c"]
    assert [outcome.result["ok"] for outcome in outcomes] == [False, True, False]


def test_two_paths_to_one_environment_share_its_nursery_and_another_environment_does_not(
    started: None, tmp_path: Path
) -> None:
    (tmp_path / "linked").symlink_to(Path(sys.executable).parents[1], target_is_directory=True)
    document = job(write(tmp_path, f"{HEAD}print(os.getpid(), os.getppid())\n"), "update")
    own, linked, other = sys.executable, str(tmp_path / "linked/bin/python"), str(_twin(tmp_path / "twin"))
    jobs = [launcher.Job("dev", "update", python, document) for python in (own, other, linked)]
    said = [{*outcome.printed.split()} - {str(os.getpid())} for outcome in launcher.run(jobs, lambda _running: None)]
    assert said[0] & said[2]
    assert not said[1] & (said[0] | said[2])


def test_an_interpreter_without_the_sdk_is_told_to_install_it(run: Run, tmp_path: Path) -> None:
    python = shutil.copy(_base_interpreter(), tmp_path / "python")
    for outcome in run("", python=str(python)):
        assert outcome.result["error"]["kind"] == "config"
        message = outcome.result["error"]["message"]
        assert f"the program's interpreter {python} has no Pulumi SDK. Install the project's requirements" in message
        assert "options: {virtualenv: .venv}" in message
        assert "the one that runs preflight" not in message


def test_an_interpreter_that_is_too_old_is_named_with_its_version(run: Run, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] && echo 3 9 || exit 1\n')
    python.chmod(0o755)
    for outcome in run("", python=str(python)):
        assert outcome.result["error"]["kind"] == "config"
        assert f"{python} is Python 3.9, 3.11 or later is needed" in outcome.result["error"]["message"]


@pytest.mark.parametrize("same", [True, False])
def test_each_phase_has_a_pack_process_of_its_own_that_knows_its_phase(run: Run, tmp_path: Path, same: bool) -> None:
    pack = tmp_path / "policy"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(PACK)
    python = sys.executable if same else str(_twin(tmp_path / "twin"))
    stacks = STACKS[: 2 if launcher.FORKS and same else 1]
    outcomes = run("", *stacks, pack={"dir": str(pack), "python": python, "config": {}})
    said = [[f["message"] for f in outcome.result["findings"] if f["verdict"] != "evaluated"] for outcome in outcomes]
    assert said == [
        [f"dry run {dry_run}, call 1, home {stack}, {pack}"] for stack in stacks for dry_run in (True, False)
    ]


def _pack(folder: Path, text: str) -> dict[str, Any]:
    """A pack whose policies judge the stack by these lines, which see `args` and may `report`."""
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
    body = "".join(f"    {line}\n" for line in text.splitlines())
    (folder / "__main__.py").write_text(
        f"import os, sys, pulumi\nfrom pulumi_policy import *\ndef tell(args, report):\n{body}"
        'PolicyPack("small", [StackValidationPolicy("tell", "Tells.", tell, EnforcementLevel.ADVISORY)])\n'
    )
    return {"dir": str(folder), "python": sys.executable, "config": {}}


def _said(outcome: Outcome) -> list[str]:
    return [f["message"] for f in outcome.result["findings"] if f["verdict"] != "evaluated"]


def test_a_pack_that_dies_in_one_run_is_an_error_of_that_run_alone(run: Run, tmp_path: Path) -> None:
    pack = _pack(tmp_path / "policy", "if not pulumi.runtime.is_dry_run(): os.kill(os.getpid(), 9)\nreport('alive')")
    preview, update = run("", pack=pack)
    assert _said(preview) == ["alive"]
    [error] = update.result["findings"]
    assert error["verdict"] == "error"
    assert "was ended by " in error["message"]
    assert "its verdicts are missing" in error["message"]


def test_a_recording_is_heard_of_while_the_policies_are_at_work(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    waits = f"import time; [time.sleep(0.01) for _ in range(1000) if not os.path.exists({str(heard)!r})]"
    pack = _pack(tmp_path / "policy", f"{waits}; report(str(os.path.exists({str(heard)!r})))")
    document = job(write(tmp_path, f"{HEAD}pulumi.export('one', 1)\n"), "update", pack=pack)
    recordings: list[tuple[str, Any]] = []

    def hear(told: launcher.Job, recording: dict[str, Any]) -> None:
        recordings.append((told.stack, recording))
        heard.touch()

    [outcome] = launcher.run([launcher.Job("dev", "update", sys.executable, document)], lambda _running: None, hear)
    assert recordings == [("dev", outcome.result["recording"])]
    assert outcome.result["recording"]["exports"] == {"one": 1}
    assert _said(outcome) == ["True"]


def test_a_worker_that_dies_while_the_policies_are_at_work_leaves_no_recording(tmp_path: Path) -> None:
    place = str(tmp_path / "pid")
    pack = _pack(tmp_path / "policy", f"os.kill(int(open({place!r}).read()), 9); import time; time.sleep(10)")
    document = job(write(tmp_path, f"{HEAD}open({place!r}, 'w').write(str(os.getpid()))\n"), "update", pack=pack)
    heard: list[Any] = []
    [outcome] = launcher.run(
        [launcher.Job("dev", "update", sys.executable, document)],
        lambda _running: None,
        lambda *told: heard.append(told),
    )
    assert outcome.result["error"]["kind"] == "internal"
    assert "recording" not in outcome.result


@pytest.mark.parametrize("forks", [True, False])
@pytest.mark.parametrize("number", [0, 1, 3])
def test_what_becomes_known_later_runs_however_much_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forks: bool, number: int
) -> None:
    monkeypatch.setattr(launcher, "FORKS", forks)
    document = job(write(tmp_path, f"{HEAD}print(os.getpid(), os.getppid())\n"), "update")
    running: list[str] = []
    names = [f"later-{each}" for each in range(number)]

    def come() -> list[launcher.Job]:
        assert running == ["first update"], "the first one does not wait for the others"
        return [launcher.Job(name, "update", sys.executable, document) for name in names]

    outcomes = launcher.run(
        [launcher.Job("first", "update", sys.executable, document)],
        lambda now: running.__setitem__(slice(None), now),
        later=launcher.Later(sys.executable, 2, come),
    )
    assert [outcome.stack for outcome in outcomes] == ["first", *names]
    assert all(outcome.result["ok"] for outcome in outcomes)
    said = [{*outcome.printed.split()} - {str(warm().pid)} for outcome in outcomes]
    assert [bool(one & said[0]) for one in said[1:]] == [forks, forks, False][:number]


def test_a_pack_starts_from_the_base_of_the_sdk_and_not_with_what_programs_load(started: None, tmp_path: Path) -> None:
    pack = _pack(
        tmp_path / "policy", "report(f\"{'preflight.engine_view' in sys.modules} {'preflight.worker' in sys.modules}\")"
    )
    write(tmp_path, "")
    said = {}
    for plain in (False, True):
        jobs = [
            launcher.Job("dev", mode, sys.executable, job(tmp_path, mode, pack=pack, plain=plain))
            for mode in launcher.MODES
        ]
        said[plain] = [_said(outcome) for outcome in launcher.run(jobs, lambda _running: None)]
    assert said[False] == [["False True"]] * 2, "forked from the nursery, before it loads the rest"
    assert said[True] == [["False False"]] * 2, "in an interpreter of its own, as the engine starts it"


def test_no_thread_runs_in_a_process_that_is_about_to_fork() -> None:
    code = (
        "import os\nfrom preflight import pack_process, worker\nseen = []\n"
        "for load in (lambda: worker.load_base(plain=False), lambda: worker.load_sdk(plain=False, program=os.getcwd())):\n"
        "    load()\n    seen.append(len(os.listdir('/proc/self/task')))\nprint(seen)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1, 1]"


def test_nothing_runs_on_when_the_outcomes_are_there(run: Run, tmp_path: Path) -> None:
    pack = _pack(tmp_path / "policy", "report(str(os.getpid()))")
    stacks = STACKS[: 2 if launcher.FORKS else 1]
    outcomes = run("import os\npulumi.export('process', os.getpid())\n", *stacks, pack=pack)
    processes = {int(_said(one)[0]) for one in outcomes}
    processes |= {one.result["recording"]["exports"]["process"] for one in outcomes}
    assert len(processes) == 4 * len(stacks)
    assert not [pid for pid in processes if Path(f"/proc/{pid}").exists()], "collected, not only ended"


def _base_interpreter() -> str:
    return str(Path(sys.executable).resolve())


def _twin(folder: Path) -> Path:
    """Another virtual environment with the same packages."""
    home = Path(sys.prefix)
    (folder / "bin").mkdir(parents=True)
    shutil.copy(home / "pyvenv.cfg", folder)
    (folder / "lib").symlink_to(home / "lib")
    (folder / "bin" / "python").symlink_to(_base_interpreter())
    return folder / "bin" / "python"
