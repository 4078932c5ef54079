"""All controls of the pack; a family is a module with pure functions and a `CONTROLS` tuple."""

from guardrails.verdicts import Control

from . import access, balancer, database, firewall, network, storage

CONTROLS: tuple[Control, ...] = (
    *network.CONTROLS,
    *firewall.CONTROLS,
    *balancer.CONTROLS,
    *database.CONTROLS,
    *storage.CONTROLS,
    *access.CONTROLS,
)
