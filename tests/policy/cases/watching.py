"""Cases of the controls in `guardrails.controls.watching`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
