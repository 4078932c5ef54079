"""Cases of the controls in `guardrails.controls.secrets`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
