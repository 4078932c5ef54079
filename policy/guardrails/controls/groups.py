"""Security groups and network ACLs, beside what `firewall` says of reachability."""

from __future__ import annotations

from guardrails.verdicts import Control

CONTROLS: tuple[Control, ...] = ()
