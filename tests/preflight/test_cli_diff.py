"""`python -m preflight diff` as a person calls it: against a commit, against a saved report, against nothing."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.gathered import for_each
from tests.preflight.cli_support import Project, Result, called
from tests.preflight.documents import must_fit

DAMAGED = dict.fromkeys(("findings", "exports", "cost", "timeline", "reach", "resilience", "summary")) | {
    "resources": 3, "errors": [],
}  # fmt: skip
PROGRAM = """\
import pulumi
import pulumi_aws as aws

config = pulumi.Config()
bucket = aws.s3.Bucket("files", tags={"owner": "OWNER"})
aws.ssm.Parameter("token", type="SecureString", value=pulumi.Output.secret("SECRET"))
aws.ssm.Parameter("where", type="String", value=bucket.arn)
"""


class Repository(Project):
    """The project under git, with one commit on `main`."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.program()
        if not (directory / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main", "--template=")
            self.commit()

    def program(self, owner: str = "me", secret: str = "first-password") -> None:
        self.write("__main__.py", PROGRAM.replace("OWNER", owner).replace("SECRET", secret))

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.directory, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")
        return self.git("rev-parse", "HEAD")

    def diff(self, *arguments: str, fresh: bool = False) -> Result:
        return called("diff", "--program", str(self.directory), "--no-policy", *arguments, fresh=fresh)

    def document(self, *arguments: str) -> dict[str, Any]:
        found = json.loads(self.diff(*arguments, "--json", "-").out)
        must_fit(found, "diff")
        return dict(found)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Repository(tmp_path_factory.mktemp("made") / "shop").directory


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Repository:
    return Repository(shutil.copytree(made, tmp_path / "shop"))


def actions(found: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["action"] for each in found["stacks"]["dev"]["resources"]}


def test_a_change_is_told_against_the_commit_and_nothing_is_left_behind(repository: Repository, tmp_path: Path) -> None:
    before = repository.git("status", "--porcelain")
    commit = repository.git("rev-parse", "HEAD")
    repository.program(owner="you")
    comment = tmp_path / "comment.md"
    found = repository.document("--base", "main", "--markdown", str(comment))
    assert actions(found) == {"files": "update"}
    (change,) = found["stacks"]["dev"]["resources"][0]["changes"]
    assert (change["path"], change["before"], change["after"]) == ("tags.owner", "me", "you")
    assert found["base"] == {"kind": "commit", "name": "main", "commit": commit}
    assert "tags.owner" in comment.read_text()
    assert len(repository.git("worktree", "list").splitlines()) == 1
    assert before == ""
    assert repository.git("branch", "--list") == "* main"


def test_a_changed_secret_is_found_and_its_value_is_nowhere(repository: Repository, tmp_path: Path) -> None:
    repository.program(secret="second-password")
    comment = tmp_path / "comment.md"
    result = repository.diff("--base", "main", "--all", "--json", "-", "--markdown", str(comment))
    assert actions(json.loads(result.out)) == {"token": "update"}
    for text in (result.everything, comment.read_text()):
        assert "password" not in text
        assert "fingerprint" not in text
        assert "[secret] changed" in text or "$secret" in text


def test_two_runs_say_the_same_byte_for_byte(repository: Repository) -> None:
    repository.program(owner="you", secret="other-password")
    new, other = (repository.diff("--base", "HEAD", "--json", "-", fresh=fresh).out for fresh in (True, False))
    assert actions(json.loads(new)) == {"files": "update", "token": "update"}
    assert new == other, "though texts have other hashes"


def test_a_saved_report_is_a_base_too(repository: Repository, tmp_path: Path) -> None:
    saved = tmp_path / "base.json"
    assert repository.check("--json", str(saved)).code == 0
    repository.program(owner="you", secret="second-password")
    found = repository.document("--base", str(saved))
    assert actions(found) == {"files": "update"}
    assert found["base"]["kind"] == "report"
    assert "not known (token, where)" in found["stacks"]["dev"]["notes"][0]


def test_a_stack_that_a_saved_report_does_not_hold_is_left_out_and_not_new(
    repository: Repository, tmp_path: Path
) -> None:
    saved, comment = tmp_path / "base.json", tmp_path / "comment.md"
    repository.write("Pulumi.prod.yaml", "config: {aws:region: eu-west-1}\n")
    for held, other in (("dev", "prod"), ("prod", "dev")):
        assert repository.check(held, "--json", str(saved)).code == 0
        found = repository.document("--base", str(saved), "--markdown", str(comment))
        assert {name: stack["state"] for name, stack in found["stacks"].items()} == {held: "compared"}
        note = f"{other}: not compared, as {saved} does not hold it"
        assert found["notes"] == [note]
        told = " ".join(repository.diff("--base", str(saved)).out.split())
        assert note in told and "a new stack" not in told
        assert f"\n\n`{note}`\n\n" in comment.read_text()
        assert repository.document(held, "--base", str(saved))["notes"] == []


def test_a_named_stack_that_a_saved_report_does_not_hold_cannot_be_compared(
    repository: Repository, tmp_path: Path
) -> None:
    saved = tmp_path / "base.json"
    repository.write("Pulumi.prod.yaml", "config: {aws:region: eu-west-1}\n")
    assert repository.check("dev", "--json", str(saved)).code == 0
    for named in (["prod"], ["prod", "dev"]):
        result = repository.diff(*named, "--base", str(saved))
        assert result.code == 2
        said = " ".join(result.everything.split())
        assert "the report holds no stack 'prod', but stack 'dev'" in said
        assert f"check {' '.join(sorted(named))} --json FILE" in said
        assert "new" not in said
    (repository.directory / "Pulumi.dev.yaml").unlink()
    assert "no stack 'prod', but stack 'dev'" in " ".join(repository.diff("--base", str(saved)).everything.split())


@for_each(
    "content, said",
    [
        ('{"schemaVersion": 99, "stacks": {}}', "is a report of schema 99, this preflight reads 1"),
        ('{"schemaVersion": true, "stacks": {}}', "is a report of schema True"),
        ('{"stacks": 3}', "is no report of preflight"),
        ('{"schemaVersion": 1, "stacks": {"dev": {}}}', "the report of dev lacks resources"),
        ('{"schemaVersion": 1, "stacks": {}}', "the report holds no stack 'dev', but none"),
        (
            '{"schemaVersion": 1, "stacks": {}, "errors": [{"kind": "input", "message": "of old"}]}',
            "in it: of old",
        ),
        ("{", "is no JSON"),
        (
            json.dumps({"schemaVersion": 1, "stacks": {"dev": DAMAGED}}),
            "is not as `python -m preflight check --json FILE`",
        ),
    ],
)
def test_a_file_that_is_no_report_of_this_schema_is_refused(
    repository: Repository, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "base.json"
    file.write_text(content)
    result = repository.diff("--base", str(file))
    assert result.code == 2
    assert said in " ".join(result.everything.split())
    assert "Traceback" not in result.everything


@for_each("ref", ["nowhere", "v9.9", "HEAD~7", "missing.json", "--output=x"])
def test_a_base_that_does_not_exist_is_said_with_what_to_do(repository: Repository, ref: str) -> None:
    result = repository.diff(f"--base={ref}")
    assert result.code == 2
    assert f"--base {ref}" in result.everything
    assert "Traceback" not in result.everything
    assert result.everything.count("\n") < 6


def test_a_base_from_before_the_program_is_said(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "early")
    repository.git("rm", "-r", "--quiet", "--cached", ".")
    repository.git("commit", "--quiet", "--allow-empty", "--message=x")
    repository.git("checkout", "--quiet", "--force", "main")
    result = repository.diff("--base", "early")
    assert result.code == 2
    assert "has no Pulumi.yaml" in result.everything


def test_a_project_outside_of_git_is_said(project: Project) -> None:
    outside = str(project.directory.parent)
    result = called("diff", "--program", str(project.directory), "--base", "main", GIT_CEILING_DIRECTORIES=outside)
    assert result.code == 2
    said = " ".join(result.everything.split())
    assert "is in no git repository" in said
    assert "give a report that `check --json FILE` wrote" in said


def test_a_base_whose_program_fails_stops_the_comparison_and_says_whose_fault_it_is(repository: Repository) -> None:
    repository.write("__main__.py", "raise ValueError('boom')\n")
    repository.commit()
    repository.program()
    result = repository.diff("--base", "HEAD")
    assert result.code == 2
    assert re.search(r"HEAD \(\w{10}\): program error", result.out)
    assert "boom" in result.out


def test_a_stack_that_the_base_does_not_have_is_new(repository: Repository) -> None:
    repository.write("Pulumi.prod.yaml", "config: {aws:region: eu-west-1}\n")
    found = repository.document("--base", "main")
    assert {name: stack["state"] for name, stack in found["stacks"].items()} == {"dev": "compared", "prod": "new"}
    assert found["stacks"]["prod"]["summary"]["add"] == 3


def test_a_program_in_a_folder_of_the_repository_is_compared_with_the_same_folder(tmp_path: Path) -> None:
    outer = Repository(tmp_path / "outer")
    inner = Project(outer.directory / "infra")
    inner.write("__main__.py", PROGRAM.replace("OWNER", "inner"))
    outer.commit()
    inner.write("__main__.py", PROGRAM.replace("OWNER", "changed"))
    found = outer.document("--base", "HEAD", "--program", str(inner.directory))
    (change,) = found["stacks"]["dev"]["resources"][0]["changes"]
    assert (change["before"], change["after"]) == ("inner", "changed")


def test_encrypted_configuration_is_compared_by_its_ciphertext(repository: Repository) -> None:
    repository.write("Pulumi.dev.yaml", "config:\n  aws:region: eu-west-1\n  shop:token: {secure: v1:aaaa}\n")
    repository.commit()
    repository.write("Pulumi.dev.yaml", "config:\n  aws:region: eu-west-1\n  shop:token: {secure: v1:bbbb}\n")
    found = repository.document("--base", "HEAD")
    assert found["stacks"]["dev"]["secretConfiguration"] == ["shop:token"]
    assert "v1:bbbb" not in str(found)
