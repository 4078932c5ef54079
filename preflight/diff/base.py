"""What to compare with: a commit, checked out into a folder that goes again, or a report that was saved."""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from preflight import report
from preflight.project import Project, open_project
from preflight.recording import COMPARING
from preflight.yaml_source import SourceError

_COMPILED = "__pycache__"
_KEYS = ("resources", "findings", "exports", "cost", "timeline", "reach", "resilience", "summary", "errors")


class Checkout(NamedTuple):
    """The program as it was at a commit."""

    commit: str
    project: Project


def saved(file: Path) -> dict[str, Any]:
    """A report that `check --json` wrote; SourceError for anything else, also a report of another schema."""
    shown = f"--base {file}"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{shown}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SourceError(f"{shown}: is no JSON: {error}") from None
    if not isinstance(found, dict) or "schemaVersion" not in found or not isinstance(found.get("stacks"), dict):
        raise SourceError(f"{shown}: is no report of preflight; write one with `python -m preflight check --json FILE`")
    version = found["schemaVersion"]
    if version != report.SCHEMA_VERSION or isinstance(version, bool):
        raise SourceError(
            f"{shown}: is a report of schema {version!r}, this preflight reads {report.SCHEMA_VERSION}: write it "
            "again with this one, or compare with the commit itself, --base REF"
        )
    for name, stack in found["stacks"].items():
        missing = [key for key in _KEYS if not isinstance(stack, dict) or key not in stack]
        if missing:
            raise SourceError(f"{shown}: the report of {name} lacks {', '.join(missing)}; write it again")
    return {"errors": [], **found}


@contextlib.contextmanager
def checkout(project: Project, ref: str) -> Iterator[Checkout]:
    """The program of `ref`. SourceError when there is no such commit, or no program of this project in it."""
    top = Path(_git(project.directory, ref, "rev-parse", "--show-toplevel"))
    if ref.startswith("-"):
        raise SourceError(f"--base {ref}: is no name of a commit; allowed are branches, tags and commits")
    try:
        commit = _git(top, ref, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    except SourceError:
        raise SourceError(
            f"--base {ref}: there is no such commit or file. Name a branch, a tag, a commit or a saved report; in a "
            "shallow clone fetch it first (git fetch --unshallow, or fetch-depth: 0 of actions/checkout)"
        ) from None
    folder = Path(tempfile.mkdtemp(prefix="preflight-base-"))
    tree = folder / "tree"
    try:
        _git(top, ref, "worktree", "add", "--detach", "--force", str(tree), commit)
        directory = tree / project.directory.resolve().relative_to(top.resolve())
        yield Checkout(commit, _opened(directory, project, ref))
    finally:
        with contextlib.suppress(SourceError):
            _git(top, ref, "worktree", "remove", "--force", str(tree))
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(SourceError):
            _git(top, ref, "worktree", "prune")


def _opened(directory: Path, project: Project, ref: str) -> Project:
    if not directory.is_dir() or not any((directory / f"Pulumi{suffix}").is_file() for suffix in (".yaml", ".yml")):
        raise SourceError(
            f"--base {ref}: has no Pulumi.yaml in this folder, so there is no program to compare with; name a commit "
            "in which the program exists"
        )
    try:
        _lend_environment(directory, project)
        _lend_bytecode(directory, project)
        return open_project(directory)
    except SourceError as error:
        raise SourceError(*(f"--base {ref}: {message}" for message in error.messages)) from None


def _lend_environment(directory: Path, project: Project) -> None:
    """A checkout has no virtual environment of its own: it gets that of the program as it is now."""
    interpreter = Path(project.interpreter)
    own = interpreter.parent.parent
    if not own.is_relative_to(project.directory) or own == project.directory:
        return
    place = directory / own.relative_to(project.directory)
    if not os.path.lexists(place) and place.parent.is_dir():
        place.symlink_to(own, target_is_directory=True)


def _lend_bytecode(directory: Path, project: Project) -> None:
    """A checkout has nothing compiled: what is the same in both gets what was compiled of the program as it is now.

    Python takes a compiled file for that of a source by the source's time and size, so the time is lent too.
    """
    root = project.directory
    for folder, folders, files in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith(".")]
        here = root / Path(folder).relative_to(directory)
        compiled = here / _COMPILED
        if not compiled.is_dir():
            continue
        with contextlib.suppress(OSError):  # it is compiled anew then
            _lend(Path(folder), here, {name for name in files if name.endswith(".py")})


def _lend(folder: Path, here: Path, sources: set[str]) -> None:
    for name in os.listdir(here / _COMPILED):
        module, _, form = name.partition(".")
        source = f"{module}.py"
        if source not in sources or form.count(".") != 1:  # a test runner's, or optimized: compiled anew if wanted
            continue
        if (status := _status_if_equal(here / source, folder / source)) is not None:
            os.utime(folder / source, ns=(status.st_atime_ns, status.st_mtime_ns))
            (folder / _COMPILED).mkdir(exist_ok=True)
            _link(here / _COMPILED / name, folder / _COMPILED / name)


def _status_if_equal(now: Path, then: Path) -> os.stat_result | None:
    """The status of a source that is as it was; None for another, and for one that is gone."""
    try:
        with now.open("rb", 0) as one, then.open("rb", 0) as other:
            status = os.fstat(one.fileno())
            same = status.st_size == os.fstat(other.fileno()).st_size and one.read() == other.read()
    except OSError:
        return None
    return status if same else None


def _link(compiled: Path, place: Path) -> None:
    """The same file under another name, or a copy: Python replaces compiled files, it writes into none."""
    try:
        os.link(compiled, place)
    except OSError:  # on another disk, or another user's
        shutil.copyfile(compiled, place)


def _git(folder: Path, ref: str, *arguments: str) -> str:
    # Hooks of the repository may do anything after a checkout; none is wanted here.
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", str(folder), *arguments]
    environment = {
        key: value for key, value in os.environ.items() if key not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
    }
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 a list, no shell
    except OSError as error:
        raise SourceError(
            f"--base {ref}: git cannot be started: {error.strerror}; install it, or give a report"
        ) from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        if "not a git repository" in done.stderr:
            raise SourceError(
                f"--base {ref}: {folder} is in no git repository, so there is no commit to compare with: give a report "
                "that `check --json FILE` wrote of the program as it was"
            )
        raise SourceError(f"--base {ref}: git {arguments[0]} failed: {said[-1] if said else done.returncode}")
    return done.stdout.strip()


@contextlib.contextmanager
def comparing() -> Iterator[None]:
    """Secrets recorded meanwhile, here or in a child, can be compared with each other."""
    before = os.environ.get(COMPARING)
    os.environ[COMPARING] = secrets.token_hex(32)
    try:
        yield
    finally:
        os.environ.pop(COMPARING, None)
        if before is not None:
            os.environ[COMPARING] = before
