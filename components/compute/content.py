"""The name of a build folder's content: equal content gives an equal tag, on every machine. Imports no Pulumi."""

import hashlib
from pathlib import Path

from settings.folders import files

TAG_LENGTH = 20  # hexadecimal digits: 80 bits


def tag(folder: Path, architecture: str) -> str:
    """A tag made of the paths, the bytes and the executable bits of all files in `folder`, and of the architecture.

    Raises ValueError when `folder` has no Dockerfile.
    """
    if not (folder / "Dockerfile").is_file():
        raise ValueError(
            f"build folder {str(folder)!r} has no Dockerfile: name a folder with one, relative to the project, "
            "or give the service an `image` instead"
        )
    digest = hashlib.sha256(architecture.encode())
    for inside in files(folder):
        path = folder / inside
        executable = bool(path.stat().st_mode & 0o100)
        content = path.read_bytes()
        digest.update(f"\0{inside}\0{executable}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:TAG_LENGTH]
