"""Cases of the controls in `guardrails.controls.ecs`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
