"""The nursery that is begun before the command line is read: a program cannot tell it from one that is started, and one
that is not needed leaves nothing behind."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.cli_support import ROOT, Project
from tests.preflight.recorder_support import job, write

TELLING = """
import json, os, sys
import pulumi
def opened():
    places = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd") if int(name) > 2]
    return sorted(os.readlink(place).rpartition(":")[0] or "file" for place in places if os.path.exists(place))
pulumi.export("told", {
    "orders": len([part for part in sys.orig_argv if part.endswith("lifeline.py")]),
    "path": sys.path, "argv": sys.argv, "main": sys.modules["__main__"].__file__, "opened": opened(),
    "streams": [[stream.fileno(), stream.line_buffering, stream.isatty()] for stream in (sys.stdout, sys.stderr)],
    "input": sys.stdin.read(), "environment": sorted({**os.environ, "_": ""}.items()), "folder": os.getcwd(),
})
"""
pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only Linux has what it takes")


def _told(project: Project, *options: str) -> dict[str, Any]:
    """What the program exports in an update by `python OPTION ... -m preflight check` on a terminal, with a descriptor
    that is open for whoever inherits it."""
    python, *command = project.command("--json", str(project.directory / "report"))
    master, slave = os.openpty()
    try:
        done = subprocess.run(
            [python, *options, *command], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE, cwd=ROOT,
            timeout=60, check=False, pass_fds=[master],
        )  # fmt: skip
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads((project.directory / "report").read_text())
    told: dict[str, Any] = report["stacks"]["dev"]["exports"]["told"]["value"]
    return told


def test_a_program_sees_what_it_would_see_of_a_nursery_that_is_started(project: Project) -> None:
    project.write("__main__.py", TELLING)
    begun, started = _told(project), _told(project, "-X", "utf8=0")
    assert (begun.pop("orders"), started.pop("orders")) == (0, 1)
    assert begun == started
    assert str(ROOT) not in begun["path"]
    assert "/dev/ptmx" not in begun["opened"]
    assert begun["opened"]


@pytest.mark.parametrize(
    ("change", "code"),
    [("--plain", 0), ("--nonsense", 2), ("other interpreter", 0), ("a mistake in a file", 2), ("--help", 0)],
)
def test_one_that_is_not_needed_is_gone_before_preflight_ends(project: Project, change: str, code: int) -> None:
    project.write("__main__.py", TELLING)
    if change == "other interpreter":
        (project.directory / "bin").mkdir()
        (project.directory / "bin" / "python").symlink_to(sys.executable)
        project.write("Pulumi.yaml", "name: shop\nruntime: {name: python, options: {virtualenv: .}}\n")
        project.write("pyvenv.cfg", (Path(sys.prefix) / "pyvenv.cfg").read_text())
        site = Path(sys.prefix, "lib")
        (project.directory / "lib").symlink_to(site)
    if change == "a mistake in a file":
        project.write("Pulumi.yaml", "name: [\n")
    options = [change] if change.startswith("--") else []
    code_of = (
        "import os, sys\nfrom preflight import __main__ as entry, ahead\n"
        f"sys.orig_argv[1:] = sys.argv[1:] = {project.command(*options)[1:]!r}\nsys.argv[1:3] = []\n"
        "begin, begun = ahead.begin, []\n"
        "def watched():\n    begin()\n    begun.extend(one.pid for one in ahead._begun)\n"
        "ahead.begin = watched\n"
        "try:\n    code = entry.start()\nexcept SystemExit as ended:\n    code = ended.code\n"
        "left = [pid for pid in begun if os.path.exists(f'/proc/{pid}')]\n"
        "print(code, len(begun), left, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code_of], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    begun = int(change not in {"--plain", "--help"})
    assert done.stderr.splitlines()[-1] == f"{code or 0} {begun} []", done.stderr


def _run(tmp_path: Path, before: str) -> list[dict[str, Any]]:
    """The results of a program with `before` between the beginning of a nursery and the jobs."""
    program = "import os, pulumi\npulumi.export('told', [ascii(os.environ.get('NEW')), os.environ.get('OLD'), os.getppid()])\n"
    directory = write(tmp_path, program)
    jobs = [["dev", mode, sys.executable, job(directory, mode)] for mode in ("preview", "update")]
    code = (
        "import json, os, signal, sys, time\nfrom preflight import ahead\n"
        "sys.orig_argv[1:] = ['-m', 'preflight', 'check']\nahead.begin()\n"
        f"[nursery] = ahead._begun\n{before}\n"
        "from preflight import launcher\n"
        f"jobs = [launcher.Job(*one) for one in {jobs!r}]\n"
        "found = launcher.run(jobs, lambda _running: None)\n"
        "print(json.dumps([nursery.pid, os.getpid(), [one.result for one in found]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
        env={**os.environ, "OLD": "old"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    begun, parent, results = json.loads(done.stdout)
    names = {begun: "begun", parent: "parent"}
    told = [result["recording"]["exports"]["told"] for result in results]
    return [{"environment": said[:2], "below": names.get(said[2], "another")} for said in told]


def test_it_has_the_environment_of_the_moment_at_which_it_is_taken(tmp_path: Path) -> None:
    told = _run(tmp_path, "os.environ['NEW'] = 'n\\udce9w'; del os.environ['OLD']")
    assert [said["environment"] for said in told] == [["'n\\udce9w'", None]] * 2
    assert {said["below"] for said in told} == {"begun", "parent"}, "it forks one worker and becomes the other"


def test_another_one_is_started_for_one_that_has_died(tmp_path: Path) -> None:
    told = _run(tmp_path, "os.kill(nursery.pid, signal.SIGKILL)\ntime.sleep(0.2)")
    assert [said["environment"] for said in told] == [["None", "old"]] * 2
    assert "begun" not in {said["below"] for said in told}


def _entered(before: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """`python -m preflight check OPTION ...` in a process of its own, in which this is run before."""
    command = ["-m", "preflight", "check", *options]
    code = (
        "import os, resource, signal, sys\nfrom preflight import __main__ as entry, ahead, cli\n"
        f"sys.orig_argv[1:], sys.argv[1:] = {command!r}, {command[2:]!r}\n{before}\n"
        "try:\n    code = entry.start()\nexcept SystemExit as ended:\n    code = ended.code\n"
        "print(os.getpid(), 'ends with', code, flush=True)"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )


@pytest.mark.parametrize("option", ["--program", "--nonsense"])
def test_who_starts_preflight_may_ignore_the_ends_of_its_children(project: Project, option: str) -> None:
    project.write("__main__.py", "import pulumi\npulumi.export('told', 1)\n")
    done = _entered("signal.signal(signal.SIGCHLD, signal.SIG_IGN)", option, str(project.directory))
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1].endswith(f"ends with {0 if option == '--program' else 2}"), done.stderr


@for_each("several", [range(1, 5), range(5, 7)])
def test_where_few_descriptors_may_be_open_none_is_begun_and_none_stays_open(several: range) -> None:
    done = _entered(
        f"first, several = os.dup(0), {several!r}\nos.close(first)\n"
        "opened = lambda: len(os.listdir('/proc/self/fd'))\nbefore = opened()\n"
        "cli.main = lambda: (opened() - before, ahead._begun)\n"
        "for more in several:\n    if not os.fork():\n        break\n    assert os.wait()[1] == 0, more\n"
        "else:\n    sys.exit()\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (first + more, first + more))"
    )
    assert done.returncode == 0, done.stderr
    if several.stop == 5:  # one that is begun with more may find that they are too few
        assert done.stderr == ""
        ends = [line.partition(" ")[2] for line in done.stdout.splitlines()]
        assert ends == ["ends with (0, [])"] * len(several)


def test_a_ctrl_c_at_the_fork_is_told_once_by_the_process_that_was_started() -> None:
    done = _entered(
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it\n"
        "fork = os.fork\n"
        "def interrupted():\n    pid = fork()\n    os.kill(os.getpid(), signal.SIGINT)\n    return pid\n"
        "os.fork = interrupted\nprint(os.getpid(), 'is started', flush=True)"
    )
    started = done.stdout.split()[0]
    assert done.stdout.splitlines() == [f"{started} is started", f"{started} ends with 130"]
    assert done.stderr.splitlines() == ["preflight: interrupted"]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_change_nothing_but_that_nothing_is_written_there(
    project: Project, closed: str
) -> None:
    project.write("__main__.py", "import sys\nimport pulumi\npulumi.export('read', sys.stdin.read())\n")
    report = project.directory / "report"
    command = shlex.join(project.command("--json", str(report)))
    done = subprocess.run(
        ["sh", "-c", f"{command} {closed}"], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert ("Exports" in done.stdout) == (not closed.startswith(">") and "&- >" not in closed)
    stack = json.loads(report.read_text())["stacks"]["dev"]
    assert stack["exports"]["read"]["value"] == ""
    assert stack["findings"] == []
