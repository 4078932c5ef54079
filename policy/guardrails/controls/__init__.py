"""All controls of the pack; a family is a module with pure functions and a `FAMILY`, or two when one is too long."""

from guardrails.verdicts import Control, Family

from . import (
    access,
    apis,
    balancer,
    builds,
    database,
    ec2,
    ecs,
    edge,
    firewall,
    functions,
    kubernetes,
    messaging,
    network,
    secrets,
    sharing,
    stack,
    storage,
    stores,
    watching,
)

FAMILIES: tuple[Family, ...] = (
    network.FAMILY,
    firewall.FAMILY,
    balancer.FAMILY,
    apis.FAMILY,
    ecs.FAMILY,
    kubernetes.FAMILY,
    ec2.FAMILY,
    functions.FAMILY,
    builds.FAMILY,
    database.FAMILY,
    stores.FAMILY,
    storage.FAMILY,
    edge.FAMILY,
    messaging.FAMILY,
    secrets.FAMILY,
    access.FAMILY,
    sharing.FAMILY,
    watching.FAMILY,
    stack.FAMILY,
)
CONTROLS: tuple[Control, ...] = tuple(control for family in FAMILIES for control in family.controls)
