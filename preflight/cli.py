"""The command line: what to run, where the report goes, and the exit code.

This process stays light, it only starts workers and writes: no pulumi, no grpc, no pydantic. See docs/preflight.md.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TextIO, TypeVar

from preflight import launcher, printed, progress, report, summary, yaml_source
from preflight.arguments import parser
from preflight.cost import rating
from preflight.mistakes import listed
from preflight.packs import PolicyPack, find_pack, pack_config, unused_configs
from preflight.project import Project, open_project
from preflight.stack_config import StackConfig, check_form, load
from preflight.yaml_source import SourceError

if TYPE_CHECKING:
    from preflight.recording import Recording

INTERRUPTED = 130
_PROGRAM = "preflight"
_FIXTURES = ("answers", "stack_outputs")
_EXCHANGED = ("sarif", "junit")
_DRAWN = ("svg", "mermaid")
_WRITTEN = ("json", "html", *_EXCHANGED, *_DRAWN, "markdown")

P = ParamSpec("P")
T = TypeVar("T")


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
    document, said = _check(options)
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


def _check(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """The report, and what the programs printed."""
    started = time.monotonic()
    mistakes: list[str] = []
    project = _unless_wrong(mistakes, open_project, Path(options.program))
    stacks = _unless_wrong(mistakes, _chosen, options.stacks, project) if project else None
    pack = _unless_wrong(mistakes, find_pack, project, options.policy) if project and not options.no_policy else None
    _unless_wrong(mistakes, check_form, options.config)
    given = _fixtures(options, mistakes)
    if mistakes:
        return report.document({}, [report.error("input", mistake) for mistake in mistakes]), ""
    assert project is not None
    assert stacks is not None
    notes = [*project.notes, *(unused_configs(pack, project) if pack and not options.policy_config else ())]
    entries: dict[str, dict[str, Any]] = {}
    configs: dict[str, StackConfig] = {}
    raters: dict[str, report.Rated | None] = {}
    misread: dict[str, list[dict[str, Any]]] = {}
    jobs: list[launcher.Job] = []
    for stack in stacks:
        wrong: list[str] = []
        config = _unless_wrong(wrong, load, project, stack, options.config)
        settings = _unless_wrong(wrong, pack_config, pack, stack, options.policy_config) if pack else {}
        raters[stack], misread[stack] = _rater(stack, config) if config else (None, [])
        if config is None or settings is None:
            errors = [*(report.error("input", text) for text in wrong), *misread[stack]]
            entries[stack] = report.failed_stack(errors, notes)
            continue
        configs[stack] = config
        jobs += [_job(project, stack, mode, config, pack, settings, given, options) for mode in launcher.MODES]
    outcomes = launcher.run(jobs, progress.meanwhile(lambda: _prepare(options), progress.show(started)))
    for stack, config in configs.items():
        mine = [outcome for outcome in outcomes if outcome.stack == stack]
        said = [*notes, *config.notes]
        entry = report.stack(
            mine, said, config.explained, pack is not None, raters[stack], misread[stack], options.parallel
        )
        entries[stack] = report.redacted(entry, config.clear_secrets)
    secrets = {stack: config.clear_secrets for stack, config in configs.items()}
    return report.document(entries), printed.text(outcomes, secrets, with_traces=options.verbose)


def _rater(stack: str, config: StackConfig) -> tuple[report.Rated | None, list[dict[str, Any]]]:
    """What estimates the stack's cost; or None, and the error to report beside those of the program, which runs too."""
    wrong: list[str] = []
    rater = _unless_wrong(wrong, rating, config.values)
    if not wrong:
        return rater, []
    message = listed(f"the usage figures of stack {stack!r} ({config.written.file})", wrong)
    return None, [report.error("input", config.written.beside_keys(message))]


def _prepare(options: argparse.Namespace) -> None:
    report.prepare()
    if getattr(options, "html", None) is not None:
        from preflight import page  # noqa: F401, PLC0415 - only where somebody wants to see it


def _diff(options: argparse.Namespace) -> tuple[Callable[[], None], int]:
    """Compares with a base; what writes the answer, and the exit code."""
    from preflight.diff import command, compare, markdown, text  # noqa: PLC0415 - `check` does without

    document = command.answer(options, _check)

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

    document, code = command.answer(options, _check)

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
    curve = _unless_wrong(mistakes, command.curve, Path(options.load))
    start = _unless_wrong(mistakes, command.start, options.start) if options.start else world.MONDAY
    recordings, code = _recorded(options, mistakes)
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
            page = _unless_wrong(
                absent, command.replay, recording, options.service, curve, there, width, verbose=options.verbose
            )
            pages += [page] if page else []
        mistakes += absent if not pages else []
    document = command.document(report.TOOL, pages, mistakes)
    code = max(code, report.WRONG if mistakes else report.FINE)
    return lambda: _write_scale(document, [page.text for page in pages], mistakes, options), code


def _recorded(options: argparse.Namespace, mistakes: list[str]) -> tuple[list["Recording"], int]:
    """What the program of each stack registers in an update, where ids are known; mistakes join the others."""
    from preflight.recording import Recording  # noqa: PLC0415 - `check` does without

    started = time.monotonic()
    before = len(mistakes)
    project = _unless_wrong(mistakes, open_project, Path(options.program))
    given = _fixtures(options, mistakes)
    if project is None:
        return [], report.WRONG
    configs: dict[str, StackConfig] = {}
    for stack in _unless_wrong(mistakes, _chosen, [options.stack] if options.stack else [], project) or ():
        config = _unless_wrong(mistakes, load, project, stack, options.config)
        configs |= {stack: config} if config else {}
    if len(mistakes) > before:
        return [], report.WRONG
    jobs = [_job(project, stack, "update", config, None, {}, given, options) for stack, config in configs.items()]
    recordings, code = [], report.FINE
    for outcome in launcher.run(jobs, progress.show(started)):
        config = configs[outcome.stack]
        entry = report.stack([outcome], [], config.explained, with_policies=False)
        code = max(code, entry["summary"]["exitCode"])
        said = [report.redacted(error["message"], config.clear_secrets) for error in entry["errors"]]
        mistakes += [f"{outcome.stack}: {message}" for message in said]
        if not entry["errors"]:
            recordings.append(Recording.from_json(outcome.result["recording"]))
    return recordings, code


def _unless_wrong(mistakes: list[str], read: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T | None:
    """What `read` gives; None when its source is wrong, which joins the mistakes, so that all are told at once."""
    try:
        return read(*arguments, **options)
    except SourceError as error:
        mistakes += error.messages
        return None


def _chosen(names: Sequence[str], project: Project) -> list[str]:
    if names:
        return sorted(set(names))
    files = project.stack_files()
    if not files:
        raise SourceError(
            f"there is no stack file beside {project.file}; create Pulumi.<stack>.yaml (`config: {{}}` is enough)"
        )
    return list(files)


def _job(
    project: Project, stack: str, mode: str, config: StackConfig, pack: PolicyPack | None, settings: dict[str, Any],
    given: dict[str, dict[str, Any] | None], options: argparse.Namespace,
) -> launcher.Job:  # fmt: skip
    document = {
        "schema": 1,
        "root": str(project.directory),
        "knownAs": os.environ.get(launcher.KNOWN_AS) or str(project.directory),
        "main": project.main,
        "project": project.name,
        "stack": stack,
        "organization": options.organization,
        "mode": mode,
        "config": config.values,
        "secretKeys": config.secret_keys,
        "placeholderKeys": [],  # our own note names the exact place and how to give a value
        "account": None,
        "region": None,
        "answers": given["answers"],
        "stackOutputs": given["stack_outputs"],
        "plain": options.plain,
        "timeoutSeconds": options.timeout,
        "arguments": [],
        "pack": {"dir": str(pack.directory), "python": pack.interpreter, "config": settings} if pack else None,
    }
    return launcher.Job(stack, mode, project.interpreter, document)


def _fixture(file: str | None, name: str) -> dict[str, Any]:
    if file is None:
        return {}
    shown = f"--{name.replace('_', '-')} {file}"
    content = yaml_source.read(Path(file), shown)
    if not isinstance(content, yaml_source.Mapping):
        raise SourceError(f"{shown}: a map is wanted here, see docs/preflight.md")
    return dict(yaml_source.plain(content))


def _fixtures(options: argparse.Namespace, mistakes: list[str]) -> dict[str, dict[str, Any] | None]:
    """What stands in for AWS and for other stacks."""
    given = {name: _unless_wrong(mistakes, _fixture, getattr(options, name), name) for name in _FIXTURES}
    known = given["stack_outputs"]
    if known and "schemaVersion" in known:  # another stack's own report
        from preflight import references  # noqa: PLC0415 - seldom needed

        told: list[str] = []
        given["stack_outputs"] = _unless_wrong(
            told, references.outputs, known, options.organization, report.SCHEMA_VERSION
        )
        mistakes += [f"--stack-outputs {options.stack_outputs}: {message}" for message in told]
    return given


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
    _write_text(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n", target)


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
