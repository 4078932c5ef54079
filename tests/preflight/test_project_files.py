"""Pulumi.yaml and the stack files: what the program gets, and what a person is told when a file is wrong."""

import json
import sys
from pathlib import Path

import pytest

from preflight.project import open_project
from preflight.stack_config import load
from preflight.stand_in import STAND_IN
from preflight.yaml_source import SourceError
from tests.gathered import for_each

PROJECT = "name: shop\nruntime: python\n"
STACK = "config:\n  aws:region: eu-west-1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project without a mistake; each test changes one thing."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    (tmp_path / "Pulumi.prod.yaml").write_text(STACK)
    (tmp_path / "__main__.py").write_text("")
    return tmp_path


def values(folder: Path, text: str, *overrides: str) -> dict[str, str]:
    (folder / "Pulumi.dev.yaml").write_text(text)
    return load(open_project(folder), "dev", list(overrides)).values


def refused(folder: Path, stack: str = "dev", *overrides: str) -> str:
    with pytest.raises(SourceError) as caught:
        load(open_project(folder), stack, list(overrides))
    return str(caught.value)


def test_a_project_without_a_mistake_is_read(folder: Path) -> None:
    project = open_project(folder)
    assert (project.name, project.main, project.interpreter, project.notes) == ("shop", None, sys.executable, [])
    assert list(project.stack_files()) == ["dev", "prod"], "Pulumi.yaml itself is no stack"


def test_scalars_reach_the_program_as_written_and_objects_as_json(folder: Path) -> None:
    given = values(
        folder,
        "config:\n  version: 1.10\n  on: true\n  empty:\n  country: no\n  shop:count: 007\n"
        "  shop:config:old: x\n  aws:tags: {a: 1, b: [true, no, '5', null, 0.5]}\n",
    )
    assert given == {
        "shop:version": "1.10",
        "shop:on": "true",
        "shop:empty": "",
        "shop:country": "no",
        "shop:count": "007",
        "shop:old": "x",
        "aws:tags": '{"a":1,"b":[true,"no","5",null,0.5]}',
    }


def test_a_stack_without_values_may_say_config_with_nothing_under_it(folder: Path) -> None:
    assert values(folder, "config:\n") == {}


def test_a_secret_becomes_a_stand_in_that_a_note_names(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text(
        "encryptionsalt: v1:x\nconfig:\n  token: {secure: AAABcipher}\n  shop:db: {user: app, password: {secure: B}}\n"
    )
    config = load(open_project(folder), "dev", [])
    assert config.values["shop:token"] == STAND_IN
    assert json.loads(config.values["shop:db"]) == {"user": "app", "password": STAND_IN}
    assert config.secret_keys == ["shop:db", "shop:token"]
    assert config.stand_ins == ["shop:db.password", "shop:token"]
    assert "shop:db.password" in config.notes[0]
    assert "AAAB" not in repr(config), "the cipher text is of no use to anybody"


def test_a_value_given_on_the_command_line_replaces_a_secret_and_is_plain_but_kept_out_of_reports(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text(
        "config:\n  token: {secure: A}\n  db: {user: app, hosts: [{secret: {secure: B}}]}\n"
    )
    config = load(open_project(folder), "dev", ["token=hunter22", "shop:db.hosts[0].secret=a=b"])
    assert config.values["shop:token"] == "hunter22"
    assert json.loads(config.values["shop:db"])["hosts"] == [{"secret": "a=b"}]
    quoted = load(open_project(folder), "dev", ["token=hunter22", 'shop:db["hosts"][0].secret=a=b'])
    assert quoted.stand_ins == [], "another way to write the same path"
    assert config.secret_keys == []
    assert config.stand_ins == []
    assert config.notes == []
    assert config.clear_secrets == ["hunter22"], "shorter texts would tear every report apart"


def test_a_key_stays_secret_while_something_below_it_is_encrypted_or_as_the_project_declares(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text(
        PROJECT + "config:\n  pin: {secret: true}\n  key: {secret: true, type: object}\n"
    )
    (folder / "Pulumi.dev.yaml").write_text(
        "config:\n  pin: {secure: A}\n  key: {a: {secure: A}}\n  db: {one: {secure: A}, two: {secure: B}}\n"
    )
    config = load(open_project(folder), "dev", ["db.one=first", "pin=47114711", "key.a=secondtext"])
    assert config.secret_keys == ["shop:db", "shop:key", "shop:pin"]
    assert config.stand_ins == ["shop:db.two"]
    config = load(open_project(folder), "dev", ["db.one=first", "db.two=other", "pin=12345678", "pin=47114711"])
    assert config.secret_keys == ["shop:key", "shop:pin"]
    assert {"first", "other", "47114711"} <= set(config.clear_secrets)
    config = load(open_project(folder), "dev", ["key.more=thirdtext", "db.three=fourthtext"])
    assert "thirdtext" in config.clear_secrets, "what is added to a key that is declared secret is as secret"
    assert "fourthtext" not in config.clear_secrets


def test_what_replaces_a_secret_twice_is_kept_out_of_reports_both_times(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text("config:\n  token: {secure: A}\n  size: 3\n")
    config = load(open_project(folder), "dev", ["token=hunter22", "token=hunter33", "size=4444"])
    assert config.clear_secrets == ["hunter33"]
    assert config.values["shop:token"] == "hunter33"


def test_an_override_adds_or_replaces_a_plain_value(folder: Path) -> None:
    given = values(folder, STACK, "aws:region=us-west-2", "size=3")
    assert given == {"aws:region": "us-west-2", "shop:size": "3"}


def test_defaults_of_the_project_fill_what_the_stack_leaves_out(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text(
        PROJECT + "config:\n  size: {type: integer, default: 3}\n  aws:region: us-east-1\n  names: [a, b]\n"
        "  mode: {value: quiet}\n"
    )
    assert values(folder, "config:\n  size: 5\n") == {
        "shop:size": "5",
        "aws:region": "us-east-1",
        "shop:names": '["a","b"]',
        "shop:mode": "quiet",
    }


def test_stack_files_may_live_in_a_folder_of_their_own(folder: Path) -> None:
    for word in ("config: stacks", "stackConfigDir: stacks"):
        (folder / "Pulumi.yaml").write_text(f"{PROJECT}{word}\n")
        (folder / "stacks").mkdir(exist_ok=True)
        (folder / "stacks" / "Pulumi.lab.yaml").write_text(STACK)
        assert list(open_project(folder).stack_files()) == ["lab"]


def test_the_virtualenv_of_the_project_runs_it_when_it_exists(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n")
    missing = open_project(folder)
    assert missing.interpreter == sys.executable
    assert "'venv'" in missing.notes[0]
    (folder / "venv" / "bin").mkdir(parents=True)
    (folder / "venv" / "bin" / "python").symlink_to(sys.executable)
    assert open_project(folder).interpreter == str(folder / "venv" / "bin" / "python")
    assert open_project(folder).notes == []


@for_each(
    "text, expected",
    [
        ("", ["Pulumi.yaml: the file is empty", "runtime: python"]),
        ("- a\n", ["Pulumi.yaml:1: a map of keys"]),
        ("runtime: python\n", ["`name:` is missing"]),
        ("name: shop\n", ["`runtime:` is missing", "runtime: python"]),
        ("name: shop\nruntime: nodejs\n", ["Pulumi.yaml:2:", "'nodejs'", "Python programs only"]),
        ("name: [a]\nruntime: python\n", ["Pulumi.yaml:1: `name:` must be text, this is a list"]),
        (PROJECT + "main: infra\n", ["Pulumi.yaml: `main: infra` names infra, which does not exist; create it"]),
        (PROJECT + "config: [a]\n", ["Pulumi.yaml:3: `config:` must be a map", "list"]),
        (
            PROJECT + "config:\n  a: {type: integr}\n",
            ["Pulumi.yaml:4:", "'integr'", "did you mean 'integer'?", "boolean"],
        ),
        (PROJECT + "name: again\n", ["Pulumi.yaml:3:", '"name" is given twice', "line 1"]),
        ("name: shop\nruntime: {name: python, options: [a]}\n", ["Pulumi.yaml:2: `options:` must be a map"]),
        ("name: shop\nruntime: [python]\n", ["Pulumi.yaml:2: `runtime:` must name a language"]),
    ],
)
def test_a_wrong_project_file_is_explained(folder: Path, text: str, expected: list[str]) -> None:
    (folder / "Pulumi.yaml").write_text(text)
    with pytest.raises(SourceError) as caught:
        open_project(folder)
    assert [piece for piece in expected if piece not in str(caught.value)] == [], str(caught.value)


def test_a_project_without_a_program_says_what_to_create(folder: Path) -> None:
    (folder / "__main__.py").unlink()
    with pytest.raises(SourceError) as caught:
        open_project(folder)
    assert str(caught.value) == (
        f"{folder} has no __main__.py, with which a program begins; create it, or name the program's place with "
        "`main:` in Pulumi.yaml"
    )


def test_a_missing_project_file_says_where_one_is(folder: Path) -> None:
    inner = folder / "modules"
    inner.mkdir()
    with pytest.raises(SourceError, match=rf"there is one in .*use --program {folder}"):
        open_project(inner)
    with pytest.raises(SourceError, match="there is no such folder"):
        open_project(folder / "nowhere")


@for_each(
    "text, expected",
    [
        ("", ["Pulumi.dev.yaml: the file is empty", "config: {}"]),
        ("config: [a]\n", ["Pulumi.dev.yaml:1:", "must be a map", "a list"]),
        ("config: us-east-1\n", ["Pulumi.dev.yaml:1:", "'us-east-1'"]),
        ("config:\n  a: [1, 2\n  b: 3\n", ["Pulumi.dev.yaml:3:", "not valid YAML", "begins in line 2"]),
        ("config:\n\ta: 1\n", ["Pulumi.dev.yaml:2:1:", "tabs"]),
        ("config:\n  a: 1\n  a: 2\n", ["Pulumi.dev.yaml:3:", '"a" is given twice', "line 2"]),
        ("config:\n  a: 1\n  shop:a: 2\n", ["Pulumi.dev.yaml:3:", "'shop:a' is given twice", "Pulumi.dev.yaml:2"]),
        ("config:\n  a:b:c:d: 1\n", ["Pulumi.dev.yaml:2:", "'a:b:c:d'", "<namespace>:<name>"]),
        ("just text\n", ["Pulumi.dev.yaml:1:", "`config:`"]),
        ("config:\n  a: !vault x\n", ["Pulumi.dev.yaml:2:", "'!vault'"]),
        ("config:\n  a: !!set {x}\n", ["Pulumi.dev.yaml:2:", "'!!set'"]),
        ("config:\n  a: !!python/object/apply:os.system [id]\n", ["Pulumi.dev.yaml:2:", "'!!python/object/apply"]),
        ("config:\n  a: !!int x\n", ["Pulumi.dev.yaml:2:", "'!!int' does not fit"]),
        ("config:\n  a: *b\n", ["Pulumi.dev.yaml:2: the alias *b has no anchor &b before it"]),
        ("config:\n  a: &b {x: *b}\n", ["Pulumi.dev.yaml:2: the alias *b holds itself"]),
        ("config:\n  z: &b 1\n  a: &b {x: *b}\n", ["Pulumi.dev.yaml:3: the alias *b holds itself"]),
        ("config:\n  a: {<<: 1}\n", ["Pulumi.dev.yaml:2: '<<' merges maps"]),
        ("config:\n  ? [a]\n  : 1\n", ["Pulumi.dev.yaml:2: a key must be a plain word"]),
        ("config: {}\n---\nconfig: {}\n", ["Pulumi.dev.yaml:2: a second document begins here"]),
        ("config:\n  a: \0\n", ["Pulumi.dev.yaml:2: ", "control characters", "take the character out"]),
        ("config:\n  a: " + "[" * 200_000, ["Pulumi.dev.yaml:2: nested more than 100 deep"]),
        ("config:\n  a: " + "{a: " * 101 + "1" + "}" * 101, ["Pulumi.dev.yaml:2: nested more than 100 deep"]),
        (
            "a: &a0 [x, x, x, x]\n" + "".join(f"b{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(20)),
            ["Pulumi.dev.yaml:6: more than 100000 values"],
        ),
    ],
)
def test_a_wrong_stack_file_is_explained_with_its_line(folder: Path, text: str, expected: list[str]) -> None:
    (folder / "Pulumi.dev.yaml").write_text(text)
    message = refused(folder)
    assert [piece for piece in expected if piece not in message] == [], message


def test_all_mistakes_of_a_stack_file_are_told_at_once(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text(PROJECT + "config:\n  size: {type: integer}\n  zone: {type: string}\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  a: 1\n  a: 2\n  b: !vault x\n  c: {d: 1, d: 2}\n  e: *f\n")
    with pytest.raises(SourceError) as caught:
        load(open_project(folder), "dev", [])
    assert [message.split(": ")[0] for message in caught.value.messages] == [
        f"Pulumi.dev.yaml:{n}" for n in (3, 4, 5, 6)
    ]
    (folder / "Pulumi.dev.yaml").write_text("config:\n  size: big\n  a:b:c:d: 1\n  shop:x: 1\n  x: 2\n")
    with pytest.raises(SourceError) as caught:
        load(open_project(folder), "dev", ["nothing", "also"])
    said = "\n".join(caught.value.messages)
    assert len(caught.value.messages) == 6
    for part in ("'a:b:c:d'", "'shop:x' is given twice", "'nothing'", "'also'", "shop:zone", "must be of type integer"):
        assert part in said, part


def test_numbers_are_those_of_pulumi_whatever_their_size(folder: Path) -> None:
    whole, digits = 2**64 - 1, "9" * 5000
    text = (
        f"config:\n  a: [{whole}, {whole + 1}, -{2**63}, 1e999, 0x{'f' * 17}, 0x1F, 0o17, 017, 08, 1_000, {digits}]\n"
    )
    assert json.loads(values(folder, text)["shop:a"]) == [
        whole, 2.0**64, -(2**63), "1e999", "0x" + "f" * 17, 31, 15, 15, 8, 1000, digits,
    ]  # fmt: skip


def test_a_tag_of_yaml_says_what_a_value_is_meant_for(folder: Path) -> None:
    text = "config:\n  a: [!!str 5, !!int '5', ! 5, !!float 5, !!bool 'true', !!null '', !!seq [1], !!map {b: 1}]\n"
    assert json.loads(values(folder, text)["shop:a"]) == ["5", 5, "5", 5, True, None, [1], {"b": 1}]


def test_a_folder_or_a_dead_link_in_the_place_of_a_stack_file_is_not_called_missing(folder: Path) -> None:
    (folder / "Pulumi.lab.yaml").mkdir()
    (folder / "Pulumi.loop.yaml").symlink_to("Pulumi.loop.yaml")
    (folder / "Pulumi.dead.yaml").symlink_to("nowhere.yaml")
    assert list(open_project(folder).stack_files()) == ["dev", "prod"]
    for stack in ("lab", "loop", "dead"):
        message = refused(folder, stack)
        assert f"Pulumi.{stack}.yaml is not a file but a folder, or a link that leads to none" in message
        assert "does not exist" not in message


def test_the_name_of_a_stack_file_is_understood_as_the_stack_that_was_meant(folder: Path) -> None:
    assert "did you mean 'prod'?" in refused(folder, "Pulumi.prod.yaml")


def test_a_stack_that_does_not_exist_lists_those_that_do_and_the_nearest(folder: Path) -> None:
    message = refused(folder, "prd")
    assert "there is no stack 'prd'" in message
    assert "did you mean 'prod'?" in message
    assert "(stacks: dev, prod)" in message


def test_a_project_without_any_stack_file_says_what_to_create(folder: Path) -> None:
    for stack in ("dev", "prod"):
        (folder / f"Pulumi.{stack}.yaml").unlink()
    assert "Pulumi.dev.yaml: there is no stack file in this project; create this one" in refused(folder)


def test_a_file_that_is_not_text_is_refused(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_bytes(b"config:\n  a: \xff\n")
    assert "Pulumi.dev.yaml: not UTF-8" in refused(folder)


def test_a_declared_key_must_be_given_and_have_its_type(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text(PROJECT + "config:\n  size: {type: integer}\n  token: {secret: true}\n")
    missing = refused(folder)
    assert "shop:size (declared at Pulumi.yaml:4)" in missing
    assert "shop:token" in missing, "all that is missing at once"
    (folder / "Pulumi.dev.yaml").write_text("config:\n  size: big\n  token: {secure: A}\n")
    wrong = refused(folder)
    assert "Pulumi.dev.yaml:2: 'shop:size' must be of type integer (declared at Pulumi.yaml:4), but is 'big'" in wrong
    (folder / "Pulumi.dev.yaml").write_text("config:\n  size: 3\n  token: hunter2\n")
    clear = refused(folder)
    assert "declared secret" in clear
    assert "hunter2" not in clear, "a secret in clear text is not repeated"


def test_an_override_inside_an_object_keeps_the_type_of_what_it_replaces(folder: Path) -> None:
    text = "config:\n  db: {size: 1, on: true, version: '17', zones: [a], pause: null, pin: {secure: A}}\n"
    changes = ("size=2", "on=false", "version=18", "zones=[b, c]", "pause=300", "pin=4711")
    given = json.loads(values(folder, text, *(f"shop:db.{change}" for change in changes))["shop:db"])
    assert given == {"size": 2, "on": False, "version": "18", "zones": ["b", "c"], "pause": 300, "pin": "4711"}
    assert json.loads(values(folder, text, "shop:db.pause=null")["shop:db"])["pause"] is None


def test_an_override_reaches_into_a_default_and_gives_what_is_missing(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text(PROJECT + "config:\n  size: {type: integer}\n  db: {default: {port: 1}}\n")
    given = values(folder, "config: {}\n", "size=3", "shop:db.port=2")
    assert given == {"shop:size": "3", "shop:db": '{"port":2}'}


@for_each(
    "override, expected",
    [
        ("shop:db.hosts=[a", "--config shop:db.hosts:2:1: this is not valid YAML"),
        ("region", "write key=value"),
        ("=x", "write key=value"),
        ("shop:db.hosts[3]=x", "there is no 3 at this place (known: [0])"),
        ("shop:db.hosts.a=x", "there is no 'a' at this place (known: [0])"),
        ("shop:db[0]=x", "there is no 0 at this place (known: hosts)"),
        ("shop:db.new[1]=x", "there is no 1 at this place (known: nothing)"),
        ("shop:db.hosts[0].a=x", "is a plain value"),
        ("shop:size.a=x", "'shop:size' is a plain value"),
        ("shop:db.hosts[99]=x", "(known: [0]); write one of these, or [1] to add an element"),
        ("shop:db..hosts=x", "'..hosts' is no step of a path"),
        ("shop:db[=1", "'[' is no step of a path"),
        ("shop:db.=1", "'.' is no step of a path"),
        ("shop:db.hosts[x=1", "'[x' is no step of a path"),
        ("shop:db.hosts[-1]=1", "'[-1]' is no step of a path"),
        ("shop:db.hosts[]=1", "'[]' is no step of a path"),
        ('shop:db["hosts"=1', "'[\"hosts\"' is no step of a path"),
        ('shop:db["hosts=1', "is no step of a path"),
        ("shop:db.hosts[0]a=1", "'a' is no step of a path; allowed, as in `pulumi config set --path`: .name, [0]"),
        ("shop:db.hosts[0.a=1", "write --config shop:db.hosts.name=..., or the key without it to replace the whole"),
        (".db=1", "'shop:' is not a configuration key; write <namespace>:<name>=<value>"),
        ("a:b:c=1", "'a:b:c' is not a configuration key"),
    ],
)
def test_an_override_that_has_no_place_is_refused(folder: Path, override: str, expected: str) -> None:
    (folder / "Pulumi.dev.yaml").write_text("config:\n  shop:db: {hosts: [a]}\n  shop:size: 3\n")
    assert expected in refused(folder, "dev", override)


@for_each(
    "override, expected",
    [
        ("shop:db.port=5432", {"hosts": ["a"], "none": None, "port": 5432}),
        ("db.on=true", {"hosts": ["a"], "none": None, "on": True}),
        ("shop:db.pool.size.max=3", {"hosts": ["a"], "none": None, "pool": {"size": {"max": 3}}}),
        ("shop:db.none.a=x", {"hosts": ["a"], "none": {"a": "x"}}),
        ("shop:db.hosts[1]=b", {"hosts": ["a", "b"], "none": None}),
        ("shop:db.zones[0].name=b", {"hosts": ["a"], "none": None, "zones": [{"name": "b"}]}),
        ("shop:db.hots=x", {"hosts": ["a"], "none": None, "hots": "x"}),
        ('shop:db["none"].a=x', {"hosts": ["a"], "none": {"a": "x"}}),
        ('shop:db["a.b[0]"]=x', {"hosts": ["a"], "none": None, "a.b[0]": "x"}),
        ('shop:db["say \\"so\\""]=x', {"hosts": ["a"], "none": None, 'say "so"': "x"}),
    ],
)
def test_an_override_adds_what_is_missing_inside_an_object_as_pulumi_does(
    folder: Path, override: str, expected: object
) -> None:
    (folder / "Pulumi.dev.yaml").write_text("config:\n  shop:db: {hosts: [a], none: }\n")
    config = load(open_project(folder), "dev", [override])
    assert json.loads(config.values["shop:db"]) == expected
    assert [note for note in config.notes if "did you mean 'hosts'?" in note] == config.notes
    assert len(config.notes) == ("hots" in override), "what is new and like nothing else needs no word"


@for_each(
    "override, meant",
    [
        ("shop:sise=5", "shop:size"), ("sise=5", "shop:size"), ("shop:sise.a=5", "shop:size"), ("shpo:size=5", "shop:size"),
        ("shop:tokne=x", "shop:token"), ("aws:regoin=x", "aws:region"), ("shop:size=5", ""), ("shop:colour=5", ""),
        ("other:size=5", ""), ("shop:token=5", ""),
    ],
)  # fmt: skip
def test_a_new_key_that_looks_like_one_that_is_there_gets_a_note(folder: Path, override: str, meant: str) -> None:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig: {shop:token: {default: a}}\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {shop:size: 3, aws:region: eu-west-1}\n")
    notes = load(open_project(folder), "dev", [override]).notes
    assert [note.rpartition("did you mean ")[2] for note in notes] == ([f"{meant!r}?"] if meant else [])


def test_new_keys_of_the_command_line_are_no_example_for_each_other(folder: Path) -> None:
    assert load(open_project(folder), "dev", ["shop:first1=a", "shop:first2=b"]).notes == []


@pytest.mark.parametrize("stack", ["config: {}\n", "config:\n  shop:keys:\n", "config:\n  shop:keys: {}\n"])
def test_an_override_makes_the_object_that_it_reaches_into(folder: Path, stack: str) -> None:
    assert values(folder, stack, "shop:keys.payment-key=x", "shop:keys.more[0]=1") == {
        "shop:keys": '{"more":[1],"payment-key":"x"}'
    }


@pytest.mark.parametrize("stack", ["config: {}\n", "config:\n  shop:zones:\n"])
def test_an_override_makes_the_list_that_it_reaches_into(folder: Path, stack: str) -> None:
    assert values(folder, stack, "shop:zones[0]=a", "shop:zones[1].name=b") == {"shop:zones": '["a",{"name":"b"}]'}
    assert "there is no 1 at this place (known: nothing); write one of these, or [0]" in refused(
        folder, "dev", "shop:zones[1]=a"
    )


def test_a_key_with_a_full_stop_in_its_name_that_is_given_or_declared_is_no_path(folder: Path) -> None:
    (folder / "Pulumi.yaml").write_text(PROJECT + "config:\n  my.size: {type: integer}\n")
    assert values(folder, "config:\n  shop:a.b: 1\n", "shop:a.b=2", "my.size=4") == {
        "shop:a.b": "2",
        "shop:my.size": "4",
    }


def test_what_pulumi_ignores_or_brings_from_elsewhere_is_noted(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text("environment: [shared]\nconifg: {}\n")
    notes = load(open_project(folder), "dev", []).notes
    assert "ESC" in notes[0]
    assert "Pulumi.dev.yaml:2: Pulumi ignores the key 'conifg', did you mean 'config'?" in notes[1]


def test_anchors_and_merge_keys_are_followed(folder: Path) -> None:
    given = values(folder, "config:\n  a: &base {x: 1, y: 2}\n  b:\n    <<: *base\n    y: 3\n")
    assert json.loads(given["shop:b"]) == {"x": 1, "y": 3}
