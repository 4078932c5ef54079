"""Checks of programs: what has to be run for one, and the report on it.

Several checks share one call of the launcher, so that the SDK is loaded once for all of them.
"""

import argparse
import functools
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from preflight import answers, hidden, launcher, printed, progress, report, yaml_source
from preflight.mistakes import listed
from preflight.packs import PolicyPack, find_pack, odd_configs, pack_config
from preflight.project import Project, open_project
from preflight.stack_config import StackConfig, check_form, load
from preflight.yaml_source import SourceError

if TYPE_CHECKING:
    from preflight.recording import Recording

KNOWN_AS = "GROUNDWORK_KNOWN_AS"
"""Environment variable: the folder of the program of which those to be run are passing checkouts. What the one uses of
the SDK is loaded early for the others."""
_FIXTURES = ("answers", "stack_outputs")

P = ParamSpec("P")
T = TypeVar("T")


class Check:
    """One program in the stacks that were asked for, in both modes."""

    def __init__(self, options: argparse.Namespace, *, known_as: Path | None = None, side: str = "") -> None:
        """`options` are those of the command line. `known_as`: the folder of the program of which the one to be run is
        a passing checkout. `side` says on a terminal which of several checks is running."""
        self.jobs: list[launcher.Job] = []
        """What to run for it; nothing when that much is wrong with what the user wrote."""
        self._options = options
        self._known_as, self._side = known_as, side
        self._mistakes: list[str] = []
        self._unfit: dict[str, list[str]] = {}
        self._notes: list[str] = []
        self._configs: dict[str, StackConfig] = {}
        self._recordings: dict[str, dict[str, dict[str, Any]]] = {}
        self._ahead: dict[str, report.Answers] = {}
        self._pack: PolicyPack | None = None
        self._prepare()

    def _prepare(self) -> None:
        options, mistakes = self._options, self._mistakes
        project = unless_wrong(mistakes, open_project, Path(options.program))
        stacks = unless_wrong(mistakes, _chosen, options.stacks, project) if project else None
        if project and not options.no_policy:
            self._pack = unless_wrong(mistakes, find_pack, project, options.policy)
        unless_wrong(mistakes, check_form, options.config)
        given = _fixtures(options, mistakes)
        if mistakes:
            return
        assert project is not None
        assert stacks is not None
        self._notes += project.notes
        if self._pack and not options.policy_config:
            self._notes += odd_configs(self._pack, project)
        for stack in stacks:
            self._prepare_stack(project, stack, given)

    def _prepare_stack(self, project: Project, stack: str, given: dict[str, dict[str, Any] | None]) -> None:
        options, pack = self._options, self._pack
        wrong: list[str] = []
        config = unless_wrong(wrong, load, project, stack, options.config)
        settings = unless_wrong(wrong, pack_config, pack, stack, options.policy_config) if pack else {}
        if config is not None:
            self._configs[stack] = config
        if config is None or settings is None:
            self._unfit[stack] = wrong
            return
        for mode in launcher.MODES:
            document = _job(project, stack, mode, config, given, options, self._known_as)
            if pack:
                document["pack"] = {"dir": str(pack.directory), "python": pack.interpreter, "config": settings}
            self.jobs.append(launcher.Job(stack, mode, project.interpreter, document, self._side))

    @functools.cached_property
    def raters(self) -> dict[str, tuple["answers.Rated | None", list[dict[str, Any]]]]:
        """What estimates the cost of each stack, see `_rater`; to be looked at while the programs run."""
        return {stack: _rater(stack, config) for stack, config in self._configs.items()}

    def hear(self, job: launcher.Job, recording: dict[str, Any]) -> None:
        """What a program has registered in one mode. Once both are known, what can be said without policies is."""
        known = self._recordings.setdefault(job.stack, {})
        known[job.mode] = recording
        if len(known) == len(launcher.MODES):
            rater, _ = self.raters[job.stack]
            self._ahead[job.stack] = report.ahead_of_policies(
                known["preview"], known["update"], rater, self._options.parallel
            )

    def _heard(self, stack: str, outcomes: Sequence[launcher.Outcome]) -> "report.Answers | None":
        """What was said of these outcomes before they were complete, if their recordings still count."""
        return self._ahead.get(stack) if all(outcome.result.get("recording") for outcome in outcomes) else None

    def report(self, outcomes: Sequence[launcher.Outcome]) -> tuple[dict[str, Any], str]:
        """The report, and what the programs printed, from the outcomes of its jobs in their order."""
        if self._mistakes:
            return report.document({}, [report.error("input", mistake) for mistake in self._mistakes]), ""
        entries = {stack: self._failed(stack, wrong) for stack, wrong in self._unfit.items()}
        for stack, config in self._configs.items():
            if stack not in entries:
                mine = [outcome for outcome in outcomes if outcome.stack == stack]
                notes = [*self._notes, *config.notes]
                rater, misread = self.raters[stack]
                judged = self._pack is not None
                entry = report.stack(
                    mine, notes, config.explained, judged, rater, misread, self._options.parallel,
                    self._heard(stack, mine),
                )  # fmt: skip
                entries[stack] = hidden.redacted(entry, config.clear_secrets)
        secrets = {stack: config.clear_secrets for stack, config in self._configs.items()}
        return report.document(entries), printed.text(outcomes, secrets, with_traces=self._options.verbose)

    def _failed(self, stack: str, wrong: list[str]) -> dict[str, Any]:
        _, misread = self.raters.get(stack, (None, []))
        return report.failed_stack([*(report.error("input", text) for text in wrong), *misread], self._notes)


def run(
    check: Check, *, meanwhile: Callable[[], None] = lambda: None, later: Callable[[], Check | None] | None = None
) -> list[tuple[dict[str, Any], str]]:
    """Runs what the check needs, and answers with its report and what its programs printed. `meanwhile` is called once,
    while the programs run. So is `later`, for a check that takes time to come by; its report is the second."""
    checks = [check]

    def prepare() -> None:
        answers.prepare()
        _ = check.raters
        meanwhile()

    def more() -> Sequence[launcher.Job]:
        other = later() if later else None
        if other is None:
            return []
        checks.append(other)
        _ = other.raters
        return other.jobs

    def hear(job: launcher.Job, recording: dict[str, Any]) -> None:
        for one in checks:
            if any(own is job for own in one.jobs):
                one.hear(job, recording)

    python = check.jobs[0].python if check.jobs else ""
    outcomes = launcher.run(
        check.jobs, progress.meanwhile(prepare, progress.show(time.monotonic())), hear,
        launcher.Later(python, len(check.jobs), more) if later else None,
    )  # fmt: skip
    reports = []
    for one in checks:
        mine, outcomes = outcomes[: len(one.jobs)], outcomes[len(one.jobs) :]
        reports.append(one.report(mine))
    return reports


def recordings(options: argparse.Namespace, mistakes: list[str]) -> tuple[list["Recording"], int]:
    """What the program of each stack registers in an update, where ids are known, and an exit code; mistakes join the
    others."""
    from preflight.recording import Recording  # noqa: PLC0415 - checks do without

    before = len(mistakes)
    project = unless_wrong(mistakes, open_project, Path(options.program))
    given = _fixtures(options, mistakes)
    if project is None:
        return [], report.WRONG
    configs: dict[str, StackConfig] = {}
    for stack in unless_wrong(mistakes, _chosen, [options.stack] if options.stack else [], project) or ():
        config = unless_wrong(mistakes, load, project, stack, options.config)
        configs |= {stack: config} if config else {}
    if len(mistakes) > before:
        return [], report.WRONG
    jobs = [
        launcher.Job(stack, "update", project.interpreter, _job(project, stack, "update", config, given, options))
        for stack, config in configs.items()
    ]
    found, code = [], report.FINE
    for outcome in launcher.run(jobs, progress.show(time.monotonic())):
        config = configs[outcome.stack]
        entry = report.stack([outcome], [], config.explained, with_policies=False)
        code = max(code, entry["summary"]["exitCode"])
        said = [hidden.redacted(error["message"], config.clear_secrets) for error in entry["errors"]]
        mistakes += [f"{outcome.stack}: {message}" for message in said]
        if not entry["errors"]:
            found.append(Recording.from_json(outcome.result["recording"]))
    return found, code


def unless_wrong(mistakes: list[str], read: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T | None:
    """What `read` gives; None when its source is wrong, which joins the mistakes, so that all are told at once."""
    try:
        return read(*arguments, **options)
    except SourceError as error:
        mistakes += error.messages
        return None


def _rater(stack: str, config: StackConfig) -> tuple[answers.Rated | None, list[dict[str, Any]]]:
    """What estimates the stack's cost; or None, and the error to report beside those of the program, which runs too."""
    from preflight.cost import rating  # noqa: PLC0415 - while the programs run there is time for it

    wrong: list[str] = []
    rater = unless_wrong(wrong, rating, config.values)
    if not wrong:
        return rater, []
    message = listed(f"the usage figures of stack {stack!r} ({config.written.file})", wrong)
    return None, [report.error("input", config.written.beside_keys(message))]


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
    project: Project, stack: str, mode: str, config: StackConfig, given: dict[str, dict[str, Any] | None],
    options: argparse.Namespace, known_as: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The document of the worker's protocol, without a policy pack."""
    return {
        "schema": 1,
        "root": str(project.directory),
        "knownAs": os.environ.get(KNOWN_AS) or str(known_as or project.directory),
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
        "pack": None,
    }


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
    given = {name: unless_wrong(mistakes, _fixture, getattr(options, name), name) for name in _FIXTURES}
    known = given["stack_outputs"]
    if known and "schemaVersion" in known:  # another stack's own report
        from preflight import references  # noqa: PLC0415 - seldom needed

        told: list[str] = []
        given["stack_outputs"] = unless_wrong(
            told, references.outputs, known, options.organization, report.SCHEMA_VERSION
        )
        mistakes += [f"--stack-outputs {options.stack_outputs}: {message}" for message in told]
    return given
