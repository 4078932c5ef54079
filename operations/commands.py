"""The commands behind `python -m operations`, one function each; they return the exit code."""

import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from operations import budget, engine, late, markdown, plans
from operations import golden as golden_files
from operations import pending as under_way
from operations.git import git
from operations.stacks import Refused, Stack, find
from preflight.counted import counted
from preflight.markdown import bounded

if TYPE_CHECKING:
    from operations.github import Repository

_DRIFT, _CALM = "drift", "no-drift"
_REPORT = re.compile(r"(preflight|preview-[A-Za-z0-9_-]+)\.md")  # the name becomes part of a comment


def preview(options: Namespace) -> int:
    """What an update would change, with the policy pack on."""
    stack = find(options.stack, options.root)
    engine.become(stack, engine.preview_command(stack))


def plan(options: Namespace) -> int:
    """Leaves a plan and the report about it in `<out>`; fails when a policy or the budget is broken, or the preview."""
    stack = find(options.stack, options.root)
    allowed = budget.load(stack.name, stack.root)
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    for stale in (plans.PLAN, plans.REVIEW):
        (folder / stale).unlink(missing_ok=True)
    plans.tree(stack.root)  # before the long part: refuses files that are not committed
    before = engine.state(stack)
    found, code = engine.preview(stack, save_plan=folder / plans.PLAN)
    verdict = budget.check(found, allowed)
    missing: list[str] = []
    if code == 0:
        missing = late.late(stack, found, before)
        plans.save(folder, stack, found, before, missing)
    _report(folder / f"preview-{stack.name}.md", markdown.preview(stack.name, found, verdict, missing))
    for sentence in [*found.errors, *verdict.problems]:
        print(f"{stack.name}: {sentence}", file=sys.stderr)
    for violation in found.violations:
        print(f"{stack.name}: [{violation.level}] {violation.message}", file=sys.stderr)
    return code or int(bool(verdict.problems))


def up(options: Namespace) -> int:
    """Brings the stack to what the program says: asked at a terminal, by CONFIRM, or as far as a reviewed plan goes."""
    stack = find(options.stack, options.root)
    engine.pulumi()  # before anybody is asked to agree
    if options.plan is None:
        confirmed = _confirmed(stack, options.confirm, needed=False)
        engine.become(stack, engine.up_command(stack, confirmed=confirmed))
    review = plans.load(options.plan)
    objections = plans.objections(review, stack, engine.state(stack))
    if objections:
        raise Refused(
            f"the reviewed plan of {stack.name} is stale, nothing was changed: {'; '.join(objections)}. Start the "
            "deploy workflow by hand: it makes a new plan and shows it before anything is changed"
        )
    if not review.late:
        engine.become(stack, engine.up_command(stack, confirmed=True, plan=(options.plan / plans.PLAN).resolve()))
    found, code = engine.preview(stack)
    if code or found.digest != review.digest:
        raise Refused(
            f"a new preview of {stack.name} is not what was reviewed, nothing was changed. "
            f"{' '.join(found.errors) or 'Compare it: make preview STACK=' + stack.name}"
        )
    print(f"No plan can have {', '.join(review.late)}: the update goes by a preview equal to the reviewed one.")
    engine.become(stack, engine.up_command(stack, confirmed=True))


def refresh(options: Namespace) -> int:
    """Brings the state to what AWS says."""
    stack = find(options.stack, options.root)
    engine.pulumi()
    confirmed = _confirmed(stack, options.confirm, needed=False)
    engine.become(stack, engine.refresh_command(stack, confirmed=confirmed))


def destroy(options: Namespace) -> int:
    """Deletes the stack's resources. Of a protected stack only after its name was typed, and never halfway.

    The engine stops at the first protected resource with others already gone (CLI 3.259), so this looks before.
    """
    stack = find(options.stack, options.root)
    engine.pulumi()
    confirmed = _confirmed(stack, options.confirm, needed=stack.protected)
    kept = [entry["urn"] for entry in engine.state(stack) if entry.get("protect")]
    if kept:
        names = ", ".join(urn.rpartition("::")[2] for urn in kept[:6])
        which = f"{counted(len(kept), 'resource')} of {stack.name} {'is' if len(kept) == 1 else 'are'} protected"
        raise Refused(
            f"{which} ({names}{', ...' if len(kept) > 6 else ''}), and the engine would find that out only after "
            "it has deleted others. docs/operating.md, section Retire a stack, "
            "says in which order to go about it; nothing was deleted"
        )
    engine.become(stack, engine.destroy_command(stack, confirmed=confirmed))


def _confirmed(stack: Stack, given: str, *, needed: bool) -> bool:
    """Whether the CLI need not ask. Without a terminal its name must have been given; `needed` asks for it."""
    if given:
        if given != stack.name:
            raise Refused(f"CONFIRM={given} does not name the stack; to agree, say CONFIRM={stack.name}")
        return True
    if not sys.stdin.isatty():
        raise Refused(f"there is no terminal to ask at; to agree beforehand, say CONFIRM={stack.name}")
    if needed:
        typed = input(f"{stack.name} is protected. Type its name to go on: ")
        if typed.strip() != stack.name:
            raise Refused(f"{typed.strip()!r} is not {stack.name!r}; nothing was done")
    return False


def pending(options: Namespace) -> int:
    """Shows what a killed update left open, and leaves `pending-<stack>.json` in `<out>` when there are creations."""
    stack = find(options.stack, options.root)
    folder: Path = options.out
    file = folder / f"pending-{stack.name}.json"
    file.unlink(missing_ok=True)
    found = under_way.steps(engine.deployment(stack))
    if not found:
        print(f"{stack.name}: nothing is under way")
        return 0
    for step in found:
        remark = "  (in place of one that the state has: look for a second one)" if step.replacement else ""
        print(f"{step.operation:9} {step.type}  {step.name}{remark}")
    document = under_way.document(found)
    if document["resources"]:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        print(f"{file}: write the id of each that AWS has, take the others out; docs/operating.md, After a kill")
    return 0


def drift(options: Namespace) -> int:
    """Leaves `drift-<stack>.md` when AWS differs from the state, `no-drift-<stack>` when not; 0 either way."""
    stack = find(options.stack, options.root)
    folder: Path = options.out
    folder.mkdir(parents=True, exist_ok=True)
    for kind in (_DRIFT, _CALM):
        (folder / f"{kind}-{stack.name}.md").unlink(missing_ok=True)
    done = engine.capture(stack, engine.drift_command(stack))
    print(done.stdout, end="")
    if done.returncode == engine.NOT_AS_EXPECTED:
        _report(folder / f"{_DRIFT}-{stack.name}.md", markdown.drift(stack.name, done.stdout))
        print(f"{stack.name}: AWS differs from the state; docs/operating.md, section Drift", file=sys.stderr)
        return 0
    if done.returncode == 0:
        (folder / f"{_CALM}-{stack.name}.md").touch()
    return done.returncode


def drift_issue(options: Namespace) -> int:
    """One open issue for each stack that drifts, none for one that does not."""
    stack = find(options.stack, options.root)
    report: Path = options.out / f"{_DRIFT}-{stack.name}.md"
    text = report.read_text(encoding="utf-8") if report.is_file() else None
    if text is None and not (options.out / f"{_CALM}-{stack.name}.md").is_file():
        raise Refused(f"there is no result of `make drift STACK={stack.name}` in {options.out}, so nothing is known")
    done = _repository().issue(f"drift:{stack.name}", f"Drift in {stack.name}", text)
    print(f"issue about drift in {stack.name}: {done}")
    return 0


def reviewed_plan(options: Namespace) -> int:
    """Fetches the plan of the pull request that became the commit, and looks whether it still fits."""
    stack = find(options.stack, options.root)
    source = _repository().reviewed_plan(options.commit, stack.name, options.out)
    objections = plans.objections(plans.load(options.out), stack, engine.state(stack))
    if objections:
        raise Refused(
            f"the plan of {stack.name} from {source} is stale: {'; '.join(objections)}. Start the deploy workflow by "
            "hand: it makes a new plan and shows it before anything is changed"
        )
    print(f"{stack.name}: the plan of {source} still fits")
    return 0


def preflight(options: Namespace) -> int:
    """Preflight of every stack: `preflight.json`, `preflight.sarif` and `preflight.md` in `<out>`, the summary on
    standard output. With a base, the report says what changes since the branch left it; the exit code is that of the
    check all the same, so that a program may be put right whose base does not run."""
    folder: Path = options.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report, sarif, changes = (folder / name for name in ("preflight.json", "preflight.sarif", "changes.txt"))
    for stale in (report, sarif, changes):
        stale.unlink(missing_ok=True)
    code = _preflight(options.root, "check", "--json", str(report), "--sarif", str(sarif))
    if not report.is_file():
        raise Refused(f"preflight ended with {code} and left no report")
    text = markdown.preflight(json.loads(report.read_text(encoding="utf-8")))
    if options.base:
        start = git(options.root, "merge-base", options.base, "HEAD")
        differs = _preflight(options.root, "diff", "--base", start, "--markdown", str(changes))
        if not changes.is_file():
            raise Refused(f"preflight diff against {start} ended with {differs} and left no report")
        said = changes.read_text(encoding="utf-8")
        text = bounded(f"{said}\n{text}" if code else said)
    _report(folder / "preflight.md", text)
    return code


def _preflight(root: Path, *arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "preflight", *arguments], cwd=root, check=False).returncode  # noqa: S603 # a list, no shell


def comment(options: Namespace) -> int:
    """One comment for each report in `<out>`; a report that was there before is renewed in its place."""
    if not options.number.isascii() or not options.number.isdigit():
        raise Refused(f"which pull request? NUMBER={options.number!r} is no number")
    reports = sorted(path for path in options.out.rglob("*.md") if _REPORT.fullmatch(path.name))
    if not reports:
        raise Refused(f"there is no report (preflight.md, preview-<stack>.md) in {options.out}")
    repository = _repository()
    for report in reports:
        text = bounded(report.read_text(encoding="utf-8"))
        print(f"{report.stem}: {repository.comment(int(options.number), report.stem, text)}")
    return 0


def findings(options: Namespace) -> int:
    """Hands the findings of preflight to code scanning, which shows them on the lines of code."""
    if not re.fullmatch(r"[0-9a-f]{40}", options.commit):
        raise Refused(f"the findings of which commit? COMMIT={options.commit!r} is none")
    if not re.fullmatch(r"refs/(pull/\d+/(merge|head)|heads/[\w./-]+)", options.ref):
        raise Refused(
            f"the findings of which ref? REF={options.ref!r} is none; allowed: refs/heads/..., refs/pull/<number>/merge"
        )
    report = options.out / "preflight.sarif"
    if not report.is_file():
        raise Refused(f"there is no {report}; `make preflight-report` writes it")
    repository = _repository()
    print(f"analysis {repository.findings(report.read_text(encoding='utf-8'), options.commit, options.ref)}")
    return 0


def golden(options: Namespace) -> int:
    """Refuses a changed golden file without a changelog line."""
    print(golden_files.check(options.root, options.base))
    return 0


def _report(path: Path, text: str) -> None:
    """Writes the report, and shows it on the page of the run when there is one: that also works for a fork."""
    path.write_text(text + "\n", encoding="utf-8")
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(text + "\n\n")


def _repository() -> "Repository":
    from operations.github import Repository  # noqa: PLC0415 - a fifth of the time in which the other commands begin

    return Repository.of_this_run()
