"""Cases of the controls in `guardrails.controls.buckets`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
