"""The cases of all controls; a module for each module of `guardrails.controls`."""

from tests.policy.cases import (
    access,
    alarms,
    balancer,
    buckets,
    database,
    ec2,
    ecs,
    edge,
    firewall,
    forwarding,
    functions,
    groups,
    messaging,
    network,
    secrets,
    stack,
    storage,
    stores,
    trust,
    watching,
)
from tests.policy.cases.kit import Case

FAMILIES: tuple[tuple[Case, ...], ...] = (
    network.CASES,
    firewall.CASES,
    groups.CASES,
    forwarding.CASES,
    balancer.CASES,
    ecs.CASES,
    ec2.CASES,
    functions.CASES,
    database.CASES,
    stores.CASES,
    storage.CASES,
    buckets.CASES,
    edge.CASES,
    messaging.CASES,
    secrets.CASES,
    access.CASES,
    trust.CASES,
    watching.CASES,
    alarms.CASES,
    stack.CASES,
)
CASES: tuple[Case, ...] = tuple(case for family in FAMILIES for case in family)
