"""Caches and tables."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("stores", "Caches and tables (ElastiCache, DynamoDB)", CONTROLS)
