"""Which image instances start from: AWS's newest of a certain day, read from its SSM parameter and then kept.

A launch template could name the parameter itself (`resolve:ssm:`), but then AWS refuses to roll an instance refresh
back, and no two instances need have the same image: docs/decisions/0009-fleet-releases.md.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

# Public parameters of AWS, by processor; the names are the same in every region (guides of EC2 and ECS, 2026-11).
AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
FOR_ECS = {
    "arm64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
    "x86_64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
}
PARAMETER, DATE, RECORD, OUTPUT = "Image", "AsOf", "Record", "ImageId"
FIRST = "when it was made"


@dataclass(frozen=True, kw_only=True)
class MachineImageArgs:
    """For what processor, with the ECS agent or plain, and of which day: a change of that reads the parameter anew."""

    architecture: Literal["x86_64", "arm64"]
    for_ecs: bool = False
    as_of: str | None = None


class MachineImage(pulumi.ComponentResource):
    """The id of an image, the same at every preview until `as_of` changes.

    CloudFormation reads the parameter, because it does so when its stack is made or changed and at no other time: a
    lookup by this program would give another answer on the day of AWS's next image, in the middle of somebody's change.
    The parameter that the stack keeps is there because it must keep something; it costs nothing.
    """

    id: pulumi.Output[str]

    def __init__(self, name: str, args: MachineImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:MachineImage", name, None, opts)
        stack = aws.cloudformation.Stack(
            name,
            template_body=json.dumps(template(), sort_keys=True, separators=(",", ":")),
            parameters={PARAMETER: parameter(args), DATE: args.as_of or FIRST},
            on_failure="DELETE",
            timeout_in_minutes=10,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.id = stack.outputs[OUTPUT]
        self.register_outputs({"id": self.id})


def parameter(args: MachineImageArgs) -> str:
    """The name of AWS's parameter."""
    return FOR_ECS[args.architecture] if args.for_ecs else AMAZON_LINUX.format(architecture=args.architecture)


def template() -> dict[str, Any]:
    """What CloudFormation is told: a parameter that it resolves itself, and gives back."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The image that instances start from",
        "Parameters": {
            PARAMETER: {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"},
            DATE: {"Type": "String"},
        },
        "Resources": {
            RECORD: {
                "Type": "AWS::SSM::Parameter",
                "Properties": {
                    "Type": "String",
                    "Value": {"Ref": PARAMETER},
                    "Description": {"Fn::Sub": f"Image of instances, as of ${{{DATE}}}"},
                },
            }
        },
        "Outputs": {OUTPUT: {"Value": {"Ref": PARAMETER}}},
    }
