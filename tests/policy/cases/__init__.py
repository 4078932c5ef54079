"""The cases of all controls; a module for each module of `guardrails.controls`, and one across all of them."""

from collections.abc import Mapping

from tests.policy.cases import (
    access,
    alarms,
    apis,
    balancer,
    buckets,
    builds,
    database,
    ec2,
    ecs,
    edge,
    firewall,
    forwarding,
    functions,
    groups,
    kubernetes,
    messaging,
    network,
    search,
    secrets,
    sharing,
    stack,
    storage,
    stores,
    strangers,
    trust,
    watching,
)
from tests.policy.cases.kit import Case

FAMILIES: Mapping[str, tuple[Case, ...]] = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (
        network,
        firewall,
        groups,
        forwarding,
        balancer,
        apis,
        ecs,
        kubernetes,
        ec2,
        functions,
        builds,
        database,
        stores,
        search,
        storage,
        buckets,
        edge,
        messaging,
        secrets,
        access,
        trust,
        sharing,
        watching,
        alarms,
        stack,
        strangers,
    )
}
CASES: tuple[Case, ...] = tuple(case for family in FAMILIES.values() for case in family)
