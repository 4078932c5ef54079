"""Which policy pack judges a program, in which interpreter it runs, and with which configuration."""

import os
from pathlib import Path
from typing import Any, NamedTuple

from preflight import yaml_source
from preflight.project import SUFFIXES, Project, interpreter_of, nearest
from preflight.yaml_source import Mapping, SourceError

OUR_OWN = Path(__file__).resolve().parent.parent / "policy"


class PolicyPack(NamedTuple):
    """A policy pack written in Python."""

    directory: Path
    interpreter: str
    borrowed: bool  # the pack beside preflight, judging a program that has none


def find_pack(project: Project, named: str | None) -> PolicyPack:
    """The pack named on the command line, else the program's `policy` folder, else the one beside preflight."""
    if named is not None:
        return _open(Path(os.path.abspath(named)), "--policy")
    own = project.directory / "policy"
    return _open(own, "policy") if _description(own) else _open(OUR_OWN, "the policy pack")._replace(borrowed=True)


def pack_config(pack: PolicyPack, stack: str, named: str | None) -> dict[str, Any]:
    """The configuration for one stack; without a named file `config/<stack>.json` of the pack, else nothing.

    A borrowed pack's files speak of other stacks of the same name, so they are not used.
    """
    if named is None and pack.borrowed:
        return {}
    path = Path(named) if named is not None else pack.directory / "config" / f"{stack}.json"
    if named is None and not path.is_file():
        return {}
    here = path.is_absolute() and path.is_relative_to(Path.cwd())
    shown = f"--policy-config {named}" if named is not None else os.path.relpath(path) if here else str(path)
    content = yaml_source.read(path, shown)
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise SourceError(
            f"{shown}:{content.line}: a map from policy name to level or properties is wanted here, such as "
            '{"all": "mandatory"}'
        )
    return dict(yaml_source.plain(content))


def odd_configs(pack: PolicyPack, project: Project) -> list[str]:
    """A note for each configuration in the project's own pack whose stack has no stack file, and is not checked; and
    for each stack that has none although others have, which takes the pack's defaults."""
    if pack.directory != project.directory / "policy":
        return []
    stacks = project.stack_files()
    files = {file.stem: file for file in sorted((pack.directory / "config").glob("*.json"))}
    unused = [
        f"{project.shown(file)} is for a stack that has no stack file: {name!r} was not checked"
        f"{nearest(name, list(stacks))}"
        for name, file in files.items()
        if name not in stacks
    ]
    missing = [
        f"{project.shown(pack.directory / 'config' / f'{name}.json')} does not exist: the policy pack takes its"
        f" defaults for {name!r}. Copy another stack's, or write {{}}"
        for name in stacks
        if files and name not in files
    ]
    return unused + missing


def _description(directory: Path) -> Path | None:
    return next((path for suffix in SUFFIXES if (path := directory / f"PulumiPolicy{suffix}").is_file()), None)


def _open(directory: Path, origin: str) -> PolicyPack:
    file = _description(directory)
    if file is None:
        known = (
            [path.parent.name for path in directory.parent.glob("*/PulumiPolicy.y*ml")]
            if directory.parent.is_dir()
            else []
        )
        raise SourceError(
            f"{origin}: there is no policy pack in {directory} (PulumiPolicy.yaml is missing)"
            f"{nearest(directory.name, known)}; name its folder with --policy, or use --no-policy"
        )
    shown = str(file)
    document = yaml_source.read(file, shown)
    if not isinstance(document, Mapping):
        raise SourceError(f"{shown}: a map of keys is wanted here, with `runtime: python`")
    if not (directory / "__main__.py").is_file():
        raise SourceError(f"{shown}: the pack has no __main__.py beside it, which must call PolicyPack(...)")
    interpreter, _ = interpreter_of(document, directory, shown)
    return PolicyPack(directory, interpreter, borrowed=False)
