"""``--processes N``: the tests in N processes, forked from one that has imported and collected them all.

Each process of pytest-xdist imports the SDK and collects the tests for itself, which takes as long as a thousand tests.
Here a process takes one file after the other, whole and in the order of the collection; what it tells of a test is told
again in the first one, so that plugins of pytest hear what they would hear without. To tests it looks like one of xdist's.
"""

import atexit
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest

_TICKET = 4  # bytes: so few are read from a pipe as a whole, by one process

Items = Sequence[pytest.Item]


def add_option(parser: pytest.Parser) -> None:
    """Makes the option known."""
    said = "run the tests in N processes, each of which takes whole files (default: 0, all in this one)"
    parser.addoption("--processes", type=int, default=0, metavar="N", help=said)


def run(session: pytest.Session) -> bool | None:
    """`pytest_runtestloop`: None, where pytest is to run the tests by itself.

    A test whose process ended before it did has failed, and so has every test that nobody came to.
    """
    option = session.config.option
    if option.processes < 1 or option.collectonly or option.usepdb or session.testsfailed:
        return None
    files = [list(items) for _, items in groupby(session.items, key=lambda item: item.path)]
    tickets = _tickets(len(files))
    if (reporter := session.config.pluginmanager.getplugin("terminalreporter")) is not None:
        reporter.showfspath = False  # those of several files come in turn
    sys.stdout.flush()
    sys.stderr.flush()
    processes: dict[Connection, int] = {}
    for number in range(min(option.processes, len(files))):
        hears, tells = Pipe(duplex=False)
        process = os.fork()
        if not process:
            _Process(session, tells, number).work(files, tickets)
        tells.close()
        processes[hears] = process
    try:
        _Told(session, tickets).listen(list(processes))
    except BaseException:
        for process in processes.values():
            os.kill(process, signal.SIGTERM)
        raise
    finally:
        for process in processes.values():
            os.waitpid(process, 0)
        os.close(tickets)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)
    return True


def beside(folders: pytest.TempPathFactory, work: Callable[[pytest.TempPathFactory], object]) -> Callable[[], None]:
    """Begins a piece of work, whose result is in files that tests ask for, in a process of its own, and returns what ends
    it. Where it fails nothing is said: the test that asks does it again."""
    folders.getbasetemp()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if not process:
        try:
            work(folders)
        finally:
            os._exit(0)

    def end() -> None:
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)

    return end


def _tickets(count: int) -> int:
    """A pipe with the number of each file. Whoever reads one runs that file; at its end all are taken."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(number.to_bytes(_TICKET, "big") for number in range(count)))
    os.close(writing)
    return reading


class _Told:
    """What the processes tell, for the plugins of the first one."""

    def __init__(self, session: pytest.Session, tickets: int) -> None:
        self._session, self._tickets = session, tickets
        self._waiting = {item.nodeid: item for item in session.items}
        self._running: dict[Connection, str] = {}

    def listen(self, processes: list[Connection]) -> None:
        """Returns when all have ended."""
        while processes:
            for one in cast("list[Connection]", wait(processes)):
                try:
                    kind, told = one.recv()
                except EOFError:
                    processes.remove(one)
                    if one in self._running:
                        self._failed(self._running[one], "the process that ran it ended before it did")
                    continue
                self._hear(one, kind, told)
                if kind == "end":  # a process that a test has left behind may hold the other end open
                    processes.remove(one)
            if self._stopped():
                while os.read(self._tickets, _TICKET):
                    pass
        if not self._stopped():
            for nodeid in list(self._waiting):
                self._failed(nodeid, "the process that was to run it ended before it came to it")

    def _stopped(self) -> bool:
        return bool(self._session.shouldfail or self._session.shouldstop)

    def _hear(self, one: Connection, kind: str, told: Any) -> None:
        config = self._session.config
        if kind == "begins":
            self._running[one] = told
        elif kind == "test":
            self._test(self._running.pop(one), told)
        elif kind == "warning":
            config.hook.pytest_warning_recorded.call_historic(kwargs=told)
        else:
            config.hook.pytest_testnodedown(node=SimpleNamespace(config=config, workeroutput=told), error=None)

    def _test(self, nodeid: str, reports: list[dict[str, Any]]) -> None:
        hook, config = self._session.config.hook, self._session.config
        item = self._waiting.pop(nodeid)
        hook.pytest_runtest_logstart(nodeid=nodeid, location=item.location)
        for data in reports:
            report = hook.pytest_report_from_serializable(config=config, data=data)
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=nodeid, location=item.location)

    def _failed(self, nodeid: str, why: str) -> None:
        item = self._waiting[nodeid]
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", why, "call")
        data = self._session.config.hook.pytest_report_to_serializable(config=self._session.config, report=report)
        self._test(nodeid, [data])


class _Process:
    """One that runs tests, as a plugin of its own pytest, where nobody else tells anything."""

    def __init__(self, session: pytest.Session, tells: Connection, number: int) -> None:
        self._session, self._tells, self._name = session, tells, f"gw{number}"
        self._reports: list[dict[str, Any]] = []

    def work(self, files: Sequence[Items], tickets: int) -> NoReturn:
        """Runs a file for each ticket that it gets, and ends."""
        try:
            self._begin()
            file: Items = self._next(files, tickets)
            while file:
                following: Items = []
                for item, after in zip(file, [*file[1:], None], strict=True):
                    if after is None:  # what is still used afterwards is not to be taken apart
                        following = self._next(files, tickets)
                    self._run(item, after or (following[0] if following else None))
                    if self._session.shouldfail or self._session.shouldstop:
                        following = []
                        break
                file = following
            self._session.config.hook.pytest_sessionfinish(session=self._session, exitstatus=0)
            self._tells.send(("end", vars(self._session.config)["workeroutput"]))
            atexit._run_exitfuncs()
        except BaseException:  # noqa: BLE001  the first process says which tests are missing
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # to take the interpreter and the SDK apart takes a second

    def _begin(self) -> None:
        atexit._clear()  # what the first process has to do at its end
        config = self._session.config
        vars(config).update(workerinput={"workerid": self._name}, workeroutput={})
        os.environ["PYTEST_XDIST_WORKER"] = self._name
        folders = vars(config)["_tmp_path_factory"]
        own = folders.getbasetemp() / f"popen-{self._name}"
        own.mkdir()
        folders._basetemp = own
        plugins = config.pluginmanager
        plugins.unregister(name="terminalreporter")
        if (capture := plugins.getplugin("capturemanager")) is not None:  # into files that are not those of the others
            capture.stop_global_capturing()
            capture.start_global_capturing()
            capture.suspend_global_capture()
        plugins.register(self)

    @staticmethod
    def _next(files: Sequence[Items], tickets: int) -> Items:
        """The items of the next file; none at the end."""
        ticket = os.read(tickets, _TICKET)
        return files[int.from_bytes(ticket, "big")] if ticket else []

    def _run(self, item: pytest.Item, after: pytest.Item | None) -> None:
        self._tells.send(("begins", item.nodeid))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        self._tells.send(("test", self._reports))
        self._reports = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        config = self._session.config
        self._reports.append(config.hook.pytest_report_to_serializable(config=config, report=report))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: tuple[str, int, str] | None
    ) -> None:
        said = warning_message
        plain = warnings.WarningMessage(str(said.message), said.category, said.filename, said.lineno)
        told = {"warning_message": plain, "when": when, "nodeid": nodeid, "location": location}
        self._tells.send(("warning", told))
