"""Cases of the controls in `guardrails.controls.messaging`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
