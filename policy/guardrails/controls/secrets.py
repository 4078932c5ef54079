"""Where secrets and keys are kept."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("secrets", "Secrets and keys (Secrets Manager, SSM, KMS)", CONTROLS)
