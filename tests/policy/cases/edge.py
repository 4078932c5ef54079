"""Cases of the controls in `guardrails.controls.edge`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
