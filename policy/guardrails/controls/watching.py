"""Whether somebody would notice, and could come back."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("watching", "Logs, detection, backup, cost", CONTROLS)
