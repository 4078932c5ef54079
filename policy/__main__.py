"""Starts the pack's server; `PolicyPack` never returns, so nothing else may stand here."""

from guardrails.pack import NAME, policies
from pulumi_policy import PolicyPack

PolicyPack(NAME, policies())
