"""Runs a Pulumi program the way the language host does, with the recording monitor in the engine's place."""

import asyncio
import inspect
import logging
import os
import re
import runpy
import sys
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, NoReturn

import pulumi
from pulumi.runtime import config as runtime_config
from pulumi.runtime import settings, stack
from pulumi.runtime.proto import engine_pb2

from preflight import address_check, between, file_check, hidden, sdk_speed
from preflight.advice import advice
from preflight.faults import Fault, FaultError
from preflight.guard import Guard
from preflight.lookups import SITE
from preflight.monitor import Monitor
from preflight.places import Places, chain
from preflight.run import DEFAULT_ACCOUNT, DEFAULT_REGION, Run, region_of_environment
from preflight.sequence import Sequence
from preflight.simulation.place import Place

_THREADS = 16  # of the engine's own executor; calls to the monitor come from these
_PLACE_IN_MEMORY = re.compile(r" at 0x[0-9a-f]+\b")  # differs from run to run, and makes two mistakes of one
_LEFT_OUT = "what it says is left out, as the callback was given a secret"
_LOOKUPS = ("invoke", "invoke_async", "invoke_output", "invoke_single", "invoke_output_single", "call", "call_single")


class Engine:
    """The engine's log service: warnings and errors are handed to `warned`, other messages go to standard error."""

    def __init__(self, warned: Callable[[str], None]) -> None:
        self._warned = warned

    def Log(self, request: engine_pb2.LogRequest) -> None:  # noqa: N802
        """Debug messages are dropped, as the CLI does."""
        said = {engine_pb2.WARNING: "warns", engine_pb2.ERROR: "reports an error"}.get(request.severity)
        if said is not None:
            about = f" (about {request.urn.rpartition('::')[2]})" if request.urn else ""
            self._warned(f"the program {said}{about}: {request.message.strip()}")
        elif request.severity != engine_pb2.DEBUG:
            print(request.message, file=sys.stderr)

    def RequirePulumiVersion(self, _request: object) -> Any:  # noqa: N802
        """There is no CLI here whose version could be wrong."""
        return engine_pb2.RequirePulumiVersionResponse()

    def GetRootResource(self, _request: object) -> engine_pb2.GetRootResourceResponse:  # noqa: N802
        """Asked by older SDKs only; they set the root themselves."""
        return engine_pb2.GetRootResourceResponse()

    def SetRootResource(self, _request: object) -> engine_pb2.SetRootResourceResponse:  # noqa: N802
        """See GetRootResource."""
        return engine_pb2.SetRootResourceResponse()


def run_of(job: dict[str, Any]) -> Run:
    """The run that a job of the worker's protocol describes."""
    given = job.get("region") or job["config"].get("aws:region") or region_of_environment()
    return Run(
        project=job["project"],
        stack=job["stack"],
        organization=job["organization"],
        preview=job["mode"] == "preview",
        config=job["config"],
        secret_keys=frozenset(job.get("secretKeys") or ()),
        place=Place(given or DEFAULT_REGION, job.get("account") or DEFAULT_ACCOUNT),
        answers=job.get("answers") or {},
        stack_outputs=job.get("stackOutputs") or {},
        assumed=not given,
    )


def entry_point(root: str, main: str | None) -> tuple[str, str]:
    """Working directory and program, by ``main`` of Pulumi.yaml: a folder, or a file that runs in its folder."""
    path = os.path.normpath(os.path.join(root, main or "."))
    return (path if os.path.isdir(path) else os.path.dirname(path)), path


class Execution:
    """One execution of the program in this process; there can be only one, the SDK's settings are the process's."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.run_of = run_of(job)
        self.places = Places(job["root"])
        self.monitor = Monitor(self.run_of, self.places)
        self._guard = Guard(self.monitor.registry, self.places)
        self._sequence = Sequence()
        self._directory, self._program = entry_point(job["root"], job.get("main"))
        self._root = job["root"]
        self._stays = (job.get("knownAs") or self._root) == self._root  # a passing checkout lacks what is built
        self._arguments = list(job.get("arguments") or ())
        self._plain = bool(job.get("plain"))
        self._unawaited: list[str] = []
        self._warnings: list[str] = []
        self._secrets: set[str] = set()
        self._loop = asyncio.new_event_loop()
        for key in job.get("placeholderKeys") or ():
            self.monitor.registry.note(f"config {key} is a secret that cannot be decrypted here: a stand-in is used")

    def run(self) -> list[Fault]:
        """Runs the program to its end; the mistakes, the one that ended it first."""
        self._configure()
        coroutine = stack.run_in_stack(self._main)
        ended: Fault | None = None
        self._guard.start()
        restore = self._refuse_exit()
        try:
            self._loop.run_until_complete(coroutine)
        except BaseException as error:  # noqa: BLE001  every mistake of the program becomes a message
            ended = self._fault(error)
        finally:
            restore()
            self._guard.stop()
        recorded = self.monitor.registry.faults
        faults = [] if ended is None else [ended]
        faults += [fault for fault in recorded if fault not in faults]
        if not faults:
            faults = [Fault(kind="program", message=text) for text in self._unawaited]
        if faults:
            self._print_warnings()
        return self._without_secrets(faults)

    def recording(self) -> dict[str, Any]:
        """What a program that ran to its end has registered, as the worker's protocol has it."""
        registry = self.monitor.registry
        if not self.run_of.preview:
            known = not self.run_of.assumed
            for remark in between.remarks(registry.as_made(), registry.lookups, region_known=known):
                registry.note(remark)
        told: dict[str, Any] = self.monitor.recording().to_json()
        for key in ("lookups", "notes"):
            told[key] = hidden.redacted(told[key], self._secrets)
        return told

    def refused(self, *, complete: bool = True) -> list[Fault]:
        """What a provider refuses, in the order of the lines. `complete`: whether the program ran to its end, so that
        its resources can be judged together."""
        registry = self.monitor.registry
        made = registry.as_made()
        found = [*registry.refused, *(file_check.faults(made, self._directory) if self._stays else ())]
        found += address_check.faults(made) if complete else ()
        return self._without_secrets(sorted(found, key=lambda fault: (_line(fault.source), fault.message)))

    def _without_secrets(self, faults: list[Fault]) -> list[Fault]:
        told = (hidden.redacted([fault.message, fault.traceback], self._secrets) for fault in faults)
        return [
            replace(fault, message=said, traceback=trace) for fault, (said, trace) in zip(faults, told, strict=True)
        ]

    def _warn(self, text: str) -> None:
        self._warnings.append(text)
        self.monitor.registry.note(text)

    def _print_warnings(self) -> None:
        """Of a run that fails there is no recording, so its notes have to be told in another way."""
        for text in dict.fromkeys(self._warnings):
            print(hidden.redacted(text, self._secrets), file=sys.stderr)

    def _refuse_exit(self) -> Callable[[], None]:
        """Turns an ``os._exit`` by the program, after which nobody could tell what happened, into a mistake.

        A process that the program forked may end itself so, and so may this package. Answers how to undo it.
        """
        exit_at_once, process = os._exit, os.getpid()

        def refuse(status: int) -> NoReturn:
            place = self.places.of_frame(inspect.currentframe())
            if place is None or os.getpid() != process:
                exit_at_once(status)
            message = f"the program ended its process with os._exit({status!r}); end a program with sys.exit()"
            fault = Fault(kind="program", message=message, source=place)
            self.monitor.registry.fault(fault)
            raise FaultError(fault)

        def restore() -> None:
            os._exit = exit_at_once

        os._exit = refuse
        return restore

    def _main(self) -> None:
        self._sequence.run(lambda: runpy.run_path(self._program, run_name="__main__"))

    def ask(self, pack: Any, config: dict[str, Any]) -> Any:
        """Asks a policy pack about what was recorded; what waits for its findings, see `analyzer.Pack.ask`."""
        from preflight import engine_view  # noqa: PLC0415  only with a pack

        requests = engine_view.analyze_requests(self.monitor)
        return pack.ask(
            requests,
            lambda: engine_view.analyze_stack_request(self.monitor),
            config,
            stack=engine_view.stack_configuration(self.run_of),
        )

    def _configure(self) -> None:
        run = self.run_of
        runtime_config.set_all_config(dict(run.config), sorted(run.secret_keys))
        known = {
            "project": run.project,
            "stack": run.stack,
            "parallel": _THREADS,
            "dry_run": run.preview,
            "organization": run.organization,
            "root_directory": self._root,
        }
        accepted = settings.Settings.__init__.__code__.co_varnames  # older SDKs know fewer
        settings.configure(
            settings.Settings(
                monitor=self.monitor,
                engine=Engine(self._warn),
                **{key: value for key, value in known.items() if key in accepted},
            )
        )
        self._watch_lookups()
        self._watch_secrets()
        self._sequence.watch()
        asyncio.set_event_loop(self._loop)
        if self._plain:
            self._loop.set_default_executor(ThreadPoolExecutor(_THREADS))
        else:
            sdk_speed.call_at_once(self._loop, _THREADS)
            sdk_speed.end_traces(self.places.relative)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        self._loop.set_exception_handler(lambda _loop, _context: None)
        sys.set_coroutine_origin_tracking_depth(1)
        warnings.showwarning = self._warning
        warnings.simplefilter("always", RuntimeWarning)
        os.chdir(self._directory)
        sys.argv[:] = [self._program, *self._arguments]

    def _watch_lookups(self) -> None:
        """Remembers where the program calls a lookup: by the time it reaches the monitor the stack is gone."""
        for name in _LOOKUPS:
            original = getattr(pulumi.runtime, name, None)
            if original is not None:
                setattr(pulumi.runtime, name, self._remembering(original))

    def _remembering(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            SITE.set(self.places.here())
            return original(*arguments, **named)

        return call

    def _warning(self, message: Any, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        text = str(message)
        if category is RuntimeWarning and text.startswith("coroutine '") and "was never awaited" in text:
            place = next(
                (p for line in text.splitlines()[1:] if (p := _traceback_place(self.places, line)) is not None), None
            )
            if place is not None:
                name = text.split("'")[1]
                self._unawaited.append(
                    f"{place}: the coroutine '{name}' is made but never awaited, so its code does not run. "
                    "Await it, or hand it to pulumi.run() or Output.from_input()"
                )
            return
        print(warnings.formatwarning(message, category, filename, lineno), file=sys.stderr, end="")

    def _watch_secrets(self) -> None:
        """Learns the plain texts that the program marks as secret: it may quote them where nothing is marked."""
        marked = pulumi.Output.secret

        def secret(value: Any) -> Any:
            self._secrets.update(hidden.telling(value))
            return marked(value)

        pulumi.Output.secret = staticmethod(secret)  # type: ignore[method-assign, assignment]

    # -- mistakes ------------------------------------------------------------------------------------------------------

    def _fault(self, error: BaseException) -> Fault | None:
        for link in chain(error):
            if isinstance(link, FaultError):
                return link.fault
        source = self.places.of_error(error)
        if isinstance(error, SystemExit):
            if error.code in (None, 0):
                return None  # the program may end itself; everything it registered has been waited for
            code = _LEFT_OUT if _was_given_a_secret(error) else repr(error.code)
            return Fault(kind="program", message=f"the program ended itself with sys.exit({code})", source=source)
        if isinstance(error, pulumi.RunError):
            message = self._text(error) if _was_given_a_secret(error) else str(error)
            return Fault(kind="config", message=message, source=source)
        if self.places.blames_this_package(error):
            text = "".join(traceback.format_exception(error))
            message = f"preflight's own code failed: {type(error).__name__}: {error}"
            return Fault(kind="internal", message=message, source=source, traceback=text)
        return Fault(kind="program", message=self._text(error), source=source, traceback=self._traceback(error))

    def _text(self, error: BaseException) -> str:
        if isinstance(error, SyntaxError):
            return f"{type(error).__name__}: {error.msg}"
        if _was_given_a_secret(error):
            return f"{type(error).__name__}: {_LEFT_OUT}"
        said = _PLACE_IN_MEMORY.sub("", str(error))
        return (f"{type(error).__name__}: {said}" if said else type(error).__name__) + advice(error)

    def _traceback(self, error: BaseException) -> str:
        """The traceback from the program's first own frame on: what is above it is this package and the SDK."""
        trace = error.__traceback__
        while trace is not None and self.places.relative(trace.tb_frame.f_code.co_filename) is None:
            trace = trace.tb_next
        if trace is None:
            trace = error.__traceback__
        if _was_given_a_secret(error):
            return "".join(["Traceback (most recent call last):\n", *traceback.format_tb(trace), type(error).__name__])
        return "".join(traceback.format_exception(type(error), error, trace, chain=True))

    def hang(self, limit: float) -> Fault:
        """The mistake of a program that does not end: where it is now. Called from another thread."""
        place = self.places.of_main_thread()
        where = f"it is at {place}" if place else None
        if where is None:
            waiting = self._waiting()
            place = waiting[0] if waiting else None
            where = f"it waits at {', '.join(waiting)}" if waiting else "it waits for an output that nothing resolves"
        self._print_warnings()
        message = f"the program did not end within {limit:g} s: {where}. --timeout raises the limit"
        return Fault(kind="timeout", message=message, source=place)

    def _waiting(self) -> list[str]:
        """Places of the program at which its tasks are suspended, innermost of each task."""
        found: set[str] = set()
        for task in list(asyncio.all_tasks(self._loop)):
            place: str | None = None
            waiting: Any = task.get_coro()
            while waiting is not None:  # a task's own stack ends at its first coroutine
                frame = getattr(waiting, "cr_frame", None)
                path = self.places.relative(frame.f_code.co_filename) if frame is not None else None
                place = f"{path}:{frame.f_lineno}" if frame is not None and path is not None else place
                waiting = getattr(waiting, "cr_await", None)
            if place is not None:
                found.add(place)
        return sorted(found)


def _traceback_place(places: Places, line: str) -> str | None:
    """``file:line`` of a line of a formatted traceback, if it is the program's."""
    parts = line.strip().split('"')
    if len(parts) < 3 or not parts[0].startswith("File "):
        return None
    path = places.relative(parts[1])
    number = parts[2].removeprefix(", line ").partition(",")[0].strip()
    return f"{path}:{number}" if path is not None else None


def _line(source: str | None) -> tuple[str, int]:
    path, _, number = (source or "").rpartition(":")
    return path, int(number) if number.isdigit() else 0


def _was_given_a_secret(error: BaseException) -> bool:
    """Whether an exception comes from a callback of an output that is secret, so that its text may hold the value."""
    traces = (trace for link in chain(error) for trace, _ in traceback.walk_tb(link.__traceback__))
    return any(frame.f_code.co_name == "run" and frame.f_locals.get("is_secret") is True for frame in traces)
