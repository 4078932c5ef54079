"""Cases of the controls in `guardrails.controls.stores`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
