"""The cases of all controls; a module for each module of `guardrails.controls`, and one across all of them."""

from collections.abc import Mapping

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
    search,
    secrets,
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
        ecs,
        ec2,
        functions,
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
        watching,
        alarms,
        stack,
        strangers,
    )
}
CASES: tuple[Case, ...] = tuple(case for family in FAMILIES.values() for case in family)
