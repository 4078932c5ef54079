"""Builds: what stands in the environment in which programs are built."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds, plaintext
from guardrails.graph import Node
from guardrails.reading import Known, Record, Unknown, or_default
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Outcome, Severity, View, breaks, waits

_WHERE = "environment.environmentVariables"


def _without_secrets(node: Node, view: View) -> Iterable[Finding]:
    environment = node.props.record("environment")
    blocks = list(environment.value.blocks("environmentVariables")) if isinstance(environment, Known) else []
    found = [_variable(block.value, node, view) for block in blocks if isinstance(block, Known)]
    unknown = next((each for each in (environment, *blocks) if isinstance(each, Unknown)), None)
    if unknown is not None:
        found.append(waits(f"{_WHERE}, {view.graph.describe(unknown)}", node.label))
    broken = (each for each in found if each.outcome is Outcome.VIOLATION)
    yield next(broken, None) or next((each for each in found if each.outcome is not Outcome.PASS), HOLDS)


def _variable(block: Record, node: Node, view: View) -> Finding:
    """Of the other types the value is the name of a parameter or of a secret."""
    kind, name = or_default(block.text("type"), "PLAINTEXT"), or_default(block.text("name"), "")
    if isinstance(kind, Known) and kind.value != "PLAINTEXT":
        return HOLDS
    spoken = name.value if isinstance(name, Known) else ""
    answer = plaintext.under(spoken, block.text("value"), view)
    if isinstance(answer, str) and isinstance(kind, Known):
        return breaks(f"{answer} in {_WHERE} under {spoken or 'a name that is not known yet'}", node.label)
    if answer is True and isinstance(name, Known):
        return HOLDS
    return waits(f"{spoken or _WHERE}, which is not known yet", node.label)


CONTROLS = (
    Control(
        id="build-no-plaintext-secrets",
        title="No secret stands in the environment of a build",
        severity=Severity.CRITICAL,
        subjects=(kinds.BUILD_PROJECT,),
        references=("CodeBuild.2",),
        own_packs=(BASELINE,),
        why="Whoever may describe the project or read its logs reads it, and so does every program that is built.",
        fix='set type="SECRETS_MANAGER" or "PARAMETER_STORE" and the name of the secret as value, and rotate it',
        judge=_without_secrets,
    ),
)
FAMILY = Family("build", "Builds (CodeBuild)", CONTROLS)
