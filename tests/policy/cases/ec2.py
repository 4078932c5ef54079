"""Cases of the controls in `guardrails.controls.ec2`."""

from tests.policy.cases.kit import Case

CASES: tuple[Case, ...] = ()
