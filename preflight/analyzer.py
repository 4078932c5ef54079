"""Talks to a policy pack in the messages of Pulumi's own Analyzer protocol, the way the engine does.

The pack is a process of its own, started before the program runs, so that its start-up hides behind that; see
pack_process.py for how, and pack_calls.py for how it is asked.

A fault of the pack is a finding with the verdict ``error``, never an exception: the verdicts that were reached stand.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from preflight import diagnostics, pack_calls, pack_config, pack_process
from preflight.diagnostics import Finding, Phase
from preflight.pack_calls import CallError
from preflight.pack_config import PackConfigError, PolicyInfo, Setting

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2

START_SECONDS = 20.0  # from spawn to port; a warm pack takes 0.2 s, a cold one on a busy machine 3 s
ANALYZE_SECONDS = 120.0  # for all verdicts of one phase; 2,000 resources with 50 policies take 3 s
CONTROL = "policy-pack"  # the control of findings about the pack itself
_TAIL = 12  # lines of the pack's own words in a message, from their beginning and from their end
_LEVELS = ("advisory", "mandatory", "disabled", "remediate")  # by number of the protocol's enumeration
_GRACE = 0.5  # seconds a dying pack gets to finish its traceback


class PackError(Exception):
    """The pack cannot give verdicts; the text says why and what to change."""


class _Broken(NamedTuple):
    """A request that raised inside the pack."""

    request: Any
    details: str


class _Asked(NamedTuple):
    """What a pack is being asked: the requests in their order, and what waits for the answers to them."""

    policies: list[PolicyInfo]
    requests: list[Any]
    answers: Callable[[], list[Any]]


def start_pack(pack_dir: str, python: str, env: Mapping[str, str]) -> Pack:
    """Starts the pack in an interpreter of its own and returns at once; whatever goes wrong is told by `analyze`.

    `env` is the complete environment with PULUMI_PROJECT, PULUMI_STACK, PULUMI_DRY_RUN, PULUMI_ORGANIZATION and
    PULUMI_CONFIG in it.
    """
    return Pack(pack_dir, env, lambda: pack_process.Spawned(python, pack_dir, env), python)


class Pack:
    """A running policy pack of one phase. It ends with this process, however that ends."""

    def __init__(
        self, pack_dir: str, env: Mapping[str, str], start: Callable[[], pack_process.Process], python: str = ""
    ) -> None:
        self._directory = pack_dir
        self._phase: Phase = "preview" if env.get("PULUMI_DRY_RUN") == "true" else "update"
        self._settings: dict[str, Setting] = {}
        self._name = Path(pack_dir).name
        self._failure = ""
        self._port: int | None = None
        self._answered = threading.Event()
        self._printed: list[str] = []
        self._process: pack_process.Process | None = None
        self._deadline = time.monotonic() + START_SECONDS
        try:
            self._process = start()
        except OSError as error:
            self._failure = f"could not be started with {python}: {error.strerror or error}"
            self._answered.set()
        else:
            threading.Thread(target=self._listen, name="policy-pack-output", daemon=True).start()

    def ask(
        self,
        requests: Iterable[analyzer_pb2.AnalyzeRequest],
        stack_request: Callable[[], analyzer_pb2.AnalyzeStackRequest],
        config: Mapping[str, Any],
        stack: analyzer_pb2.AnalyzerStackConfigureRequest,
    ) -> Callable[[], list[Finding]]:
        """Asks about one recording. The pack begins with the first of the requests, before the next one is made, and
        `stack_request` is made when all others have been sent.

        What comes back waits for all verdicts, sorted; the first entry has the verdict ``evaluated`` and names the
        policies. It is missing exactly when no policy could be asked, so an empty answer is never a pass.
        """
        calls: pack_calls.Grpc | pack_calls.Direct | None = None
        try:
            calls = self._calls()
            asked = self._asked(calls, requests, stack_request, config, stack)
        except PackError as error:
            if calls is not None:
                calls.close()
            fault = self._fault(str(error))
            return lambda: [fault]
        return functools.partial(self._verdicts, calls, asked)

    def close(self) -> None:
        """Ends the pack; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    # -- the process ---------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Reads the port, then drains: what a policy prints goes to the same pipe and would fill it."""
        assert self._process is not None
        stream = self._process.output
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

    def _calls(self) -> pack_calls.Grpc | pack_calls.Direct:
        """How to ask the pack, once it is ready."""
        if not self._answered.wait(max(0.0, self._deadline - time.monotonic())):
            raise PackError(
                f"the policy pack in {self._directory} was not ready after {START_SECONDS:.0f} s. It must call "
                f"PolicyPack(...) when its __main__.py is run, and do nothing slow before it{self._words()}"
            )
        if self._failure:
            raise PackError(f"the policy pack in {self._directory} {self._failure}")
        if self._port is None:
            ended = self._ended() or "closed its standard output"
            raise PackError(f"the policy pack in {self._directory} {ended} before it was ready{self._words()}")
        direct = self._process.calls if self._process is not None else None
        return direct if direct is not None and not self._port else pack_calls.Grpc(self._port)

    def _ended(self) -> str | None:
        return self._process.ended(_GRACE) if self._process is not None else None

    def _words(self) -> str:
        """What the pack wrote to standard error, shortened."""
        words = self._process.words() if self._process is not None else ""
        lines = words.strip().splitlines()
        if len(lines) > 2 * _TAIL:  # an exception ends with what matters, a crash begins with it
            lines[_TAIL:-_TAIL] = ["..."]
        return ":\n" + "\n".join(f"  {line}" for line in lines) if lines else "; it wrote nothing to standard error"

    # -- the conversation ----------------------------------------------------------------------------------------------

    def _asked(
        self,
        calls: pack_calls.Grpc | pack_calls.Direct,
        requests: Iterable[analyzer_pb2.AnalyzeRequest],
        stack_request: Callable[[], analyzer_pb2.AnalyzeStackRequest],
        config: Mapping[str, Any],
        stack: analyzer_pb2.AnalyzerStackConfigureRequest,
    ) -> _Asked:
        self._deadline = time.monotonic() + ANALYZE_SECONDS
        policies = self._configure(calls, config, stack)
        asked: list[Any] = []

        def one_after_the_other() -> Iterator[tuple[str, Any]]:
            for request in requests:
                asked.append(request)
                yield "Analyze", request
            asked.append(stack_request())
            yield "AnalyzeStack", asked[-1]

        return _Asked(policies, asked, calls.asked(one_after_the_other(), self._deadline))

    def _verdicts(self, calls: pack_calls.Grpc | pack_calls.Direct, asked: _Asked) -> list[Finding]:
        policies = asked.policies
        try:
            answers = self._with_answers(asked.requests, asked.answers)
            root = next((r.urn for r in asked.requests[-1].resources if r.type == "pulumi:pulumi:Stack"), "")
            found: list[Finding] = []
            for request, answer in answers:
                if not isinstance(answer, _Broken):
                    found += self._findings(answer, getattr(request, "urn", root))
            broken = [answer for _, answer in answers if isinstance(answer, _Broken)]
            found += self._one_by_one(calls, policies, broken, root)
        except PackError as error:
            return [self._fault(str(error))]
        finally:
            calls.close()
        return [self._evaluated(policies), *sorted(found, key=diagnostics.order)]

    def _configure(
        self,
        calls: pack_calls.Grpc | pack_calls.Direct,
        config: Mapping[str, Any],
        stack: analyzer_pb2.AnalyzerStackConfigureRequest,
    ) -> list[PolicyInfo]:
        from google.protobuf import empty_pb2, json_format  # noqa: PLC0415
        from pulumi.runtime.proto import analyzer_pb2  # noqa: PLC0415

        handshake = analyzer_pb2.AnalyzerHandshakeRequest(
            engine_address="127.0.0.1:1", root_directory=self._directory, program_directory=self._directory
        )
        for method, request in (("Handshake", handshake), ("ConfigureStack", stack)):
            self._ask(calls, method, request, optional=True)  # older packs know neither
        info = self._ask(calls, "GetAnalyzerInfo", empty_pb2.Empty())
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
        self._apply(calls, self._settings)
        return policies

    def _apply(self, calls: pack_calls.Grpc | pack_calls.Direct, settings: Mapping[str, Setting]) -> None:
        from pulumi.runtime.proto import analyzer_pb2  # noqa: PLC0415

        request = analyzer_pb2.ConfigureAnalyzerRequest()
        for name, setting in settings.items():
            entry = request.policyConfig[name]
            entry.enforcementLevel = cast("analyzer_pb2.EnforcementLevel.ValueType", _LEVELS.index(setting.level))
            entry.properties.update(setting.properties)
        self._ask(calls, "Configure", request)

    def _ask(
        self, calls: pack_calls.Grpc | pack_calls.Direct, method: str, request: Any, *, optional: bool = False
    ) -> Any:
        """The answer; of an `optional` method None when the pack does not know it."""
        try:
            [answer] = calls.asked([(method, request)], self._deadline)()
            if isinstance(answer, CallError):
                raise answer
        except CallError as error:
            if optional and error.code == "UNIMPLEMENTED":
                return None
            raise self._explained(error) from None
        return answer

    def _ask_all(
        self, calls: pack_calls.Grpc | pack_calls.Direct, method: str, requests: Iterable[Any]
    ) -> list[tuple[Any, Any]]:
        """Each request with its answer, or with `_Broken` when a policy raised."""
        asked = list(requests)
        return self._with_answers(asked, calls.asked([(method, request) for request in asked], self._deadline))

    def _with_answers(self, asked: list[Any], answered: Callable[[], list[Any]]) -> list[tuple[Any, Any]]:
        try:
            answers = answered()
        except CallError as error:
            raise self._explained(error) from None
        return [
            (request, _Broken(request, answer.details) if isinstance(answer, CallError) else answer)
            for request, answer in zip(asked, answers, strict=True)
        ]

    def _explained(self, error: CallError) -> PackError:
        """A call that got no answer, in words."""
        if error.code == "DEADLINE_EXCEEDED":
            return PackError(
                f"the policy pack in {self._directory} gave no answer within {ANALYZE_SECONDS:.0f} s: one of its "
                "policies does not end"
            )
        if ended := self._ended():
            return PackError(
                f"the policy pack in {self._directory} {ended} while it was being asked; "
                f"its verdicts are missing{self._words()}"
            )
        return PackError(f"the policy pack in {self._directory} failed: {error.code}: {error.details}")

    def _one_by_one(
        self, calls: pack_calls.Grpc | pack_calls.Direct, policies: list[PolicyInfo], broken: list[_Broken], root: str
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
            self._apply(calls, alone)
            for failure in broken:
                urn = getattr(failure.request, "urn", root)
                method = "Analyze" if hasattr(failure.request, "urn") else "AnalyzeStack"
                [(_, answer)] = self._ask_all(calls, method, [failure.request])
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
