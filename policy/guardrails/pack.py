"""The pack as Pulumi sees it: three policy objects, because the SDK deserialises every resource once for each of them.

`guardrails` judges each resource before it is made, so a mandatory violation that shows in one resource's own inputs
stops an update. `guardrails-stack` and `guardrails-advisory` judge the graph; they differ only in their enforcement
level, which Pulumi fixes per policy object, and share one evaluation.

A finding is reported once a run: what `guardrails` has said of a resource is remembered in this process, and the stack
policies leave it out. Undecided and advisory verdicts come from the stack policies only, which see more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

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

from .config import POLICY, Config, ConfigError, parse, schema
from .controls import CONTROLS
from .graph import Graph
from .run import evaluate
from .verdicts import Control, Level, Outcome, Scope, Verdict

NAME = "guardrails"
STACK_POLICY = "guardrails-stack"
ADVISORY_POLICY = "guardrails-advisory"
CONFIG_CONTROL = "pack-config"


class Session:
    """What one pack process knows between the calls of one run."""

    def __init__(self, controls: Sequence[Control]) -> None:
        self._controls = controls
        self._lock = Lock()
        self._raw: Mapping[str, Any] = {}
        self._config: Config | None = Config()
        self._mistakes: str | None = None
        self._complained_at: str | None = None
        self._evidence: dict[str, Any] = {}
        self._reported: set[tuple[str, str]] = set()
        self._verdicts: Sequence[Verdict] = ()
        self._served: set[Level] = set()

    def judge_resource(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Reports the mandatory violations that show in the resource's own inputs, and faults of the pack."""
        config = self._configured(args.get_config(), report, args.urn)
        self._remember(args)
        if config is None:
            return
        with self._lock:
            graph = Graph.of_resource(args, self._evidence)
        own = [control for control in self._controls if control.scope is Scope.RESOURCE]
        for verdict in evaluate(own, graph, config):
            decided = verdict.finding.outcome in (Outcome.VIOLATION, Outcome.ERROR)
            if decided and config.level_of(verdict.control, verdict.finding.outcome) is Level.MANDATORY:
                with self._lock:
                    self._reported.add(verdict.key)
                report(verdict.message(), verdict.node.urn)

    def judge_stack(self, args: StackValidationArgs, report: ReportViolation, level: Level) -> None:
        """Reports the verdicts of one level on the whole graph."""
        if args.get_config():
            report(_complaint(f"parameters belong under {POLICY!r}, the other policies of the pack take none"), None)
        config = self._configured(None, report, None)
        if config is None:
            return
        for verdict in self._evaluated(args, config, level):
            if config.level_of(verdict.control, verdict.finding.outcome) is level and verdict.key not in self._reported:
                report(verdict.message(), verdict.node.urn)

    def _evaluated(self, args: StackValidationArgs, config: Config, level: Level) -> Sequence[Verdict]:
        """The verdicts of this run: computed for the first of the two stack policies, reused for the second."""
        with self._lock:
            if level in self._served or not self._served:
                graph = Graph.of_stack(args.resources, self._evidence)
                self._verdicts = sorted(evaluate(self._controls, graph, config), key=_order)
                self._served = set()
            self._served.add(level)
            return self._verdicts

    def _remember(self, args: ResourceValidationArgs) -> None:
        """Keeps a component's statements, and forgets what was said of an earlier state of this resource."""
        with self._lock:
            self._served = set()
            self._reported = {key for key in self._reported if key[1] != args.urn}
            if not args.resource_type.startswith("aws:") and "statements" in list(args.props):
                self._evidence[args.urn] = args.props

    def _configured(self, raw: Mapping[str, Any] | None, report: ReportViolation, urn: str | None) -> Config | None:
        """The configuration, or None when it is wrong, which is reported once a run: runs start with the same one."""
        with self._lock:
            if raw is not None and raw != self._raw:
                self._raw, self._config, self._mistakes, self._complained_at = dict(raw), None, None, None
                try:
                    self._config = parse(raw, self._controls)
                except ConfigError as error:
                    self._mistakes = str(error)
            if self._mistakes is not None and self._complained_at in (None, urn):
                self._complained_at = urn
                report(_complaint(self._mistakes), urn)
            return self._config


def policies(controls: Sequence[Control] = CONTROLS) -> list[Policy]:
    """The policy objects; each call makes a new session."""
    session = Session(controls)

    def stack(args: StackValidationArgs, report: ReportViolation) -> None:
        session.judge_stack(args, report, Level.MANDATORY)

    def advisory(args: StackValidationArgs, report: ReportViolation) -> None:
        session.judge_stack(args, report, Level.ADVISORY)

    return [
        ResourceValidationPolicy(
            name=POLICY,
            description="Each resource keeps the guardrails that show in its own inputs.",
            enforcement_level=EnforcementLevel.MANDATORY,
            config_schema=PolicyConfigSchema(schema(controls)),
            validate=session.judge_resource,
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


def _order(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.control.id, verdict.node.urn, verdict.finding.says


def _complaint(mistakes: str) -> str:
    says = "; ".join(mistakes.splitlines())
    fix = "correct the file that --policy-pack-config names"
    return f"[{CONFIG_CONTROL}] {Outcome.VIOLATION}: the configuration of the pack is wrong: {says}\nfix: {fix}"
