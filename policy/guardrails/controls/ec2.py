"""Machines and the templates they are made from."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("ec2", "Machines (EC2, Auto Scaling)", CONTROLS)
