"""Functions, who may call them, and the images that are run."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("lambda", "Functions and images (Lambda, ECR)", CONTROLS)
