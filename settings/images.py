"""References to container images. Pure, but for a dated table."""

import re
from dataclasses import dataclass

from settings import tables

_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REGISTRY = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_PATH = re.compile(r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
_DOCKER_HUB = {None, "docker.io", "index.docker.io", "registry-1.docker.io"}
_IN_TAGS = {"amd64": "x86_64", "arm64": "arm64", "arm64v8": "arm64", "aarch64": "arm64"}
_PRIVATE_ECR = re.compile(r"[0-9]{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.(com|com\.cn|eu)")


@dataclass(frozen=True, kw_only=True)
class Image:
    """A reference taken apart: `registry` is None for Docker Hub."""

    registry: str | None
    repository: str
    tag: str | None
    digest: str | None

    @property
    def pinned(self) -> bool:
        """Whether the reference says which version it means; `latest` does not."""
        return self.digest is not None or self.tag not in {None, "latest"}

    @property
    def in_private_ecr(self) -> bool:
        """Whether the image can be had through ECR's endpoints, without a way to the internet."""
        return self.registry is not None and _PRIVATE_ECR.fullmatch(self.registry) is not None


def architectures(image: Image) -> tuple[frozenset[str], str] | None:
    """The processors that an image is known to be for, and how one knows; None for an image that may be for any.

    A tag that ends with the name of a processor says so itself; digests say nothing.
    """
    last = re.split(r"[-_.]", image.tag or "")[-1].lower()
    if last in _IN_TAGS and image.tag != last:
        return frozenset({_IN_TAGS[last]}), f"its tag ends with {last}"
    if image.registry not in _DOCKER_HUB:
        return None
    namespace = image.repository.partition("/")[0]
    if "/" in image.repository and namespace in tables.image_namespaces():
        return frozenset({tables.image_namespaces()[namespace]}), f"all images of {namespace} are"
    known = tables.image_architectures().get(image.repository)
    return None if known is None else (frozenset(known), f"table of {tables.as_of('images')}")


def parse(reference: str) -> Image:
    """Takes `[registry[:port]/]repository[:tag][@digest]` apart; raises ValueError with what is wrong with it."""
    rest, at, digest = reference.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise ValueError("its digest is not sha256: and 64 hexadecimal digits")
    head, slash, tail = rest.partition("/")
    registry = None
    if slash and (
        "." in head or ":" in head or head == "localhost"
    ):  # Docker's own rule to tell a registry from a folder
        if not _REGISTRY.fullmatch(head):
            raise ValueError(f"{head!r} is no registry (a host name, a port may follow)")
        registry, rest = head, tail
    path, colon, tag = rest.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise ValueError("its tag is not 1 to 128 letters, digits, `_`, `.` or `-`")
    if not _PATH.fullmatch(path):
        raise ValueError("its name is not made of lower-case letters, digits and single `.`, `_`, `-` between `/`")
    return Image(registry=registry, repository=path, tag=tag or None, digest=digest or None)
