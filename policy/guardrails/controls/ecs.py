"""What runs in containers, as whom, and what it may reach."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("ecs", "Containers (ECS)", CONTROLS)
