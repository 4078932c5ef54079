"""Talks to a policy pack over Pulumi's own Analyzer protocol, the way the engine does.

The pack is a process of its own (``python -u -m pulumi.policy 127.0.0.1:1 DIR``): without ``-u`` it never flushes its
port, and the engine's address is never dialled. It is started before the program runs, so its start-up hides behind
that.

A fault of the pack is a finding with the verdict ``error``, never an exception: the verdicts that were reached stand.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from preflight import diagnostics, lifeline, pack_config
from preflight.diagnostics import Finding, Phase
from preflight.pack_config import PackConfigError, PolicyInfo, Setting

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

START_SECONDS = 20.0  # from spawn to port; a warm pack takes 0.2 s, a cold one on a busy machine 3 s
ANALYZE_SECONDS = 120.0  # for all verdicts of one phase; 2,000 resources with 50 policies take 3 s
CONTROL = "policy-pack"  # the control of findings about the pack itself
_TAIL = 12  # lines of the pack's own words in a message
_MESSAGE_LIMIT = 400 << 20  # of the engine and of the pack's server; the Python client's default is 4 MB
_LEVELS = ("advisory", "mandatory", "disabled", "remediate")  # by number of the protocol's enumeration
_DESCRIPTORS = 4096  # above all that a worker has opened before it starts the pack
_GRACE = 0.5  # seconds a dying pack gets to finish its traceback


class PackError(Exception):
    """The pack cannot give verdicts; the text says why and what to change."""


class _Broken(NamedTuple):
    """A request that raised inside the pack."""

    request: Any
    details: str


def start_pack(pack_dir: str, python: str, env: Mapping[str, str], *, fork: bool = False) -> Pack:
    """Starts the pack and returns at once; whatever goes wrong is told by `analyze`.

    `env` is the complete environment with PULUMI_PROJECT, PULUMI_STACK, PULUMI_DRY_RUN, PULUMI_ORGANIZATION and
    PULUMI_CONFIG in it. `fork`: take over this process's Python with what it has imported, where `python` is the same;
    only for a process that has not used grpc and has no threads that hold locks.
    """
    return Pack(pack_dir, python, env, start=_fork if fork and _place(python) == _place(sys.executable) else _spawn)


def _place(python: str) -> str:
    """The interpreter's path without ``..``; not what it links to, which virtual environments have in common."""
    return os.path.join(os.path.realpath(os.path.dirname(python)), os.path.basename(python))


def _spawn(
    python: str, pack_dir: str, env: Mapping[str, str], lifeline_end: int, stderr: IO[bytes]
) -> subprocess.Popen[bytes]:
    command = [
        python, "-u", str(Path(__file__).with_name("lifeline.py")), str(lifeline_end), *_arguments(pack_dir),
    ]  # fmt: skip
    return subprocess.Popen(  # noqa: S603 the pack is code the user asked to run
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, cwd=pack_dir, env=dict(env),
        pass_fds=[lifeline_end],
    )  # fmt: skip


def _fork(_python: str, pack_dir: str, env: Mapping[str, str], lifeline_end: int, stderr: IO[bytes]) -> Forked:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Forked(pid, reading)
    code: object = 1
    try:
        for descriptor, own in ((os.open(os.devnull, os.O_RDONLY), 0), (writing, 1), (stderr.fileno(), 2)):
            os.dup2(descriptor, own)
        os.closerange(3, lifeline_end)
        os.closerange(lifeline_end + 1, _DESCRIPTORS)
        sys.stdout, sys.stderr = (_unbuffered(own) for own in (1, 2))
        os.environ.clear()
        os.environ.update(env)
        os.chdir(pack_dir)
        gc.enable()
        lifeline.watch(lifeline_end)
        module, *rest = _arguments(pack_dir)
        lifeline.become(module, rest)
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 as the interpreter would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else code is not None)


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(cast("BinaryIO", open(descriptor, "wb", 0, closefd=False)), write_through=True)


def _arguments(pack_dir: str) -> list[str]:
    return ["pulumi.policy", "127.0.0.1:1", pack_dir]


class Forked:
    """A forked process, as far as this module asks it the questions of `subprocess.Popen`."""

    def __init__(self, pid: int, output: int) -> None:
        self.pid = pid
        self.stdout: IO[bytes] = open(output, "rb")  # noqa: SIM115 read to its end by the pack's thread
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; raises `subprocess.TimeoutExpired` when it runs on after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("the policy pack", timeout or 0)
            time.sleep(0.002)
        return code

    def kill(self) -> None:
        """Ends it."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Pack:
    """A running policy pack of one phase. It ends with this process, however that ends."""

    def __init__(
        self, pack_dir: str, python: str, env: Mapping[str, str], start: Callable[..., subprocess.Popen[bytes] | Forked]
    ) -> None:
        self._directory = pack_dir
        self._phase: Phase = "preview" if env.get("PULUMI_DRY_RUN") == "true" else "update"
        self._settings: dict[str, Setting] = {}
        self._name = Path(pack_dir).name
        self._failure = ""
        self._port: int | None = None
        self._answered = threading.Event()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 lives as long as the process
        self._printed: list[str] = []
        self._process: subprocess.Popen[bytes] | Forked | None = None
        lifeline_end, self._lifeline = os.pipe()
        self._deadline = time.monotonic() + START_SECONDS
        try:
            self._process = start(python, pack_dir, env, lifeline_end, self._stderr)
        except OSError as error:
            self._failure = f"could not be started with {python}: {error.strerror or error}"
            self._answered.set()
        else:
            threading.Thread(target=self._listen, name="policy-pack-output", daemon=True).start()
        finally:
            os.close(lifeline_end)

    def analyze(
        self,
        requests: list[analyzer_pb2.AnalyzeRequest],
        stack_request: analyzer_pb2.AnalyzeStackRequest,
        config: Mapping[str, Any],
        stack: analyzer_pb2.AnalyzerStackConfigureRequest,
    ) -> list[Finding]:
        """All verdicts on one recording, sorted; the first entry has the verdict ``evaluated`` and names the policies.

        The ``evaluated`` entry is missing exactly when no policy could be asked, so an empty answer is never a pass.
        """
        import grpc  # noqa: PLC0415 see the module's docstring
        from pulumi.runtime.proto import analyzer_pb2_grpc  # noqa: PLC0415

        try:
            target = f"127.0.0.1:{self._await_port()}"
            options = [("grpc.max_receive_message_length", _MESSAGE_LIMIT)]
            with grpc.insecure_channel(target, options=options) as channel:
                stub = analyzer_pb2_grpc.AnalyzerStub(channel)
                return self._verdicts(stub, requests, stack_request, config, stack)
        except PackError as error:
            return [self._fault(str(error))]

    def close(self) -> None:
        """Ends the pack; a second call does nothing."""
        if self._stderr.closed:
            return
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        os.close(self._lifeline)
        self._stderr.close()

    # -- the process ---------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Reads the port, then drains: what a policy prints goes to the same pipe and would fill it."""
        assert self._process is not None
        assert self._process.stdout is not None
        stream = self._process.stdout
        first = stream.readline().decode(errors="replace").strip()
        if first.isdigit():
            self._port = int(first)
        elif first:
            self._failure = (
                f"printed {first[:80]!r} before its port; the first line of a pack's standard output belongs to the "
                "protocol: remove the print that runs at import, or send it to standard error"
            )
        self._answered.set()
        for line in stream:
            self._printed.append(line.decode(errors="replace").rstrip())
            del self._printed[:-_TAIL]

    def _await_port(self) -> int:
        if not self._answered.wait(max(0.0, self._deadline - time.monotonic())):
            raise PackError(
                f"the policy pack in {self._directory} was not ready after {START_SECONDS:.0f} s. It must call "
                f"PolicyPack(...) when its __main__.py is run, and do nothing slow before it{self._words()}"
            )
        if self._failure:
            raise PackError(f"the policy pack in {self._directory} {self._failure}")
        if self._port is None:
            raise PackError(
                f"the policy pack in {self._directory} ended with exit code {self._exit_code()} before it was ready"
                f"{self._words()}"
            )
        return self._port

    def _exit_code(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired, AttributeError):
            assert self._process is not None
            return self._process.wait(_GRACE)
        return None

    def _words(self) -> str:
        """The end of what the pack wrote to standard error, or nothing."""
        with contextlib.suppress(OSError, ValueError):
            self._stderr.seek(0)
            lines = self._stderr.read().decode(errors="replace").strip().splitlines()[-_TAIL:]
            return ":\n" + "\n".join(f"  {line}" for line in lines) if lines else "; it wrote nothing to standard error"
        return ""

    # -- the conversation ----------------------------------------------------------------------------------------------

    def _verdicts(
        self,
        stub: analyzer_pb2_grpc.AnalyzerStub,
        requests: list[analyzer_pb2.AnalyzeRequest],
        stack_request: analyzer_pb2.AnalyzeStackRequest,
        config: Mapping[str, Any],
        stack: analyzer_pb2.AnalyzerStackConfigureRequest,
    ) -> list[Finding]:
        self._deadline = time.monotonic() + ANALYZE_SECONDS
        policies = self._configure(stub, config, stack)
        answers = self._ask_all(stub.Analyze, requests)
        root = next((r.urn for r in stack_request.resources if r.type == "pulumi:pulumi:Stack"), "")
        answers += self._ask_all(stub.AnalyzeStack, [stack_request])
        found: list[Finding] = []
        for request, answer in answers:
            if not isinstance(answer, _Broken):
                found += self._findings(answer, getattr(request, "urn", root))
        broken = [answer for _, answer in answers if isinstance(answer, _Broken)]
        found += self._one_by_one(stub, policies, broken, root)
        return [self._evaluated(policies), *sorted(found, key=diagnostics.order)]

    def _configure(
        self,
        stub: analyzer_pb2_grpc.AnalyzerStub,
        config: Mapping[str, Any],
        stack: analyzer_pb2.AnalyzerStackConfigureRequest,
    ) -> list[PolicyInfo]:
        import grpc  # noqa: PLC0415
        from google.protobuf import empty_pb2, json_format  # noqa: PLC0415
        from pulumi.runtime.proto import analyzer_pb2  # noqa: PLC0415

        handshake = analyzer_pb2.AnalyzerHandshakeRequest(
            engine_address="127.0.0.1:1", root_directory=self._directory, program_directory=self._directory
        )
        for call, request in ((stub.Handshake, handshake), (stub.ConfigureStack, stack)):
            try:
                self._ask(call, request)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNIMPLEMENTED:  # older packs know neither
                    raise self._explained(error) from None
        try:
            info = self._ask(stub.GetAnalyzerInfo, empty_pb2.Empty())
        except grpc.RpcError as error:
            raise self._explained(error) from None
        self._name = info.name
        policies = [
            PolicyInfo(
                policy.name, _LEVELS[policy.enforcementLevel],
                json_format.MessageToDict(policy.configSchema.properties), tuple(policy.configSchema.required),
            )
            for policy in info.policies
        ]  # fmt: skip
        own = {
            name: {"enforcementLevel": _LEVELS[value.enforcementLevel], **json_format.MessageToDict(value.properties)}
            for name, value in info.initialConfig.items()
        }
        try:
            self._settings = pack_config.merge(policies, own, config, "the policy configuration")
        except PackConfigError as error:
            raise PackError(str(error)) from None
        self._apply(stub, self._settings)
        return policies

    def _apply(self, stub: analyzer_pb2_grpc.AnalyzerStub, settings: Mapping[str, Setting]) -> None:
        import grpc  # noqa: PLC0415
        from pulumi.runtime.proto import analyzer_pb2  # noqa: PLC0415

        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, setting in settings.items():
            entry = request.policyConfig[name]
            entry.enforcementLevel = cast("analyzer_pb2.EnforcementLevel.ValueType", _LEVELS.index(setting.level))
            entry.properties.update(setting.properties)
        try:
            self._ask(stub.Configure, request)
        except grpc.RpcError as error:
            raise self._explained(error) from None

    def _ask(self, call: Any, request: Any) -> Any:
        return call(request, timeout=max(0.1, self._deadline - time.monotonic()))

    def _ask_all(self, call: Any, requests: Iterable[Any]) -> list[tuple[Any, Any]]:
        """Each request with its answer, or with `_Broken` when a policy raised."""
        import grpc  # noqa: PLC0415

        left = max(0.1, self._deadline - time.monotonic())
        pending = [(request, call.future(request, timeout=left)) for request in requests]
        answers: list[tuple[Any, Any]] = []
        for request, future in pending:
            try:
                answers.append((request, future.result()))
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.UNKNOWN:
                    raise self._explained(error) from None
                answers.append((request, _Broken(request, error.details() or "")))
        return answers

    def _explained(self, error: Any) -> PackError:
        """A call that got no answer, in words."""
        import grpc  # noqa: PLC0415

        if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
            return PackError(
                f"the policy pack in {self._directory} gave no answer within {ANALYZE_SECONDS:.0f} s: one of its "
                "policies does not end"
            )
        code = self._exit_code()
        if code is not None:
            return PackError(
                f"the policy pack in {self._directory} ended with exit code {code} while it was being asked; "
                f"its verdicts are missing{self._words()}"
            )
        return PackError(f"the policy pack in {self._directory} failed: {error.code().name}: {error.details()}")

    def _one_by_one(
        self, stub: analyzer_pb2_grpc.AnalyzerStub, policies: list[PolicyInfo], broken: list[_Broken], root: str
    ) -> list[Finding]:
        """Asks each policy alone about the requests that raised.

        One policy that raises takes all others' verdicts on that resource with it; asked alone, the culprit has a name
        and the others keep their verdicts.
        """
        if not broken:
            return []
        found: list[Finding] = []
        for policy in policies:
            if self._settings[policy.name].level == "disabled":
                continue
            alone = {
                name: setting if name == policy.name else Setting("disabled", setting.properties)
                for name, setting in self._settings.items()
            }
            self._apply(stub, alone)
            for failure in broken:
                urn = getattr(failure.request, "urn", root)
                call = stub.Analyze if hasattr(failure.request, "urn") else stub.AnalyzeStack
                [(_, answer)] = self._ask_all(call, [failure.request])
                if isinstance(answer, _Broken):
                    found.append(self._raised(policy.name, urn, answer.details))
                else:
                    found += self._findings(answer, urn)
        if not any(entry["verdict"] == "error" for entry in found):  # it does not raise alone: say so all the same
            found += [self._raised(CONTROL, getattr(f.request, "urn", root), f.details) for f in broken]
        return found

    # -- findings ------------------------------------------------------------------------------------------------------

    def _findings(self, answer: analyzer_pb2.AnalyzeResponse, urn: str) -> list[Finding]:
        found = []
        for said in answer.diagnostics:
            configured = self._settings[said.policyName].level if said.policyName in self._settings else "mandatory"
            found.append(
                diagnostics.parse(
                    policy=said.policyName, description=said.description, message=said.message,
                    level=_shown(_LEVELS[said.enforcementLevel]), policy_level=_shown(configured),
                    phase=self._phase, urn=said.urn or urn,
                )
            )  # fmt: skip
        return found

    def _raised(self, policy: str, urn: str, details: str) -> Finding:
        reason = details.removeprefix("Exception calling application: ")
        return diagnostics.finding(
            control=policy, policy=policy, verdict="error", level="mandatory", phase=self._phase, urn=urn,
            message=f"the policy raised an exception instead of giving a verdict: {reason}",
            fix="correct the policy; the resource is not judged by it",
        )  # fmt: skip

    def _fault(self, message: str) -> Finding:
        return diagnostics.finding(
            control=CONTROL,
            policy=CONTROL,
            verdict="error",
            level="mandatory",
            phase=self._phase,
            urn="",
            message=message,
        )

    def _evaluated(self, policies: list[PolicyInfo]) -> Finding:
        active = sorted(policy.name for policy in policies if self._settings[policy.name].level != "disabled")
        return {"verdict": "evaluated", "phase": self._phase, "pack": self._name, "policies": active}


def _shown(level: str) -> str:
    return "advisory" if level == "advisory" else "mandatory"  # remediate without a fix counts as mandatory
