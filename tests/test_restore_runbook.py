"""The runbook of restores is followed at night, by somebody tired: what it names has to be there."""

import ast
import json
import re
import subprocess
from pathlib import Path

from components.recovery.roles import BACKUP, POLICIES, POLICIES_OF_S3
from settings.backups import BackupSettings, CopySettings
from settings.section import alias
from tests.gathered import for_each

ROOT = Path(__file__).parent.parent
RUNBOOKS = ROOT / "docs" / "runbooks"
RECOVERY = ("restore.md", "backup-failures.md", "backup-late.md", "restore-unproven.md")
PREFIX = "data-backups"


def text(name: str) -> str:
    return (RUNBOOKS / name).read_text(encoding="utf-8")


def resource_names() -> set[str]:
    """The logical names of what backups are made of, as the code builds them (`{name}` is `data-backups`)."""
    suffixes: set[str] = set()
    for file in (ROOT / "components" / "recovery").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr) and len(node.values) > 1 and isinstance(node.values[1], ast.Constant):
                first = node.values[0]
                if (
                    isinstance(first, ast.FormattedValue)
                    and isinstance(first.value, ast.Name)
                    and first.value.id == "name"
                ):
                    suffixes.add(str(node.values[1].value))
    inner = {f"{one}{other}" for one in ("-check", "-restores", "-copies") for other in suffixes}
    return {f"{PREFIX}{suffix}" for suffix in suffixes | inner}


@for_each("name", RECOVERY)
def test_every_resource_that_is_named_is_one_of_the_program(name: str) -> None:
    named = set(re.findall(rf"{PREFIX}-[a-z-]*[a-z]", text(name)))
    known = resource_names()
    assert f"{PREFIX}-vault" in known and f"{PREFIX}-check-function" in known, "the names are read from the code"
    assert not {one for one in named if one not in known}, "a name that has changed leads nowhere"
    assert named, f"{name} names the resources that it is about"


@for_each("name", RECOVERY)
def test_every_setting_that_is_named_exists(name: str) -> None:
    settings = {alias(BackupSettings, field) for field in BackupSettings.model_fields}
    settings |= {f"copy.{alias(CopySettings, field)}" for field in CopySettings.model_fields}
    for key in re.findall(r"groundwork:data\.backups\.([A-Za-z.]+)", text(name)):
        assert key in settings, key
    for word in ("provenWithinDays", "restoreTest", "startsWithinMinutes"):
        assert word in settings


@for_each("name", RECOVERY)
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text(name)):
        path, _, anchor = target.partition("#")
        file = (RUNBOOKS / path).resolve() if path else RUNBOOKS / name
        assert file.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{target}: there is {sorted(slugs)}"


def test_the_way_back_of_every_kind_is_there() -> None:
    kinds = re.findall(r"ResourceType = Literal\[(.+)\]", (ROOT / "components" / "contracts.py").read_text())[0]
    for kind in re.findall(r'"(\w+)"', kinds):
        assert f"   | {kind} |" in text("restore.md"), f"no row for {kind} in step 3"


def test_the_first_thing_it_says_is_to_delete_nothing() -> None:
    start = text("restore.md").split("## 1.")[0]
    assert "**Delete nothing**" in start and "new" in start


def test_without_tests_of_restores_it_makes_the_role_that_they_would_have_had() -> None:
    """A stack with `restoreTest: null` has no such role: the same policies, the same trust, and it goes again."""
    step, end = text("restore.md").split("## 3.")[1], text("restore.md").split("## 7.")[1]
    assert "A stack with `restoreTest: null` (`dev`) has neither" in step
    for policy in (POLICIES["restore"], POLICIES_OF_S3["restore"]):
        assert f"attach-role-policy --role-name $NAME --policy-arn arn:$PARTITION:iam::aws:policy/{policy}\n" in step
    (trust,) = re.findall(r"--assume-role-policy-document '(.*?)'\n", step, re.DOTALL)
    (statement,) = json.loads(trust.replace("'$ACCOUNT'", "111122223333"))["Statement"]
    assert statement["Principal"] == {"Service": BACKUP}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    assert "aws iam detach-role-policy" in end and "aws iam delete-role --role-name $NAME" in end
    for part in (step, end):
        for block in re.findall(r"^( *)```\n(.*?)^\1```", part, re.DOTALL | re.MULTILINE):
            commands = re.sub(r"<[^<>\n]+>", "placeholder", block[1])
            assert subprocess.run(["bash", "-n"], input=commands, text=True, check=False).returncode == 0, commands
