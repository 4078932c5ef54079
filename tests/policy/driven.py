"""The policy objects of the pack, asked in this process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from guardrails.config import POLICY
from guardrails.controls import CONTROLS
from guardrails.exemptions import Source
from guardrails.pack import ADVISORY_POLICY, STACK_POLICY, Setting, policies
from guardrails.verdicts import Control
from pulumi_policy import ResourceValidationPolicy, StackValidationArgs, StackValidationPolicy

from tests.policy.graphs import Phase, Program, run_of


class Said(NamedTuple):
    """What one of them reported."""

    policy: str
    message: str
    urn: str | None


class Pack:
    """Drives the policy objects as the engine does: each resource, then the stack."""

    def __init__(
        self, config: dict[str, Any] | None = None, controls: Iterable[Control] = CONTROLS,
        setting: Setting | None = None,
    ) -> None:  # fmt: skip
        given = setting or Setting(run_of("preview"), Source())
        self.policies = {policy.name: policy for policy in policies(list(controls), given)}
        self.config = config or {}

    def told(self, program: Program, phase: Phase, analyze: bool = True) -> list[Said]:
        """All that is reported, in its order."""
        found: list[Said] = []

        def report(policy: str) -> Any:
            return lambda message, urn=None: found.append(Said(policy, message, urn))

        resource = self.policies[POLICY]
        assert isinstance(resource, ResourceValidationPolicy)
        for name in program.resources if analyze else ():
            args = program.validation(name, phase)
            args._ResourceValidationArgs__config = self.config  # type: ignore[attr-defined]
            resource.validate(args, report(POLICY))
        sent = program.sent(phase)
        for name in (STACK_POLICY, ADVISORY_POLICY):
            policy = self.policies[name]
            assert isinstance(policy, StackValidationPolicy)
            policy.validate(StackValidationArgs(sent, {}, {}), report(name))
        return found

    def run(self, program: Program, phase: Phase, analyze: bool = True) -> dict[str, list[str]]:
        """The same as texts, by policy."""
        said: dict[str, list[str]] = {name: [] for name in self.policies}
        for each in self.told(program, phase, analyze):
            said[each.policy].append(f"{each.message}\nurn: {each.urn}")
        return said
