"""What is kept of a bucket, and for how long, beside what `storage` says of its doors."""

from __future__ import annotations

from guardrails.verdicts import Control

CONTROLS: tuple[Control, ...] = ()
