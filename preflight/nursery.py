"""Loads the Pulumi SDK once and forks a worker for every run of the program.

Importing the SDK is a third of what a run costs, and a forked worker shares that memory. Started by the launcher as
``python -m preflight.nursery LIFELINE ALIVE,...``, see lifeline.py. Every line on standard input is an order: ``job``,
``answer``, ``printed`` and ``alive`` are numbers of inherited descriptors; ``last`` says that no more orders follow, so
that this process does the work itself.

A worker reads its job from ``job``, writes its answer to ``answer`` and what the program prints to ``printed``. On
``alive`` it says its process id, and ``done`` when the answer is complete; the end of that pipe without it means that
the worker died.
"""

import gc

gc.disable()  # see worker.py

import faulthandler  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

from preflight import lifeline, worker  # noqa: E402


def main(arguments: list[str]) -> None:
    """Serves orders until the last one. No thread may run before that: a fork would take over its locks."""
    began = time.perf_counter()
    faulthandler.enable(all_threads=False)
    lifeline_end = int(arguments[0])
    others = set(map(int, arguments[1].split(",")))
    imported: float | None = None
    workers: list[int] = []
    while line := sys.stdin.readline():
        order = json.loads(line)
        if imported is None:
            worker.load(plain=_job(order)["plain"])
            gc.freeze()
            imported = time.perf_counter() - began
        others.remove(order["alive"])
        if order["last"] or not (pid := os.fork()):
            for descriptor in others:
                os.close(descriptor)
            _become_worker(order, lifeline_end, imported, workers if order["last"] else [])
        workers.append(pid)
        os.close(order["alive"])


def _become_worker(order: dict[str, Any], lifeline_end: int, imported: float, workers: list[int]) -> NoReturn:
    alive = order["alive"]
    os.write(alive, b"%d\n" % os.getpid())
    lifeline.watch(lifeline_end)
    os.dup2(order["printed"], 2)
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    worker.perform(_job(order), worker.Answer(order["answer"], lambda: _ended(alive, workers)), imported)


def _job(order: dict[str, Any]) -> dict[str, Any]:
    with open(order["job"], encoding="utf-8", closefd=False) as stream:
        stream.seek(0)  # the launcher wrote it, and the position is shared
        job: dict[str, Any] = json.load(stream)
    return job


def _ended(alive: int, workers: list[int]) -> None:
    os.write(alive, b"done\n")
    for pid in workers:
        os.waitpid(pid, 0)  # so that whoever ends or measures this process finds them below it


if __name__ == "__main__":
    main(sys.argv[1:])
