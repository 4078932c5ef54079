"""Runs one job of preflight's worker protocol and answers with its recording and with what it would send to a pack.

A process of its own, as the worker is: ``python -m tests.engine.fidelity.probe``, the job on standard input, JSON on
standard output.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from preflight import worker


class _Listener:
    """Stands where a running pack would, and keeps what it is asked."""

    def __init__(self) -> None:
        self.heard: dict[str, Any] = {}

    def ask(
        self, requests: Iterable[Any], stack_request: Callable[[], Any], config: dict[str, Any], stack: Any
    ) -> None:
        """Keeps the requests as JSON of the protocol."""
        from google.protobuf.json_format import MessageToDict  # noqa: PLC0415  after the worker has set up the process

        self.heard = {
            "analyze": [MessageToDict(request) for request in requests],
            "stack": MessageToDict(stack_request()).get("resources", []),
            "configuration": MessageToDict(stack),
        }


def main() -> None:
    """One job."""
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    job = json.load(sys.stdin)
    worker.load(plain=bool(job.get("plain")))
    from preflight import program  # noqa: PLC0415  see `worker.load`

    execution = program.Execution(job)
    faults = execution.run()
    if faults:
        sys.exit("\n".join(f"{fault.kind} error at {fault.source}: {fault.message}" for fault in faults))
    listener = _Listener()
    execution.ask(listener, {})
    json.dump({"recording": execution.monitor.recording().to_json(), **listener.heard}, output)
    output.flush()
    os._exit(0)  # as the worker: threads of the program have no say


if __name__ == "__main__":
    main()
