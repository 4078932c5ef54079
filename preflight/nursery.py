"""Loads the Pulumi SDK once and forks from itself what a check runs: a worker for every job, and its policy pack.

Importing the SDK is a third of what a run costs, and forked processes share that memory. A pack needs only its base, so
it is forked before the rest is loaded, and gets ready meanwhile.

Started by the launcher as ``python -m preflight.nursery LIFELINE ALIVE,...``, see lifeline.py; one that is begun before
there are jobs is told the second argument later, see ahead.py. Every line on standard input is an order: ``job``,
``answer``, ``printed`` and ``alive`` are numbers of inherited descriptors; ``last`` says that no more orders follow, so
that this process does the work itself. A nursery with a single order forks nothing.

A worker reads its job from ``job``, writes its answer to ``answer`` and what the program prints to ``printed``. On
``alive`` it says its process id, ``begun`` when the first line of the answer is there, and ``done`` when all of it is;
the end of that pipe without it means that the worker died.
"""

import gc

gc.disable()  # see worker.py

import faulthandler  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import select  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import TYPE_CHECKING, Any, NoReturn  # noqa: E402

from preflight import ahead, lifeline, worker  # noqa: E402

if TYPE_CHECKING:
    from preflight import analyzer
    from preflight.pack_process import Forked

_DESCRIPTORS = ("job", "answer", "printed", "alive")  # in an order


def main(arguments: list[str]) -> None:
    """Serves orders until the last one. No thread may run before that: a fork would take over its locks."""
    faulthandler.enable(all_threads=False)
    nursery = _Nursery(int(arguments[0]))
    if arguments[1:]:
        nursery.alive.update(map(int, arguments[1].split(",")))
    else:
        worker.load_base(plain=False)
        nursery.alive, nursery.own = ahead.received()
    first = nursery.next_order()
    pack = worker.spawn_pack(_job(first)) if first is not None and first["last"] else None
    if first is not None:
        nursery.load(first)
        nursery.serve(first, pack)
    while (order := nursery.next_order()) is not None:
        nursery.serve(order)


class _Nursery:
    """What this process holds for the jobs to come, and the processes it has made."""

    def __init__(self, lifeline_end: int) -> None:
        self.alive = set[int]()
        self.own: dict[int, int] = {}
        """Numbers here of descriptors that have others in the orders."""
        self._began = time.perf_counter()
        self._imported = 0.0
        self._lifeline_end = lifeline_end
        self._forks = False
        self._heard: bytes | None = b""
        self._orders: list[dict[str, Any]] = []
        self._packs: dict[int, Forked] = {}  # by the `alive` of their job
        self._made: list[Forked] = []
        self._workers: list[int] = []

    def next_order(self) -> dict[str, Any] | None:
        """The next order, as soon as there is one; None when there will be none."""
        while not self._orders and self._heard is not None:
            self._listen()
        return self._orders.pop(0) if self._orders else None

    def _listen(self) -> None:
        text = os.read(0, 1 << 16)
        *lines, rest = ((self._heard or b"") + text).split(b"\n")
        self._heard = rest if text else None
        for order in map(json.loads, lines):
            self._orders.append(order | {name: self.own.get(order[name], order[name]) for name in _DESCRIPTORS})

    def load(self, first: dict[str, Any]) -> None:
        """Imports what the jobs need, and forks the packs of those that are to start at once."""
        job = _job(first)
        plain = bool(job.get("plain"))
        worker.load_base(plain=plain)
        self._forks = not first["last"]
        if self._forks:
            gc.freeze()
            while self._heard is not None and select.select([0], [], [], 0)[0]:
                self._listen()
            for order in (first, *self._orders):
                self._fork_pack(order)
        worker.load_sdk(plain=plain, program=worker.known_as(job))
        gc.freeze()
        self._imported = time.perf_counter() - self._began

    def serve(self, order: dict[str, Any], pack: "analyzer.Pack | None" = None) -> None:
        """Has the job of an order done: by a new worker, or by this process if it is the last one."""
        self.alive.remove(order["alive"])
        self._fork_pack(order)
        if order["last"] or not (pid := os.fork()):
            self._become_worker(order, pack)
        self._workers.append(pid)
        os.close(order["alive"])
        if forked := self._packs.pop(order["alive"], None):
            forked.leave()

    def _fork_pack(self, order: dict[str, Any]) -> None:
        """Forks the pack of a job, if it has one that may be forked and is not there yet."""
        job = _job(order)
        if not self._forks or order["alive"] in self._packs or job.get("plain") or not job.get("pack"):
            return
        from preflight import pack_process  # noqa: PLC0415  not wanted in a plain run

        if pack_process.same_interpreter(job["pack"]["python"]):
            pack = pack_process.fork(job["pack"]["dir"], worker.pack_environment(job))
            self._packs[order["alive"]] = pack
            self._made.append(pack)

    def _become_worker(self, order: dict[str, Any], pack: "analyzer.Pack | None") -> NoReturn:
        alive = order["alive"]
        os.write(alive, b"%d\n" % os.getpid())
        for descriptor in self.alive:
            os.close(descriptor)
        for name in _DESCRIPTORS:  # not for what the program starts
            os.set_inheritable(order[name], False)
        forked = self._packs.pop(alive, None)
        for other in self._packs.values():
            other.leave()
        lifeline.watch(self._lifeline_end)
        os.dup2(order["printed"], 2)
        os.dup2(2, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        job = _job(order)
        if forked is not None:
            from preflight import analyzer  # noqa: PLC0415  see `worker.load_sdk`

            pack = analyzer.Pack(job["pack"]["dir"], worker.pack_environment(job), lambda: forked)
        elif pack is None:
            pack = worker.spawn_pack(job)
        ended = _Ended(alive, self._workers, self._made) if order["last"] else _Ended(alive, [], [])
        answer = worker.Answer(order["answer"], ended, lambda: os.write(alive, b"begun\n"))
        worker.perform(job, answer, pack, self._imported)


class _Ended:
    """Tells that a worker has answered; in the process that made the others, waits until they have ended too.

    So whoever ends or measures this process finds all others below it.
    """

    def __init__(self, alive: int, workers: list[int], packs: "list[Forked]") -> None:
        self._alive, self._workers, self._packs = alive, workers, packs

    def __call__(self) -> None:
        """Called when the answer is complete."""
        os.write(self._alive, b"done\n")
        for pid in self._workers:
            os.waitpid(pid, 0)
        for pack in self._packs:
            pack.collect()


def _job(order: dict[str, Any]) -> dict[str, Any]:
    with open(order["job"], encoding="utf-8", closefd=False) as stream:
        stream.seek(0)  # the launcher wrote it, and the position is shared
        job: dict[str, Any] = json.load(stream)
    return job


if __name__ == "__main__":
    main(sys.argv[1:])
