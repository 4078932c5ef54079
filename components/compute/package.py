"""What a function is made of: the files of a folder, or an image that Lambda may pull."""

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.compute import registry
from components.compute.platform import Platform
from components.compute.registry import PROJECT
from components.contracts import Statement
from components.security import documents
from settings.folders import files
from settings.functions import FunctionSettings

LAMBDA = "lambda.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Package:
    """Either `archive` or `image_uri`; `needs` is there before the function."""

    archive: pulumi.AssetArchive | None = None
    image_uri: pulumi.Input[str] | None = None
    needs: list[pulumi.Resource]


def make(name: str, settings: FunctionSettings, platform: Platform, opts: pulumi.ResourceOptions) -> Package:
    """The program as Lambda takes it."""
    if settings.build is None:
        assert settings.image is not None, "settings have seen to it that there is one of the two"
        return Package(image_uri=settings.image, needs=[])
    if settings.zipped:
        return Package(archive=archive(settings.build), needs=[])
    made = registry.of(name, settings.build, settings.size.architecture, platform, opts)
    may_pull = aws.ecr.RepositoryPolicy(
        f"{name}-pulls", repository=made.repository_name, policy=documents.document([_pulls(platform)]), opts=opts
    )
    return Package(image_uri=made.image_uri, needs=[may_pull])


def archive(build: str, project: Path = PROJECT) -> pulumi.AssetArchive:
    """The files of a folder, without what tools leave behind.

    What Pulumi compares is made of their paths and bytes; it writes the same date into each archive. So neither the
    machine nor the time counts. Paths are relative to the project, where Pulumi runs.
    """
    folder = project / build
    return pulumi.AssetArchive({path: pulumi.FileAsset(f"{build.rstrip('/')}/{path}") for path in files(folder)})


def _pulls(platform: Platform) -> Statement:
    """Lambda pulls when the function is made and, to keep its own copy, later; for any function of the stack's account.

    Without a policy Lambda would write one of its own into the repository (its guide, images-create, read 2026-11).
    """
    return Statement(
        sid="LambdaPulls",
        actions=["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        principals={"Service": [LAMBDA]},
        conditions={"ArnLike": {"aws:SourceArn": platform.location.arn("lambda", "function:*")}},
    )
