"""A thin language host: what the engine needs to run a Python program and a Python policy pack, and no more.

Arguments: the SDK's runner script, then whatever the engine passes, its own address last. Differences from Pulumi's own
host that matter to tests: a cancelled run kills the program at once (it would sit in its shutdown for five seconds),
the host ends when the engine is killed, and programs run without the cyclic garbage collector, which would double the
time of a few hundred resources. Told so by variables of its environment, it has programs load the SDK the quick way, or
starts programs and packs exactly as Pulumi's own host does: ``python -u`` of the project's virtual environment.
"""

import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any


def _without_the_sdk() -> None:
    """Lets the protocol's modules be imported without running the SDK's own, which takes 0.4 s of every run."""
    found = importlib.util.find_spec("pulumi")
    if found is None or found.origin is None:
        sys.exit(f"the Pulumi SDK is not installed for {sys.executable}: run `make setup`")
    sdk = Path(found.origin).parent
    for name, folder in (("pulumi", sdk), ("pulumi.runtime", sdk / "runtime")):
        stub = types.ModuleType(name)
        stub.__path__ = [str(folder)]
        sys.modules[name] = stub


_without_the_sdk()

import grpc  # noqa: E402
from google.protobuf import empty_pb2, json_format  # noqa: E402
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2  # noqa: E402

RUNNER, ENGINE = sys.argv[1], sys.argv[-1]
QUICK = str(Path(__file__).with_name("quick.py"))
SDK_CACHE = os.environ.get("GROUNDWORK_SDK_CACHE")  # a folder: programs load the SDK the quick way; not set: as always
AS_PULUMI = os.environ.get("GROUNDWORK_AS_PULUMI") == "1"
PARENT = os.getppid()
BAIL = 32  # the program has reported its error itself
_SCRIPT = "import gc, runpy, sys; gc.disable(); del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
_QUICK_SCRIPT = (
    f"import runpy, sys; runpy.run_path({QUICK!r})['install'](__import__('pathlib').Path({SDK_CACHE!r})); {_SCRIPT}"
)
_PACK = "import gc, runpy; gc.disable(); runpy.run_module('pulumi.policy', run_name='__main__', alter_sys=True)"

_children: list[subprocess.Popen[str]] = []
_cancelled = threading.Event()


def _start(arguments: list[str], python: str = sys.executable, **options: Any) -> subprocess.Popen[str]:
    command = [python, "-u", *arguments]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True, **options)
    _children.append(child)
    if _cancelled.is_set():  # between its start and its entry
        child.kill()
    return child


def _kill_children() -> None:
    for child in _children:
        if child.poll() is None:
            child.kill()


def _own_python(info: Any) -> str:
    """The interpreter that a Pulumi.yaml or PulumiPolicy.yaml names, as a path that does not follow links."""
    options = json_format.MessageToDict(info.options)
    return os.path.join(info.root_directory, options["virtualenv"], "bin", "python")


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """The calls that an engine makes for a Python project."""

    def Handshake(self, request: Any, context: Any) -> Any:
        """Says that the host can be used."""
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Says which version the host is."""
        return plugin_pb2.PluginInfo(version="0.1.0")

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        """Asks for no plugin: all of them are attached."""
        return language_pb2.GetRequiredPackagesResponse()

    def Cancel(self, request: Any, context: Any) -> Any:
        """Ends what runs; the engine has given up on it."""
        _cancelled.set()
        _kill_children()
        return empty_pb2.Empty()

    def Run(self, request: Any, context: Any) -> Any:
        """Runs the program to its end."""
        info = request.info
        program = os.path.normpath(os.path.join(info.program_directory, info.entry_point or "."))
        environment = {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        arguments = {
            "monitor": request.monitor_address,
            "engine": ENGINE,
            "project": request.project,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": str(request.dryRun).lower(),
            "parallel": str(request.parallel),
            "organization": request.organization,
            "root_directory": info.root_directory,
        }
        flags = [part for key, value in arguments.items() for part in (f"--{key}", value)]
        if AS_PULUMI:
            child = _start([RUNNER, *flags, program], _own_python(info), env=environment)
        else:
            child = _start(["-c", _QUICK_SCRIPT if SDK_CACHE else _SCRIPT, RUNNER, *flags, program], env=environment)
        code = child.wait()
        error = "" if code in (0, BAIL) else f"Program exited with non-zero exit code: {code}"
        return language_pb2.RunResponse(bail=code == BAIL, error=error)

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Runs a policy pack until the engine is done with it, and passes on what it prints."""
        folder = request.info.program_directory
        how, python = (
            (["-m", "pulumi.policy"], _own_python(request.info)) if AS_PULUMI else (["-c", _PACK], sys.executable)
        )
        child = _start(
            [*how, *request.args, folder],
            python,
            cwd=folder,
            env=dict(pair.split("=", 1) for pair in request.env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        lines: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()

        def forward(kind: str, stream: IO[str]) -> None:
            for line in stream:
                lines.put((kind, line.encode()))
            lines.put(None)

        for kind, stream in (("stdout", child.stdout), ("stderr", child.stderr)):
            threading.Thread(target=forward, args=(kind, stream), daemon=True).start()
        for _ in range(2):
            while (line := lines.get()) is not None:
                kind, text = line
                if kind == "stdout":
                    yield language_pb2.RunPluginResponse(stdout=text)
                else:
                    yield language_pb2.RunPluginResponse(stderr=text)
        yield language_pb2.RunPluginResponse(exitcode=child.wait())


def _end(*_: object) -> None:
    _kill_children()
    os._exit(0)


def main() -> None:
    """Serves until the engine ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    server = grpc.server(ThreadPoolExecutor(16))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    # Polling, because a signal can reach another thread than one that waits for ever, and an engine that was killed
    # says nothing.
    while os.getppid() == PARENT:
        time.sleep(0.1)
    _end()


if __name__ == "__main__":
    main()
