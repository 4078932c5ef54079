"""Cases of the controls in `guardrails.controls.groups`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
