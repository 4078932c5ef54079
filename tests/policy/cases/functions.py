"""Cases of the controls in `guardrails.controls.functions`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
