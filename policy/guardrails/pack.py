"""The pack as Pulumi sees it: few policy objects, because the SDK deserialises every resource once for each of them.

`guardrails` judges each resource before it is made, so a mandatory violation that shows in one resource's own inputs
stops an update. `guardrails-stack` and `guardrails-advisory` judge the graph; they differ only in their enforcement
level, which Pulumi fixes per policy object, and share one evaluation. What is reported, and by which policy, does not
depend on the order in which the resources come: a caller may send them side by side.

`guardrails-remedies` is off unless a configuration gives it the level `remediate`: then it sets the one flag that a
control asks for, where that changes nothing else.

A finding is reported once a run: what `guardrails` has said of a resource is remembered in this process, and the stack
policies leave it out. Undecided, advisory and exempted verdicts come from the stack policies only, which see more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import policy as server

from .config import POLICY, Config, ConfigError, parse, schema
from .containers import VOUCHED
from .controls import CONTROLS
from .exemptions import Exemptions, Source, load, read_early
from .graph import Graph
from .kinds import ANY, STACK, kind_of
from .run import evaluate
from .verdicts import Control, Level, Outcome, Run, Scope, Verdict

NAME = "guardrails"
STACK_POLICY = "guardrails-stack"
ADVISORY_POLICY = "guardrails-advisory"
REMEDY_POLICY = "guardrails-remedies"
CONFIG_CONTROL = "pack-config"
_VOUCHING = ("statements", VOUCHED)


class Setting(NamedTuple):
    """What surrounds a run: which run it is, and where exemptions may stand."""

    run: Run
    source: Source

    @classmethod
    def of(cls, stack: str, project: str, stack_config: Mapping[str, str], *, updating: bool) -> Setting:
        """Today, in UTC, with the files of this pack and of the working folder."""
        run = Run(stack, project, updating, datetime.now(UTC).date())
        return cls(run, Source((Path(__file__).parents[1], Path.cwd()), stack_config))

    @classmethod
    def of_process(cls) -> Setting:
        """As engines say in the environment of a pack that they start as a program of its own."""
        try:
            config = json.loads(os.environ.get("PULUMI_CONFIG", "{}"))
        except ValueError:
            config = {}
        return cls.of(
            os.environ.get("PULUMI_STACK", ""),
            os.environ.get("PULUMI_PROJECT", ""),
            config if isinstance(config, dict) else {},
            updating=os.environ.get("PULUMI_DRY_RUN") != "true",
        )


class Session:
    """What one pack process knows between the calls of one run."""

    def __init__(self, controls: Sequence[Control], setting: Setting) -> None:
        self._controls = controls
        self._setting = setting
        self._exemptions = Exemptions()
        self._own: dict[str, list[Control]] = {}
        for control in controls:
            for kind in control.subjects if control.scope is Scope.RESOURCE else ():
                self._own.setdefault(kind, []).append(control)
        self._lock = Lock()
        self._raw: Mapping[str, Any] = {}
        self._config: Config | None = None
        self._configured_once = False
        self._mistakes: str | None = None
        self._complained = False
        self._evidence: dict[str, Any] = {}
        self._reported: set[tuple[str, str]] = set()
        self._verdicts: Sequence[Verdict] = ()
        self._served: set[Level] = set()

    def told(self, setting: Setting) -> None:
        """The engine says which run this is; what was configured before counts for that run too."""
        with self._lock:
            self._setting = setting
            self._configured_once = False
            self._served = set()

    def judge_resource(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Reports the mandatory violations that show in the resource's own inputs, and faults of the pack."""
        config = self._configured(args.get_config())
        self._remember(args)
        if config is None:
            if args.resource_type == STACK:  # the one resource of every program, and the first to be made
                self._complain(report, args.urn)
            return
        kind = kind_of(args.resource_type)
        own = [*self._own.get(kind, ()), *(self._own.get(ANY, ()) if kind.startswith("aws:") else ())]
        run, exemptions = self._setting.run, self._exemptions
        for verdict in evaluate(own, Graph.of_resource(args), config, run, exemptions) if own else ():
            decided = verdict.finding.outcome in (Outcome.VIOLATION, Outcome.ERROR)
            if decided and config.level_of(verdict.control, verdict.finding.outcome) is Level.MANDATORY:
                with self._lock:
                    self._reported.add(verdict.key)
                report(verdict.message(), verdict.node.urn)

    def remedied(self, args: ResourceValidationArgs) -> dict[str, Any] | None:
        """The inputs with what puts violations right that show in them, None where there is nothing to do.

        Unknown and secret values stay what they are. The engine has judged the stack itself before, with parameters.
        """
        own = [control for control in self._own.get(kind_of(args.resource_type), ()) if control.remedy is not None]
        config = self._configured(None) if own else None
        if config is None:
            return None
        found = evaluate(own, Graph.of_resource(args), config, self._setting.run, self._exemptions)
        broken = [verdict.control for verdict in found if verdict.finding.outcome is Outcome.VIOLATION]
        flags = {control.remedy.path: control.remedy.value for control in broken if control.remedy is not None}
        return {**args.props["__target"], **flags} if flags else None

    def judge_stack(self, args: StackValidationArgs, report: ReportViolation, level: Level) -> None:
        """Reports the verdicts of one level on the whole graph."""
        if args.get_config():
            report(_complaint(f"parameters belong under {POLICY!r}, the other policies of the pack take none"), None)
        config = self._configured(None)
        if config is None:
            if level is Level.MANDATORY:
                self._complain(report, None)
                self._complained = False  # the next run says it again
            return
        for verdict in self._evaluated(args, config, level):
            if config.level_of(verdict.control, verdict.finding.outcome) is level and verdict.key not in self._reported:
                report(verdict.message(), verdict.node.urn or None)

    def _evaluated(self, args: StackValidationArgs, config: Config, level: Level) -> Sequence[Verdict]:
        """The verdicts of this run: computed for the first of the two stack policies, reused for the second."""
        with self._lock:
            if level in self._served or not self._served:
                graph = Graph.of_stack(args.resources, self._evidence)
                run, exemptions = self._setting.run, self._exemptions
                self._verdicts = sorted(evaluate(self._controls, graph, config, run, exemptions), key=_order)
                self._served = set()
            self._served.add(level)
            return self._verdicts

    def _remember(self, args: ResourceValidationArgs) -> None:
        """Keeps a component's statements, and forgets what was said of an earlier state of this resource."""
        with self._lock:
            self._served = set()
            self._reported = {key for key in self._reported if key[1] != args.urn}
            if not args.resource_type.startswith("aws:") and any(key in _VOUCHING for key in list(args.props)):
                self._evidence[args.urn] = args.props

    def _configured(self, raw: Mapping[str, Any] | None) -> Config | None:
        """The configuration, or None when it is wrong; every call of a run brings the same one."""
        with self._lock:
            if not self._configured_once or (raw is not None and raw != self._raw):
                self._configured_once = True
                kept = self._raw if raw is None else raw
                self._raw, self._config, self._mistakes, self._complained = dict(kept), None, None, False
                try:
                    self._config = parse(self._raw, self._controls, self._setting.run.stack)
                except ConfigError as error:
                    self._mistakes = str(error)
                else:
                    self._exemptions = load(self._config, self._setting.source, self._controls, self._setting.run)
            return self._config

    def _complain(self, report: ReportViolation, urn: str | None) -> None:
        """Says once a run what is wrong with the configuration."""
        with self._lock:
            if self._mistakes is not None and not self._complained:
                self._complained = True
                report(_complaint(self._mistakes), urn)


def policies(controls: Sequence[Control] = CONTROLS, setting: Setting | None = None) -> list[Policy]:
    """The policy objects; each call makes a new session. Without a `setting`, that of this process."""
    given, setting = setting, setting or Setting.of_process()
    session = Session(controls, setting)
    if given is None:
        _listen(session)
        read_early(setting.source)

    def stack(args: StackValidationArgs, report: ReportViolation) -> None:
        session.judge_stack(args, report, Level.MANDATORY)

    def advisory(args: StackValidationArgs, report: ReportViolation) -> None:
        session.judge_stack(args, report, Level.ADVISORY)

    # The SDK's type says that something awaitable comes back; it takes the properties themselves as well.
    remedied: Any = session.remedied
    return [
        ResourceValidationPolicy(
            name=POLICY,
            description="Each resource keeps the guardrails that show in its own inputs.",
            enforcement_level=EnforcementLevel.MANDATORY,
            config_schema=PolicyConfigSchema(schema(controls)),
            validate=session.judge_resource,
        ),
        ResourceValidationPolicy(
            name=REMEDY_POLICY,
            description="Sets deletion protection where a guardrail asks for it; only where it is switched on.",
            enforcement_level=EnforcementLevel.DISABLED,
            remediate=remedied,
        ),
        StackValidationPolicy(
            name=STACK_POLICY,
            description="The resources together keep the mandatory guardrails.",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=stack,
        ),
        StackValidationPolicy(
            name=ADVISORY_POLICY,
            description="Advice, and what could not be decided yet.",
            enforcement_level=EnforcementLevel.ADVISORY,
            validate=advisory,
        ),
    ]


def _listen(session: Session) -> None:
    """Hears which run it is where that is not in the environment.

    An engine that starts the pack through a language plugin says it in the call ConfigureStack only, of which
    pulumi_policy keeps nothing but the tags (pulumi_policy 1.21.0, engine 3.259.0).
    """
    servicer: Any = server._PolicyAnalyzerServicer  # noqa: SLF001 - there is no other place
    heard = servicer.ConfigureStack

    def configure_stack(self: Any, request: Any, context: Any) -> Any:
        session.told(Setting.of(request.stack, request.project, dict(request.config), updating=not request.dry_run))
        return heard(self, request, context)

    servicer.ConfigureStack = configure_stack


def _order(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.control.id, verdict.node.urn, verdict.finding.says


def _complaint(mistakes: str) -> str:
    says = "; ".join(mistakes.splitlines())
    fix = "correct the file that --policy-pack-config names"
    return f"[{CONFIG_CONTROL}] {Outcome.VIOLATION}: the configuration of the pack is wrong: {says}\nfix: {fix}"
