"""The command line: what to run, where the report goes, and the exit code.

This process stays light, it only starts workers and writes: no pulumi, no grpc, no pydantic. See docs/preflight.md.
"""

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

from preflight import checking, indented, progress, report, summary
from preflight.arguments import parser
from preflight.checking import unless_wrong

INTERRUPTED = 130
_PROGRAM = "preflight"
_EXCHANGED = ("sarif", "junit")
_DRAWN = ("svg", "mermaid")
_WRITTEN = ("json", "html", *_EXCHANGED, *_DRAWN, "markdown")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit codes are those of `report`, or 130 when it was interrupted."""
    options = parser(_PROGRAM).parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    if [file for _, file in _files(options)].count("-") > 1:
        print(f"{_PROGRAM}: only one report can be written to standard output (-)", file=sys.stderr)
        return report.WRONG
    if twice := _written_twice(_files(options)):
        print(f"{_PROGRAM}: {twice} are one file; give each report its own", file=sys.stderr)
        return report.WRONG
    for option, file in _files(options):
        if file != "-" and (reason := _unwritable(Path(file))):
            return _no_report(f"--{option} {file}", reason)
    try:
        write, code = _COMMANDS[options.command](options)
    except KeyboardInterrupt:
        print(f"{_PROGRAM}: interrupted, nothing was reported", file=sys.stderr)
        return INTERRUPTED
    try:
        write()
    except BrokenPipeError:  # `| head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        file = str(error.filename or "-")
        option = next((f"--{name} {file}" for name, given in _files(options) if given == file), file)
        return _no_report("standard output" if file == "-" else option, str(error.strerror))
    return code


def _files(options: argparse.Namespace) -> list[tuple[str, str]]:
    """What is to be written, by option."""
    given = ((name, getattr(options, name, None)) for name in _WRITTEN)
    return [(name, file) for name, file in given if file is not None]


def _written_twice(files: Sequence[tuple[str, str]]) -> str:
    """Options of which one would overwrite what the other wrote; nothing when there are none."""
    first: dict[str, str] = {}
    for option, file in files:
        real = os.path.realpath(file)
        if file != "-" and (Path(file).is_file() or not Path(file).exists()) and real in first:
            return f"{first[real]} and --{option} {file}"
        first.setdefault(real, f"--{option} {file}")
    return ""


def _checked(options: argparse.Namespace) -> tuple[Callable[[], None], int]:
    def meanwhile() -> None:
        if options.html is not None:
            from preflight import page  # noqa: F401, PLC0415 - only where somebody wants to see it

    [(document, said)] = checking.run(checking.Check(options), meanwhile=meanwhile)
    return lambda: _write(document, said, options), report.exit_code(document)


def _unwritable(path: Path) -> str:
    """Why a file cannot be written, empty when it can. Leaves nothing behind: the report comes later, or never."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        return ""  # a pipe or a device: opening it would already be heard at the other end
    new = not path.exists()
    try:
        path.open("ab").close()
        if new:
            path.unlink()
    except OSError as error:
        return str(error.strerror)
    return ""


def _no_report(where: str, reason: str) -> int:
    print(f"{_PROGRAM}: {where}: cannot be written: {reason}", file=sys.stderr)
    return report.WRONG


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _diff(options: argparse.Namespace) -> tuple[Callable[[], None], int]:
    """Compares with a base; what writes the answer, and the exit code."""
    from preflight.diff import command, compare, markdown, text  # noqa: PLC0415 - `check` does without

    document = command.answer(options)

    def write() -> None:
        stream = sys.stderr if "-" in dict(_files(options)).values() else sys.stdout
        progress.clear()
        _say(text.text(document, _page(stream, options.verbose), everything=options.all), stream)
        _write_json(document, options.json)
        if options.markdown is not None:
            _write_text(markdown.markdown(document), options.markdown)

    return write, compare.exit_code(document)


def _explain(options: argparse.Namespace) -> tuple[Callable[[], None], int]:
    """Explains one thing; what writes the answer, and the exit code."""
    from preflight.explain import command  # noqa: PLC0415 - `check` does without

    document, code = command.answer(options)

    def write() -> None:
        stream = sys.stderr if options.json == "-" or code else sys.stdout
        progress.clear()
        _say(command.text(document, _page(stream, options.verbose)), stream)
        _write_json(document, options.json)

    return write, code


def _scale(options: argparse.Namespace) -> tuple[Callable[[], None], int]:
    """Replays a curve against what the programs registered; what writes the answer, and the exit code."""
    from preflight.scaling import command, world  # noqa: PLC0415 - `check` does without

    mistakes: list[str] = []
    curve = unless_wrong(mistakes, command.curve, Path(options.load))
    start = unless_wrong(mistakes, command.start, options.start) if options.start else world.MONDAY
    recordings, code = checking.recordings(options, mistakes)
    pages: list[command.Page] = []
    if curve is not None and start is not None:
        given = {name: getattr(options, name) for name in ("provisioning", "metric_delay", "tasks")}
        there = world.World(
            start=start,
            requests_per_task=options.requests_per_task,
            messages_per_task=options.messages_per_task,
            **{name: value for name, value in given.items() if value is not None},
        )
        width = _page(sys.stdout, options.verbose).width
        absent: list[str] = []
        for recording in recordings:
            page = unless_wrong(
                absent, command.replay, recording, options.service, curve, there, width, verbose=options.verbose
            )
            pages += [page] if page else []
        mistakes += absent if not pages else []
    document = command.document(report.TOOL, pages, mistakes)
    code = max(code, report.WRONG if mistakes else report.FINE)
    return lambda: _write_scale(document, [page.text for page in pages], mistakes, options), code


def _write(document: dict[str, Any], said: str, options: argparse.Namespace) -> None:
    stream = sys.stderr if "-" in dict(_files(options)).values() else sys.stdout
    progress.clear()
    if said and (options.verbose or report.exit_code(document) > report.VIOLATED):
        _say(f"What the program printed\n{said.rstrip()}\n\n", sys.stderr)
    _say(summary.text(document, _page(stream, options.verbose)), stream)
    _write_json(document, options.json)
    for name, file in _files(options):
        if name in _EXCHANGED:
            from preflight import exchange  # noqa: PLC0415 - XML is slow to import

            _write_text(getattr(exchange, name)(document, exchange.within(Path(options.program))), file)
        elif name == "html":
            from preflight.page import page  # noqa: PLC0415 - only where somebody wants to see it

            _write_text(page(document), file)
        elif name in _DRAWN:
            from preflight.picture import files  # noqa: PLC0415 - only where somebody wants to see it

            for target, text in files.drawn(document, name, file):
                _write_text(text, target)


def _write_json(document: dict[str, Any], target: str | None) -> None:
    if target is None:
        return
    _write_text(indented.dumps(document) + "\n", target)


def _write_text(text: str, target: str) -> None:
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    else:
        try:
            Path(target).write_text(text, encoding="utf-8")
        except OSError as error:
            error.filename = error.filename or target  # a full disk does not say where it is
            raise


def _write_scale(
    document: dict[str, Any], pages: Sequence[str], mistakes: Sequence[str], options: argparse.Namespace
) -> None:
    progress.clear()
    for mistake in mistakes:
        _say(f"{_PROGRAM}: {mistake}\n", sys.stderr)
    _say("\n".join(pages), sys.stderr if options.json == "-" else sys.stdout)
    _write_json(document, options.json)


def _page(stream: TextIO, verbose: bool) -> summary.Page:
    terminal = stream.isatty()
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return summary.Page(width, colour, verbose)


def _say(text: str, stream: TextIO) -> None:
    """Writes text also where the encoding lacks a character."""
    stream.write(text.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8"))
    stream.flush()


_COMMANDS: dict[str, Callable[[argparse.Namespace], tuple[Callable[[], None], int]]] = {
    "check": _checked, "diff": _diff, "explain": _explain, "scale": _scale,
}  # fmt: skip
