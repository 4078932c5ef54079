"""One run of a program, in a process of its own: a job on standard input, one line of JSON on standard output.

The protocol is described in docs/preflight.md. Works in any interpreter that has the Pulumi SDK, with this package
importable: it needs nothing else. Whatever the program prints goes to standard error.
"""

import gc

gc.disable()  # before Pulumi is imported: a run is short, and collecting is more than half of its time

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterable  # noqa: E402
from typing import TYPE_CHECKING, Any, NoReturn  # noqa: E402

from preflight.faults import Fault  # noqa: E402

if TYPE_CHECKING:
    from preflight import analyzer
    from preflight.program import Execution

_SHORTEST_SECRET = 6  # shorter texts are in everything, and here keys are searched as well


def main() -> None:
    """Reads one job from standard input, does it, and answers on standard output."""
    began = time.perf_counter()
    answer = Answer(os.dup(1))
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    pack = spawn_pack(job)
    load(plain=bool(job.get("plain")), program=known_as(job))
    perform(job, answer, pack, time.perf_counter() - began)


def known_as(job: dict[str, Any]) -> str:
    """The folder by which the loader knows the program: a checkout that goes again is known by the one that stays."""
    name: str = job.get("knownAs") or job["root"]
    return name


def load(*, plain: bool, program: str = "") -> None:
    """Imports what every run needs, and of the SDKs what earlier runs of the program in this folder have used."""
    load_base(plain=plain)
    load_sdk(plain=plain, program=program)


def load_base(*, plain: bool) -> None:
    """Of that, what policy packs need as well."""
    if not plain:
        from preflight import lazy_sdk  # noqa: PLC0415  not wanted in a plain run

        lazy_sdk.install()
        lazy_sdk.keep_texts()
    from preflight import program  # noqa: F401, PLC0415


def load_sdk(*, plain: bool, program: str) -> None:
    """The rest: parts of this package, and of the SDKs what the program has used."""
    from preflight import analyzer, engine_view  # noqa: F401, PLC0415

    if not plain:
        from preflight import lazy_sdk, sdk_speed  # noqa: PLC0415

        sdk_speed.install()
        lazy_sdk.preload(program)


def perform(job: dict[str, Any], answer: "Answer", pack: "analyzer.Pack | None", imported: float) -> NoReturn:
    """Does a job and ends the process without waiting for what the program left running.

    `imported`: seconds that loading took, which the timings count.
    """
    began = time.perf_counter() - imported
    try:
        answer.conceal(job["config"][key] for key in job.get("secretKeys") or () if key in job["config"])
        result = _work(job, began, imported, answer, pack)
    except Exception as error:  # noqa: BLE001  whatever it is, the parent gets an answer
        import traceback  # noqa: PLC0415

        message = f"preflight's worker failed: {type(error).__name__}: {error}"
        fault = Fault(kind="internal", message=message, traceback=traceback.format_exc())
        result = {**_failure([fault], {"total": time.perf_counter() - began}), "recording": None}
    answer.end(result)


class Answer:
    """What the parent reads: one line, or with `begun` two, of which that is called after the first; `ended` is called
    when it is complete, before the process ends. Together the lines are one object; the last one has ``ok``."""

    def __init__(
        self, descriptor: int, ended: Callable[[], object] = lambda: None, begun: Callable[[], object] | None = None
    ) -> None:
        # A message may hold half of a pair: the name of a file that is no UTF-8, as Python reads it.
        self._stream = os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")
        self._ended, self._begun = ended, begun
        self._kept: dict[str, Any] = {}
        self._once = threading.Lock()
        self._secrets: list[str] = []

    def conceal(self, secrets: Iterable[str]) -> None:
        """Texts to keep out of whatever is written, even if the program reads a secret as plain text and prints it."""
        self._secrets = [
            json.dumps(text, ensure_ascii=False)[1:-1] for text in secrets if len(text) >= _SHORTEST_SECRET
        ]

    def begin(self, part: dict[str, Any]) -> None:
        """Tells a part of the result while the rest is being found out; once."""
        if self._begun is None:
            self._kept = part
        else:
            self._write(part)
            self._begun()

    def _write(self, part: dict[str, Any]) -> None:
        text = json.dumps(part, ensure_ascii=False)
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        self._stream.write(text + "\n")
        self._stream.flush()

    def end(self, result: dict[str, Any]) -> NoReturn:
        """Writes the result, or the rest of it, and ends the process; the second of two callers waits for that."""
        self._once.acquire()
        self._write({**self._kept, **result})
        sys.stdout.flush()
        sys.stderr.flush()
        self._ended()
        os._exit(0)  # threads of the program, pending tasks and exit handlers have no say; also saves a full collection


def _work(
    job: dict[str, Any], began: float, imported: float, answer: Answer, pack: "analyzer.Pack | None"
) -> dict[str, Any]:
    from preflight import lazy_sdk, program  # noqa: PLC0415  see `load_base`

    try:
        timings = {"imports": imported}
        execution = program.Execution(job)
        watchdog = _watch(execution, job, timings, began, answer)
        started = time.perf_counter()
        faults = execution.run()
        timings["program"] = time.perf_counter() - started
        watchdog.cancel()
        if faults:
            lazy_sdk.save(known_as(job))
            timings["total"] = time.perf_counter() - began
            return _failure([*faults, *execution.refused(complete=False)], timings)
        started = time.perf_counter()
        asked = execution.ask(pack, job["pack"].get("config") or {}) if pack is not None else None
        answer.begin({"recording": execution.recording()})  # the pack is at work on it
        lazy_sdk.save(known_as(job))
        findings = None
        if asked is not None:
            findings = asked()
            timings["policies"] = time.perf_counter() - started
        timings["total"] = time.perf_counter() - began
        answer_of = {"ok": True} if not (refused := execution.refused()) else _failure(refused, timings)
        return {**answer_of, "findings": findings, "timings": timings}
    finally:
        if pack is not None:
            pack.close()


def spawn_pack(job: dict[str, Any]) -> "analyzer.Pack | None":
    """Starts the pack of a job, if it has one, in an interpreter of its own."""
    if not job.get("pack"):
        return None
    from preflight import analyzer  # noqa: PLC0415

    return analyzer.start_pack(job["pack"]["dir"], job["pack"]["python"], pack_environment(job))


def pack_environment(job: dict[str, Any]) -> dict[str, str]:
    """What the engine tells a pack by its environment."""
    return {
        **os.environ,
        "PULUMI_PROJECT": job["project"],
        "PULUMI_STACK": job["stack"],
        "PULUMI_ORGANIZATION": job["organization"],
        "PULUMI_DRY_RUN": "true" if job["mode"] == "preview" else "false",
        "PULUMI_CONFIG": json.dumps(job["config"]),
    }


def _watch(
    execution: "Execution", job: dict[str, Any], timings: dict[str, float], began: float, answer: Answer
) -> threading.Timer:
    """Ends the process with the place where the program hangs when its time is over."""

    def too_long() -> None:
        fault = execution.hang(job["timeoutSeconds"])
        answer.end(_failure([fault], {**timings, "total": time.perf_counter() - began}))

    timer = threading.Timer(job["timeoutSeconds"], too_long)
    timer.daemon = True
    timer.start()
    return timer


def _failure(faults: list[Fault], timings: dict[str, float]) -> dict[str, Any]:
    errors = [fault.to_json() for fault in faults]
    return {"ok": False, "error": errors[0], "errors": errors, "timings": timings}


if __name__ == "__main__":
    main()
