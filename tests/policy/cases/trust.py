"""Cases of the controls in `guardrails.controls.trust`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
