"""Cases of NAT instances, for the controls of `guardrails.controls.tiers` that leave them alone."""

import base64
from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, document, holds, house, ref, waits, without
from tests.policy.houses import network

COMPUTE, ZONES = "compute-subnet-not-public", "tier-spans-azs"


def nat_group(template: dict[str, Any], *, check: Any = False, size: Any = 1, mixed: bool = False) -> Make:
    """A group in a public subnet, and an interface of which the check of source and destination is `check`."""
    plain = {"launchTemplate": {"id": ref("template.id")}}
    spread = {"launchTemplate": {"launchTemplateSpecification": {"launchTemplateId": ref("template.id")}}}
    named = {"mixedInstancesPolicy": spread} if mixed else plain
    return house(
        without(network, "db"),
        interface=(kinds.NETWORK_INTERFACE, {"subnetId": ref("public-a.id"), "sourceDestCheck": check}),
        template=(kinds.LAUNCH_TEMPLATE, template),
        it=(kinds.SCALING_GROUP, {"vpcZoneIdentifiers": [ref("public-a.id")], "maxSize": size, **named}),
    )


def script(text: str) -> dict[str, Any]:
    """User data as launch templates want it."""
    return {"userData": base64.b64encode(text.encode()).decode()}


BY_INTERFACE = {"networkInterfaces": [{"networkInterfaceId": ref("interface.id"), "deviceIndex": 0}]}
BY_COMMAND = script("#!/bin/bash\naws ec2 modify-instance-attribute --no-source-dest-check --instance-id $id\n")
TAKEN = {"userData": document({"attach": ref("interface.id")})}
CASES: tuple[Case, ...] = tuple(
    judged
    for control in (COMPUTE, ZONES)
    for judged in (
        holds(control, "a NAT instance whose interface forwards", nat_group(BY_INTERFACE)),
        holds(control, "a NAT instance of a mixed-instances policy", nat_group(BY_INTERFACE, mixed=True)),
        holds(control, "a NAT instance that switches the check off itself", nat_group(BY_COMMAND)),
        holds(control, "a NAT instance that takes the interface when it starts", nat_group(TAKEN)),
        breaks(control, "an interface that forwards nothing", nat_group(BY_INTERFACE, check=True)),
        breaks(control, "user data that forwards nothing", nat_group(script("#!/bin/bash\nyum install nginx\n"))),
        breaks(control, "a group of several machines", nat_group(BY_COMMAND, size=3)),
        breaks(control, "user data that takes another interface", nat_group(TAKEN, check=True),
               undecided_at_preview=True),
        waits(control, "a launch template of another stack", house(without(network, "db"), it=(kinds.SCALING_GROUP, {
            "vpcZoneIdentifiers": [ref("public-a.id")], "maxSize": 1, "launchTemplate": {"id": "lt-1"}}))),
    )
)  # fmt: skip
