"""What a Dockerfile says about the processor that its image is for. Pure."""

import re

_FROM = re.compile(r"\s*FROM\s+((?:--\S+\s+)*)(\S+)(?:\s+AS\s+(\S+))?\s*(?:#.*)?$", re.IGNORECASE)
_PLATFORM = re.compile(r"--platform=(\S+)", re.IGNORECASE)
_CONTINUED = re.compile(r"\\[ \t]*\n")
# As docker names them -> as tasks do.
ARCHITECTURES = {"linux/amd64": "x86_64", "linux/x86_64": "x86_64", "linux/arm64": "arm64", "linux/arm64/v8": "arm64"}


def built_on(text: str) -> tuple[str, str | None] | None:
    """What the last stage is built on in the end, stage by stage: the image, and its platform where the file fixes one.

    None for a file whose last stage cannot be told. A platform with a variable in it is none: what docker is told to
    build for decides.
    """
    stages: list[tuple[str | None, str, str | None]] = []
    for line in _CONTINUED.sub(" ", text).splitlines():
        found = _FROM.match(line)
        if found:
            flags, image, name = found.groups()
            fixed = _PLATFORM.search(flags)
            stages.append((name.lower() if name else None, image, fixed[1].strip("\"'") if fixed else None))
    if not stages:
        return None
    position = len(stages) - 1
    while True:
        _, image, platform = stages[position]
        earlier = [number for number in range(position) if stages[number][0] == image.lower()]
        if not earlier:
            return image, platform if platform and "$" not in platform else None
        position = earlier[-1]


def architecture(platform: str) -> str | None:
    """The processor that a platform stands for, as tasks name it; None for one that tasks do not run on."""
    return ARCHITECTURES.get(platform.lower())
