"""`python -m preflight check` as a person calls it: a process, its exit code, what it prints, what it leaves behind."""

import json
from pathlib import Path

from preflight.packs import find_pack, pack_config
from preflight.project import open_project
from tests.gathered import for_each
from tests.preflight.cli_support import PACK, PROGRAM, ROOT, Project
from tests.preflight.documents import must_fit


def test_a_program_without_fault_is_summed_up_in_plain_text(project: Project) -> None:
    result = project.check()
    assert (result.code, result.err) == (0, "")
    assert "dev: fine, 2 resources in 1 component" in result.out
    assert "hall (Room): 2 - 2 test.Thing" in result.out
    assert "place = here" in result.out
    assert "known after the deployment: oneId" in result.out
    assert "Policies: none were asked" in result.out
    assert "service quotas" in result.out
    assert "\033" not in result.out


def test_the_json_is_the_same_bytes_from_run_to_run(project: Project) -> None:
    project.pack(PACK)
    texts = []
    for name, fresh in (("one", True), ("two", False)):  # in which texts have other hashes
        project.check("--json", str(project.directory / name), policies=True, fresh=fresh)
        document = json.loads((project.directory / name).read_text())
        must_fit(document, "report")
        for stack in document["stacks"].values():
            assert stack.pop("timings")["update"]["wall"] > 0
        texts.append(json.dumps(document))
    assert texts[0] == texts[1]


IN_TURN = """
import pulumi

for name in "cab":
    made = pulumi.CustomResource("test:index:Thing", name)
made.id.apply(lambda _: pulumi.CustomResource("test:index:Thing", "aa"))
"""


def test_how_many_at_a_time_is_said_wherever_the_time_is_and_the_program_says_in_which_order(project: Project) -> None:
    report, page = project.directory / "report.json", project.directory / "page.html"
    project.write("__main__.py", IN_TURN)
    result = project.check("--parallel", "2", "--json", str(report), "--html", str(page))
    line = json.loads(report.read_text())["stacks"]["dev"]["timeline"]
    assert line["parallel"] == 2
    begins = [(step["urn"].rpartition("::")[2], step["start"]) for step in line["steps"]]
    assert begins == [("a", 0), ("c", 0), ("b", 1), ("aa", 2)]
    assert "2 resources at a time" in result.out
    assert "2 resources at a time" in page.read_text()


def test_json_on_standard_output_stands_alone(project: Project) -> None:
    result = project.check("--json", "-")
    things = [r for r in json.loads(result.out)["stacks"]["dev"]["resources"] if r["type"] == "test:index:Thing"]
    assert [thing["name"] for thing in things] == ["hall-one", "hall-two"]
    assert things[1]["unknownAtPreview"] == ["of"]
    assert things[1]["propertyDependencies"] == {"of": [things[0]["urn"]]}
    assert things[1]["source"] == "__main__.py:14"
    assert "dev: fine" in result.err


def test_a_violation_shows_path_fix_and_the_line_and_ends_with_1(project: Project) -> None:
    project.pack(PACK)
    result = project.check(policies=True)
    assert result.code == 1
    assert "dev: breaks a mandatory rule" in result.out
    assert "mandatory violation [thing-size] hall-one (test.Thing) at __main__.py:13" in result.out
    assert "path: hall -> one" in result.out
    assert "fix: make it larger" in result.out


def test_a_fix_that_is_the_same_for_several_resources_is_shown_once(project: Project) -> None:
    project.pack(PACK.replace("== 1", "in (1, 2, 3)").replace("hall -> one", 'hall -> " + args.name + "'))
    three = "".join(f'Thing("more-{size}", {{"size": {size}}})\n' for size in (2, 3))
    project.write("__main__.py", PROGRAM + three)
    said = project.check(policies=True).out
    assert [said.count(text) for text in ("path: hall -> ", "fix: make it larger", "fix: as above")] == [3, 1, 2]
    assert said.index("fix: make it larger") < said.index("fix: as above")


def test_the_configuration_file_of_the_pack_is_used_and_can_be_named(project: Project) -> None:
    project.pack(PACK)
    project.write("policy/config/dev.json", '{"sizes": "advisory"}')
    assert project.check(policies=True).code == 0
    named = project.write("strict.json", '{"sizes": "mandatory"}')
    assert project.check("--policy-config", str(named), policies=True).code == 1
    wrong = project.write("wrong.json", '{"size": "mandatory"}')
    result = project.check("--policy-config", str(wrong), policies=True)
    assert result.code == 3
    assert "there is no policy 'size', did you mean 'sizes'?" in result.out


def test_a_program_without_a_pack_is_judged_by_ours_but_not_by_the_settings_of_our_stacks(project: Project) -> None:
    borrowed = find_pack(open_project(project.directory), None)
    assert borrowed.directory == ROOT / "policy"
    assert (ROOT / "policy" / "config" / "dev.json").is_file()
    assert pack_config(borrowed, "dev", None) == {}
    assert pack_config(find_pack(open_project(ROOT), None), "dev", None) != {}


def test_a_pack_that_crashes_ends_with_3_and_the_resources_are_still_shown(project: Project) -> None:
    project.pack("raise RuntimeError('no rules today')\n")
    result = project.check(policies=True)
    assert result.code == 3
    assert "no rules today" in result.out
    assert "hall (Room): 2" in result.out
    assert "0 mandatory" not in result.out or "policy error" in result.out


@for_each(
    "file, text, arguments, expected",
    [
        ("Pulumi.yaml", "name: shop\nruntime: go\n", [], "Pulumi.yaml:2: runtime is 'go'"),
        ("Pulumi.yaml", "", [], "Pulumi.yaml: the file is empty"),
        ("Pulumi.dev.yaml", "config: [\n", [], "Pulumi.dev.yaml:2:1: this is not valid YAML"),
        ("Pulumi.dev.yaml", "", [], "Pulumi.dev.yaml: the file is empty"),
        ("Pulumi.dev.yaml", "config: [a]\n", [], "`config:` must be a map"),
        ("other.txt", "", ["dve"], "there is no stack 'dve': Pulumi.dve.yaml does not exist, did you mean 'dev'?"),
        ("other.txt", "", ["--config", "x"], "input error: --config 'x': write key=value"),
        ("other.txt", "", ["--answers", "/nowhere.json"], "--answers /nowhere.json: cannot be read: No such file"),
        (
            "other.txt",
            "",
            ["--json", "/nowhere/report.json"],
            "--json /nowhere/report.json: cannot be written: No such file",
        ),
        (
            "other.txt",
            "",
            ["--html", "report", "--sarif", "./report"],
            "--html report and --sarif ./report are one file; give each report its own",
        ),
        ("other.txt", "", ["--html", "/dev/full"], "--html /dev/full: cannot be written: No space left on device"),
        ("other.txt", "", ["--timeout", "soon"], "'soon' is not a number of seconds"),
        ("other.txt", "", ["--timeout", "nan"], "'nan' is not a number of seconds"),
        ("other.txt", "", ["--jsn", "x"], "unrecognized arguments: --jsn"),
        ("Pulumi.dev.yaml", "config:\n  a: &b [*b]\n", [], "Pulumi.dev.yaml:2: the alias *b holds itself"),
        ("Pulumi.dev.yaml", "config: " + "[" * 200_000, [], "Pulumi.dev.yaml:1: nested more than 100 deep"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    project: Project, file: str, text: str, arguments: list[str], expected: str
) -> None:
    project = Project(project.directory)  # as it was before
    project.write(file, text)
    result = project.check(*arguments)
    assert result.code == 2
    assert expected in " ".join(result.everything.split())
    assert "Traceback" not in result.everything


def test_a_missing_project_file_and_a_missing_pack_are_named(project: Project) -> None:
    result = project.check("--policy", str(project.directory / "rules"), policies=True)
    assert result.code == 2
    assert "there is no policy pack in" in result.out
    (project.directory / "Pulumi.yaml").unlink()
    result = project.check()
    assert result.code == 2
    assert "there is no Pulumi.yaml here" in " ".join(result.out.split())


def test_a_configuration_of_the_pack_that_cannot_be_read_is_a_mistake_of_the_command_line(project: Project) -> None:
    project.pack(PACK)
    broken = project.write("broken.json", '{"sizes": ')
    for file, said in ((broken, "not valid YAML"), (project.directory / "nowhere.json", "cannot be read")):
        result = project.check("--policy-config", str(file), policies=True)
        assert result.code == 2
        assert f"--policy-config {file}" in result.out.replace("\n    ", " ")
        assert said in " ".join(result.out.split())
        assert "dev: not run, its stack file or an option is wrong" in result.out


def test_a_malformed_option_is_told_once_and_blames_no_stack(project: Project) -> None:
    project.write("Pulumi.prod.yaml", "config: {}\n")
    result = project.check("--config", "foo", "--config", "=3", "--config", "a=1")
    assert result.code == 2
    assert result.out.count("write key=value") == 2
    assert "stack file is wrong" not in result.out


def test_a_report_that_cannot_be_written_is_noticed_before_the_run(project: Project) -> None:
    project.write("__main__.py", "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n")
    (project.directory / "folder").mkdir()
    for place in ("nowhere/report.json", "folder"):
        result = project.check("--json", str(project.directory / place))
        assert result.code == 2
        assert result.err.startswith(f"preflight: --json {project.directory / place}: cannot be written: ")
        assert not (project.directory / "ran").exists()
        assert result.out == ""


def test_a_report_is_only_there_once_it_is_written(project: Project) -> None:
    project.write("__main__.py", "import pathlib, pulumi\npulumi.export('seen', pathlib.Path('r.json').exists())\n")
    assert project.check("--json", str(project.directory / "r.json")).code == 0
    document = json.loads((project.directory / "r.json").read_text())
    assert document["stacks"]["dev"]["exports"]["seen"]["value"] is False


def test_a_configuration_of_the_pack_without_a_stack_and_a_stack_without_one_are_noted(project: Project) -> None:
    project.pack(PACK.replace("MANDATORY", "ADVISORY"))
    for stack in ("dev", "prdo"):
        project.write(f"policy/config/{stack}.json", "{}")
    project.write("Pulumi.prod.yaml", "config: {}\n")
    result = project.check("--json", "-", policies=True)
    document = json.loads(result.out)
    must_fit(document, "report")
    defaults = "the policy pack takes its defaults for 'prod'. Copy another stack's, or write {}"
    for stack in ("dev", "prod"):
        assert document["stacks"][stack]["notes"] == [
            "policy/config/prdo.json is for a stack that has no stack file: 'prdo' was not checked, did you mean 'prod'?",
            f"policy/config/prod.json does not exist: {defaults}",
        ]
    assert result.code == 0


def test_the_stack_trace_of_the_program_is_shown_when_asked_for(project: Project, tmp_path: Path) -> None:
    project.write("__main__.py", "def size():\n    raise ValueError('no such size')\n\n\nsize()\n")
    assert "Traceback" not in project.check(kept=tmp_path).everything
    said = project.check("--verbose", kept=tmp_path).err
    assert said.count("Traceback (most recent call last)") == 1, "both modes say the same, once"
    assert "--- dev, preview and update:" in said
    assert 'line 5, in <module>\n    size()\n  File "' in said
    assert str(ROOT / "preflight") not in said, "only the program's frames"


def test_a_program_that_ends_its_process_is_wrong_not_preflight(project: Project) -> None:
    project.write("__main__.py", "import os\nos._exit(7)\n")
    result = project.check()
    assert result.code == 2
    assert "__main__.py:2: the program ended its process with os._exit(7)" in result.out


def test_a_warning_of_the_program_is_noted_once(project: Project, tmp_path: Path) -> None:
    project.write("__main__.py", "import pulumi\npulumi.log.warn('this is newer than our table')\n")
    for arguments in ([], ["--verbose"]):
        result = project.check(*arguments, kept=tmp_path)
        assert result.code == 0
        assert result.out.count("- the program warns: this is newer than our table") == 1
        assert "newer" not in result.err


def test_all_bad_input_is_told_at_once_one_error_for_each(project: Project) -> None:
    project.write("Pulumi.dev.yaml", "config:\n  a: 1\n  a: 2\n  b: !vault x\n")
    config = project.write("pack.json", "[]")
    document = project.report("dev", "--policy-config", str(config), policies=True)
    kinds = [(error["kind"], error["source"], error["phases"]) for error in document["stacks"]["dev"]["errors"]]
    assert kinds == [("input", None, [])] * 3
    messages = [error["message"] for error in document["stacks"]["dev"]["errors"]]
    assert [part in message for part, message in zip(("twice", "!vault", "a map from"), messages, strict=True)] == [
        True
    ] * 3
    document = project.report("--answers", "/nowhere", "--stack-outputs", "/nowhere", "--policy", "/", policies=True)
    assert len(document["errors"]) == 3
    assert document["stacks"] == {}


def test_a_message_cannot_command_the_terminal(project: Project) -> None:
    project.write("__main__.py", "raise ValueError('\\x1b[2J\\x1b]0;owned\\x07 \\u202egpj.exe')\n")
    result = project.check()
    assert result.code == 2
    assert "\\x1b[2J\\x1b]0;owned\\x07 \\u202egpj.exe" in result.out
    assert "\033" not in result.out
    assert "\u202e" not in result.out


def test_bad_input_is_in_the_json_too(project: Project) -> None:
    document = project.report("nowhere")
    assert document["stacks"]["nowhere"]["errors"][0]["kind"] == "input"
    assert document["stacks"]["nowhere"]["summary"]["exitCode"] == 2


def test_an_exception_of_the_program_is_named_with_its_place_and_every_stack_is_reported(project: Project) -> None:
    project.write("Pulumi.prod.yaml", "config: {}\n")
    project.write("__main__.py", PROGRAM + "\nif pulumi.get_stack() == 'prod':\n    raise ValueError('no such size')\n")
    result = project.check()
    assert result.code == 2
    assert "dev: fine" in result.out
    assert "prod: the program or its stack file is wrong" in result.out
    assert "__main__.py:22" in result.out
    assert "no such size" in result.out
    assert "Traceback" not in result.out


def test_a_secret_that_cannot_be_decrypted_is_explained_and_can_be_given(project: Project) -> None:
    project.write("Pulumi.dev.yaml", "config: {shop:pin: {secure: AAABcipher}}\n")
    project.write("__main__.py", "import pulumi\nint(pulumi.Config().require('pin'))\n")
    failed = project.check()
    assert failed.code == 2
    assert "shop:pin" in failed.out
    assert "--config shop:pin=" in failed.out
    assert project.check("--config", "pin=4711").code == 0


def test_a_secret_that_a_program_refuses_is_cured_by_giving_it_a_value(project: Project) -> None:
    project.write("Pulumi.dev.yaml", "config: {shop:mail: {days: 3, to: {secure: AAABcipher}}}\n")
    project.write(
        "__main__.py",
        """
        import pulumi
        from pulumi.runtime.config import is_config_secret
        if is_config_secret("shop:mail"):
            raise pulumi.RunError("plain values only")
        pulumi.export("to", pulumi.Config().require_object("mail")["to"].replace("@", " at "))
        """,
    )
    refused = project.check()
    assert refused.code == 2
    assert "give a value for this check: --config shop:mail.to=..." in " ".join(refused.out.split())
    given = project.check("--config", "shop:mail.to=me@example.com")
    assert given.code == 0
    assert "to = me at example.com" in given.out
    assert "cannot be decrypted" not in given.out


def test_a_secret_given_on_the_command_line_is_never_printed(project: Project) -> None:
    project.write("Pulumi.dev.yaml", "config: {shop:token: {secure: AAABcipher}}\n")
    project.write(
        "__main__.py",
        """
        import pulumi
        token = pulumi.Config().require("token")
        print("the token is", token)
        hidden = pulumi.Config().require_secret("token")
        pulumi.CustomResource("test:index:Thing", "thing", {"token": hidden, "plain": token})
        pulumi.export("address", f"https://{token}@example.com")
        pulumi.export("hidden", hidden)
        """,
    )
    result = project.check("--config", "token=hunter2222", "--verbose", "--json", "-")
    assert result.code == 0
    assert "hunter2222" not in result.everything
    assert "the token is [secret]" in result.err
    assert "hidden = [secret]" in result.err
    project.write("Pulumi.dev.yaml", "config: {shop:db: {user: app, password: {secure: AAABcipher}}}\n")
    project.write(
        "__main__.py",
        """
        import pulumi
        password = pulumi.Config().require_object("db")["password"]
        print("the password is", password)
        pulumi.export("address", f"https://{password}@example.com")
        """,
    )
    result = project.check("--config", "db.password=hunter2222", "--verbose", "--json", "-")
    assert "https://[secret]@example.com" in result.out
    assert "the password is [secret]" in result.err
    assert "hunter2222" not in result.everything
    project.write("Pulumi.dev.yaml", "config: {shop:token: {secure: AAABcipher}}\n")
    project.write("__main__.py", "import pulumi\nraise ValueError(pulumi.Config().require('token'))\n")
    assert "hunter2222" not in project.check("--config", "token=hunter2222").everything


def test_an_abbreviated_option_is_refused_and_writes_nothing(project: Project) -> None:
    for option in ("--htm", "--js"):
        result = project.check(option, str(project.directory / "out"))
        assert result.code == 2
        assert option in result.everything
    assert not (project.directory / "out").exists()
