"""An image of our own: built from a folder of the project, pushed to a private repository under immutable tags."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.compute import content
from components.compute.platform import Platform

PROJECT = Path(__file__).parents[2]
PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
# Long enough for a push that was broken off to be finished.
UNTAGGED_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """The folder with the Dockerfile, relative to the project, and the processor that the image is for."""

    build: str
    architecture: Literal["x86_64", "arm64"]
    key_arn: pulumi.Input[str]
    protected: bool


def of(
    service: str,
    build: str,
    architecture: Literal["x86_64", "arm64"],
    platform: Platform,
    opts: pulumi.ResourceOptions,
) -> "Registry":
    """The one of a service that is built from this folder."""
    args = RegistryArgs(
        build=build, architecture=architecture, key_arn=platform.registry_key_arn, protected=platform.protected
    )
    return Registry(f"{service}-registry", args, opts)


class Registry(pulumi.ComponentResource):
    """A repository with immutable tags, scanned and encrypted, and in it the image of `build` by digest."""

    repository_arn: pulumi.Output[str]
    repository_name: pulumi.Output[str]
    image_uri: pulumi.Output[str]

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Registry", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        repository = aws.ecr.Repository(
            f"{name}-repository",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=args.key_arn)
            ],
            force_delete=not args.protected,
            opts=child,
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-lifecycle",
            repository=repository.name,
            policy=_lifecycle(),
            # A repository has one, and any change of it is a replacement: deleting the old one last would leave none.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        image = awsx.ecr.Image(
            f"{name}-image",
            repository_url=repository.repository_url,
            # Relative to the project, where Pulumi runs, so that a preview is the same on every machine.
            context=args.build,
            platform=PLATFORMS[args.architecture],
            # Left out, awsx makes the tag from the folder's name alone, and the second push to an immutable tag fails
            # (awsx/ecr/image.ts, createUniqueImageName, 3.x).
            image_tag=content.tag(PROJECT / args.build, args.architecture),
            opts=child,
        )
        self.repository_arn = repository.arn
        self.repository_name = repository.name
        self.image_uri = image.image_uri
        self.register_outputs({"imageUri": self.image_uri})


def _lifecycle() -> str:
    """What has no tag goes, what has one stays.

    Whatever runs, or ran before, has a tag: it is pushed with one, and an immutable tag is never moved away. ECR cannot
    tell what runs, and neither age nor count can: after many releases that were all taken back, and after going back by
    hand, the image that runs is an old one. Manifests that an index with a tag refers to have none, and ECR keeps them
    as long as the index (ECR guide, lifecycle policies, read 2026-11).
    """
    expire = {
        "rulePriority": 1,
        "description": f"What lost its tag, or never got one, goes after {UNTAGGED_DAYS} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [expire]}, sort_keys=True, separators=(",", ":"))
