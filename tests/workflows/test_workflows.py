"""The workflows: what starts them, what each job may do, in which order, and that every command also runs elsewhere."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from components.compute.registry import PLATFORMS
from settings.containers import SizeSettings
from tests.gathered import for_each
from tests.workflows.workflows import (
    ROOT,
    STACKS,
    TEXTS,
    WORKFLOWS,
    environment,
    job,
    jobs,
    make_targets,
    runs,
    variables,
)

PULL, DEPLOY, DRIFT, NIGHTLY = "pull-request.yml", "deploy.yml", "drift.yml", "nightly.yml"
OWN = "github.event.pull_request.head.repo.full_name == github.repository"
# Reviewed one by one: each was found, with its version, in the workflows of several unrelated public repositories.
ACTIONS = {
    "actions/checkout": ("de0fac2e4500dabe0009e67214ff5f5447ce83dd", "v6.0.2"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/setup-python": ("a309ff8b426b58ec0e2a45f0f869d46889d02405", "v6.2.0"),
    "actions/upload-artifact": ("043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"),
    "aws-actions/configure-aws-credentials": ("8df5847569e6427dd6c4fb1cf565c83acfa8afa7", "v6.0.0"),
    "docker/setup-qemu-action": ("06116385d9baf250c9f4dcb4858b16962ea869c3", "v4.1.0"),
    "pulumi/actions": ("8e5e406f4007fca908480587cb9893c07090f58d", "v7.0.0"),
}
# What that action starts with all rights of the machine; found in the same way.
EMULATORS = (
    "docker.io/tonistiigi/binfmt:qemu-v10.2.3-68"
    "@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0"
)
# All that any job may do, written here once more: a permission more is a decision, not an edit.
PERMISSIONS = {
    (PULL, "check"): {"contents": "read"},
    (PULL, "engine"): {"contents": "read"},
    (PULL, "preflight"): {"contents": "read"},
    (PULL, "preview"): {"contents": "read", "id-token": "write"},
    (PULL, "comment"): {"contents": "read", "pull-requests": "write"},
    (PULL, "findings"): {"contents": "read", "security-events": "write"},
    (DEPLOY, "plan"): {"actions": "read", "contents": "read", "id-token": "write", "pull-requests": "read"},
    **{(DEPLOY, stack): {"contents": "read", "id-token": "write"} for stack in STACKS},
    (DRIFT, "drift"): {"contents": "read", "id-token": "write"},
    (DRIFT, "issue"): {"contents": "read", "issues": "write"},
    (NIGHTLY, "engine"): {"contents": "read"},
}
every_job = for_each("workflow, name", jobs())


def steps_using(workflow: str, name: str, action: str) -> list[dict[str, Any]]:
    return [step for step in job(workflow, name)["steps"] if step.get("uses", "").startswith(f"{action}@")]


def test_each_workflow_starts_when_it_should_and_never_otherwise() -> None:
    assert {name: workflow["on"] for name, workflow in WORKFLOWS.items()} == {
        PULL: {"pull_request": {"branches": ["main"]}},
        DEPLOY: {"push": {"branches": ["main"]}, "workflow_dispatch": None},
        DRIFT: {"schedule": [{"cron": "17 3 * * *"}], "workflow_dispatch": None},
        NIGHTLY: {"schedule": [{"cron": "43 1 * * *"}], "workflow_dispatch": None},
    }, "pull_request_target and workflow_run would give a stranger's code our credentials"


def test_no_job_may_do_more_than_is_written_here() -> None:
    assert [name for name, workflow in WORKFLOWS.items() if workflow["permissions"] != {}] == []
    assert {(file, name): job(file, name)["permissions"] for file, name in jobs()} == PERMISSIONS


def test_no_job_both_holds_credentials_and_may_write_to_the_repository() -> None:
    both = [
        place
        for place, granted in PERMISSIONS.items()
        if "id-token" in granted and "write" in {level for scope, level in granted.items() if scope != "id-token"}
    ]
    assert both == []


@every_job
def test_every_action_is_pinned_by_a_reviewed_commit_with_its_version(workflow: str, name: str) -> None:
    for step in job(workflow, name)["steps"]:
        if "uses" not in step:
            continue
        action, _, commit = step["uses"].partition("@")
        assert ACTIONS[action][0] == commit
        lines = [line for line in TEXTS[workflow].splitlines() if f"uses: {step['uses']}" in line]
        assert [line for line in lines if f"# {ACTIONS[action][1]}" not in line] == []


@every_job
def test_every_command_is_one_target_of_the_makefile(workflow: str, name: str) -> None:
    commands = runs(workflow, name)
    assert commands, "a job without a command would be tested nowhere else"
    assert [command for command in commands if not re.fullmatch(r"make [a-z-]+", command)] == []
    assert {command.removeprefix("make ") for command in commands} - make_targets() == set()


@every_job
def test_nothing_from_outside_is_written_into_a_command(workflow: str, name: str) -> None:
    assert [command for command in runs(workflow, name) if "${{" in command] == []


@every_job
def test_a_checkout_leaves_no_token_behind(workflow: str, name: str) -> None:
    (checkout,) = steps_using(workflow, name, "actions/checkout")
    assert checkout["with"]["persist-credentials"] is False


@every_job
def test_every_job_ends_by_itself_and_runs_on_a_fixed_system(workflow: str, name: str) -> None:
    assert 5 <= job(workflow, name)["timeout-minutes"] <= (180 if workflow == NIGHTLY else 110)
    assert job(workflow, name)["runs-on"] == "ubuntu-24.04"


@for_each("workflow", sorted(WORKFLOWS))
def test_there_are_no_static_keys(workflow: str) -> None:
    found = re.findall(r"secrets\.|aws-access-key|aws-secret|AKIA|PULUMI_ACCESS_TOKEN|PASSPHRASE", TEXTS[workflow])
    assert found == []


@every_job
def test_whoever_becomes_a_role_may_ask_for_a_token_and_nobody_else(workflow: str, name: str) -> None:
    becomes = bool(steps_using(workflow, name, "aws-actions/configure-aws-credentials"))
    assert becomes == ("id-token" in job(workflow, name)["permissions"])


def test_a_fork_gets_no_credentials_and_no_right_to_write() -> None:
    for name in ("preview", "comment", "findings"):
        assert OWN in job(PULL, name)["if"]
    for name in ("check", "engine", "preflight"):
        assert "if" not in job(PULL, name), "a fork is checked all the same"


def test_no_cloud_call_is_made_for_a_program_that_fails_offline() -> None:
    assert job(PULL, "preview")["needs"] == "preflight"
    assert runs(PULL, "preview") == ["make plan"]


def test_without_an_account_nothing_is_asked_of_aws() -> None:
    for workflow, name in ((PULL, "preview"), (DEPLOY, "plan"), (DRIFT, "drift")):
        assert "vars.AWS_REGION != ''" in job(workflow, name)["if"]


@pytest.mark.parametrize("name", ["comment", "findings"])
def test_a_job_that_may_write_runs_the_code_of_main(name: str) -> None:
    (checkout,) = steps_using(PULL, name, "actions/checkout")
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert runs(PULL, name) == [f"make {name}"]
    assert "!cancelled()" in job(PULL, name)["if"], "a failure is to be told too"


def test_the_report_says_what_changes_since_the_branch_left_main() -> None:
    assert environment(PULL, "preflight", "make preflight-report") == {
        "BASE": "${{ github.event.pull_request.base.sha }}"
    }
    (checkout,) = steps_using(PULL, "preflight", "actions/checkout")
    assert checkout["with"]["fetch-depth"] == 0


def test_findings_go_to_code_scanning_only_where_that_is_switched_on() -> None:
    assert "vars.CODE_SCANNING == 'on'" in job(PULL, "findings")["if"]
    (got,) = steps_using(PULL, "findings", "actions/download-artifact")
    assert got["with"] == {"name": "report-preflight", "path": "build/reports"}
    given = environment(PULL, "findings", "make findings")
    assert (given["COMMIT"], given["REF"]) == ("${{ github.sha }}", "${{ github.ref }}")


def test_reports_and_plans_arrive_where_they_are_looked_for() -> None:
    sent = [step["with"] for step in steps_using(PULL, "preview", "actions/upload-artifact")]
    assert [artifact["name"] for artifact in sent] == ["plan-${{ matrix.stack }}", "report-preview-${{ matrix.stack }}"]
    assert sent[0]["path"].splitlines() == [
        f"build/plans/${{{{ matrix.stack }}}}/{name}.json" for name in ("plan", "review")
    ]
    (got,) = steps_using(PULL, "comment", "actions/download-artifact")
    assert got["with"] == {"pattern": "report-*", "path": "build/reports", "merge-multiple": True}
    (report,) = steps_using(PULL, "preflight", "actions/upload-artifact")
    assert report["with"]["name"] == "report-preflight"
    for name in STACKS:
        (plan,) = steps_using(DEPLOY, name, "actions/download-artifact")
        assert plan["with"] == {"name": f"plan-{name}", "path": f"build/plans/{name}"}
        assert job(DEPLOY, name)["env"]["PLAN"] == f"build/plans/{name}"


def test_a_golden_file_is_compared_with_where_the_branch_left_main() -> None:
    assert environment(PULL, "check", "make golden-check") == {"BASE": "${{ github.event.pull_request.base.sha }}"}
    (checkout,) = steps_using(PULL, "check", "actions/checkout")
    assert checkout["with"]["fetch-depth"] == 0


def test_every_stack_is_previewed_planned_and_watched() -> None:
    for workflow, name in ((PULL, "preview"), (DEPLOY, "plan"), (DRIFT, "drift")):
        assert sorted(entry["stack"] for entry in job(workflow, name)["strategy"]["matrix"]["include"]) == STACKS
    assert sorted(job(DRIFT, "issue")["strategy"]["matrix"]["stack"]) == STACKS


def test_reading_and_deploying_are_different_roles_for_each_stack() -> None:
    for workflow, name, kind in ((PULL, "preview", "PREVIEW"), (DEPLOY, "plan", "PREVIEW"), (DRIFT, "drift", "DRIFT")):
        for entry in job(workflow, name)["strategy"]["matrix"]["include"]:
            stack = variables(entry["stack"])
            assert entry["role"] == f"${{{{ vars.{stack}_{kind}_ROLE }}}}"
            assert entry["backend"] == f"${{{{ vars.{stack}_BACKEND_URL }}}}"
        (become,) = steps_using(workflow, name, "aws-actions/configure-aws-credentials")
        assert become["with"]["role-to-assume"] == "${{ matrix.role }}"
    for stack in STACKS:
        (become,) = steps_using(DEPLOY, stack, "aws-actions/configure-aws-credentials")
        assert become["with"]["role-to-assume"] == f"${{{{ vars.{variables(stack)}_DEPLOY_ROLE }}}}"
        seconds = become["with"]["role-duration-seconds"]
        assert seconds >= job(DEPLOY, stack)["timeout-minutes"] * 60 + 600, "credentials outlast the update"
        assert job(DEPLOY, stack)["env"]["PULUMI_BACKEND_URL"] == f"${{{{ vars.{variables(stack)}_BACKEND_URL }}}}"


def test_production_comes_after_development_and_behind_its_gate() -> None:
    """Other stacks come between or beside them, each with a job and an environment of its own."""
    needs = {name: job(DEPLOY, name).get("needs") for name in STACKS}
    assert needs["dev"] == "plan"
    waits = ["prod"]
    while waits[-1] != "plan":
        waits.append(str(needs[waits[-1]]))
    assert "dev" in waits
    assert set(needs.values()) <= {"plan", *STACKS}
    assert {name: job(DEPLOY, name).get("environment") for name in STACKS} == {name: name for name in STACKS}
    for name in STACKS:
        assert "if" not in job(DEPLOY, name), "a condition of its own would run it although what it needs has failed"
        assert runs(DEPLOY, name) == ["make up"]
        assert "CONFIRM" not in job(DEPLOY, name)["env"], "nothing goes by but what was reviewed"


def test_only_main_is_deployed_and_by_the_reviewed_plan() -> None:
    plan = job(DEPLOY, "plan")
    assert "github.ref == 'refs/heads/main'" in plan["if"]
    chosen = {step["run"]: step["if"] for step in plan["steps"] if "run" in step}
    assert chosen == {
        "make reviewed-plan": "github.event_name == 'push'",
        "make plan": "github.event_name == 'workflow_dispatch'",
    }
    assert environment(DEPLOY, "plan", "make reviewed-plan")["COMMIT"] == "${{ github.sha }}"


def test_an_update_under_way_is_never_ended_by_the_next() -> None:
    for name in STACKS:
        assert job(DEPLOY, name)["concurrency"] == {"group": f"stack-{name}", "cancel-in-progress": False}
    assert "concurrency" not in WORKFLOWS[DEPLOY]
    others = {job(DRIFT, name)["concurrency"]["group"] for name in WORKFLOWS[DRIFT]["jobs"]}
    assert [group for group in others if group.startswith("stack-")] == [], "a waiting look would push out an update"


def test_only_a_run_that_changes_nothing_is_ended_by_the_next() -> None:
    assert WORKFLOWS[PULL]["concurrency"]["cancel-in-progress"] is True
    assert {"make up", "make refresh", "make destroy"} & {
        run for name in WORKFLOWS[PULL]["jobs"] for run in runs(PULL, name)
    } == set()


def test_drift_is_looked_for_with_the_code_of_main_and_told_apart_from_a_failure() -> None:
    assert "github.ref == 'refs/heads/main'" in job(DRIFT, "drift")["if"]
    assert runs(DRIFT, "drift") == ["make drift"]
    assert job(DRIFT, "issue")["needs"] == "drift"
    assert runs(DRIFT, "issue") == ["make drift-issue"]
    for workflow in WORKFLOWS:
        for name in WORKFLOWS[workflow]["jobs"]:
            assert [step for step in job(workflow, name)["steps"] if "continue-on-error" in step] == []


def test_at_night_every_fault_is_tried_and_by_day_a_part() -> None:
    assert runs(NIGHTLY, "engine") == ["make test-engine-nightly"]
    assert runs(PULL, "engine") == ["make test-engine"]
    target = re.compile(r"^(test-engine\S*): engine .*\n\t@(.*)$", re.MULTILINE)
    recipes = dict(target.findall((ROOT / "Makefile").read_text()))
    assert recipes["test-engine-nightly"] == f"GROUNDWORK_NIGHTLY=1 {recipes['test-engine']}"
    engine = ROOT / "tests" / "engine"
    assert 'NIGHTLY = os.environ.get("GROUNDWORK_NIGHTLY") == "1"' in (engine / "night.py").read_text()
    assert "from tests.engine.night import NIGHTLY\n" in (engine / "test_engine_faults.py").read_text()


def test_the_nightly_run_needs_no_account_and_reaches_none() -> None:
    assert "vars." not in TEXTS[NIGHTLY]
    assert "if" not in job(NIGHTLY, "engine"), "it runs before an account is set up, too"
    assert "env" not in job(NIGHTLY, "engine")
    assert not steps_using(NIGHTLY, "engine", "aws-actions/configure-aws-credentials")


def test_the_cli_is_the_version_that_the_engine_tests_build() -> None:
    pins = {
        step["with"]["pulumi-version"]
        for workflow, name in jobs()
        for step in steps_using(workflow, name, "pulumi/actions")
    }
    modules = (ROOT / "tests" / "engine" / "kit" / "go.mod").read_text()
    built = re.search(r"^require github\.com/pulumi/pulumi/pkg/v3 v(\S+)", modules, re.MULTILINE)
    assert built is not None
    assert pins == {built.group(1)}


def test_every_job_that_asks_for_a_preview_or_an_update_installs_the_cli() -> None:
    asking = {"make plan", "make up", "make drift", "make reviewed-plan"}
    asking |= {"make test-engine", "make test-engine-nightly"}
    for workflow, name in jobs():
        needed = bool(asking & set(runs(workflow, name)))
        assert needed == bool(steps_using(workflow, name, "pulumi/actions")), (workflow, name)
        for step in steps_using(workflow, name, "pulumi/actions"):
            assert list(step["with"]) == ["pulumi-version"], "without a command it only installs"


def test_every_job_that_builds_images_can_run_what_a_dockerfile_runs_for_each_architecture_of_the_settings() -> None:
    """A `RUN` is a program of the image's own processor; the runners have the other one of the two."""
    architectures = set(get_args(SizeSettings.model_fields["architecture"].annotation))
    foreign = {PLATFORMS[name].removeprefix("linux/") for name in architectures - {"x86_64"}}
    assert foreign, "else there is nothing to prepare for"
    for workflow, name in jobs():
        commands = runs(workflow, name)
        builds = bool({"make plan", "make up"} & set(commands))
        found = steps_using(workflow, name, "docker/setup-qemu-action")
        assert builds == bool(found), (workflow, name, "emulators run with all rights: only where images are built")
        for step in found:
            assert step["with"] == {"image": EMULATORS, "platforms": ",".join(sorted(foreign)), "cache-image": False}
            (when,) = {
                one.get("if") for one in job(workflow, name)["steps"] if one.get("run") in ("make plan", "make up")
            }
            assert step.get("if") == when, (workflow, name)


def test_the_page_about_operating_explains_every_variable_role_and_workflow() -> None:
    page = (Path(ROOT) / "docs" / "operating.md").read_text()
    names = {name for text in TEXTS.values() for name in re.findall(r"vars\.(\w+)", text)}
    of_a_stack = re.compile(rf"^({'|'.join(map(variables, STACKS))})_")
    spelt = {of_a_stack.sub("<STACK>_", name) for name in names}
    assert {"AWS_REGION", "<STACK>_DEPLOY_ROLE"} <= spelt
    assert {name for name in spelt if f"`{name}`" not in page} == set()
    assert {name for name in WORKFLOWS if name not in page} == set()
