"""Queues, topics, buses and brokers."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("messaging", "Messaging (SQS, SNS, EventBridge, MSK)", CONTROLS)
