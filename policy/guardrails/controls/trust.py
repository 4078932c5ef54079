"""Who may become whom: trust policies, users and keys."""

from __future__ import annotations

from guardrails.verdicts import Control

CONTROLS: tuple[Control, ...] = ()
