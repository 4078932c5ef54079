"""`python -m preflight explain`: controls of any pack, resources, and preflight's own messages."""

import ast
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic_core import ErrorDetails

from preflight import report, simulation
from preflight.arguments import parser
from preflight.explain import command, controls, errors, messages, resources
from preflight.packs import PolicyPack
from preflight.project import open_project
from preflight.simulation import identities
from preflight.summary import Page
from settings import Settings, translation
from settings.shape import shape_of
from tests.gathered import for_each
from tests.preflight.cli_support import PACK, ROOT, Project, Result, called
from tests.preflight.diff.reports import SECRET, UNKNOWN, resource, stack, urn

SCHEMA = json.loads((ROOT / "preflight" / "schema" / "report.schema.json").read_text())
PAGE = Page(200, False, False)
PROGRAM = """\
import pulumi
import pulumi_aws as aws
nobody = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
bucket = aws.s3.Bucket("files")
aws.s3.BucketPolicy("who", bucket=bucket.id, policy={"Id": bucket.arn, "Statement": [nobody]})
aws.rds.Instance("db", instance_class="db.t4g.micro", engine="postgres", allocated_storage=20,
                 username="u", password=pulumi.Output.secret("swordfish-9"))
"""


def explain(directory: Path, *arguments: str, kept: Path | None = None) -> Result:
    return called("explain", "--program", str(directory), *arguments, kept=kept)


@pytest.fixture
def shop(project: Project) -> Project:
    project.write("__main__.py", PROGRAM)
    return project


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Result]:
    """Explains something of the program, which is run once, without a pack."""
    folder, kept = tmp_path_factory.mktemp("said"), tmp_path_factory.mktemp("kept")
    Project(folder).write("__main__.py", PROGRAM)
    return lambda *arguments: explain(folder, *arguments, "--no-policy", kept=kept)


def test_a_control_of_our_pack_says_what_why_fix_references_and_level() -> None:
    result = explain(ROOT, "db-subnet-not-public")
    assert result.code == 0
    for said in (
        "severity: critical",
        "level: mandatory where one of its packs is selected, unless the configuration says",
        "No subnet of a database, warehouse or search domain",
        "fix: give the subnet",
        "references: RDS.46",
    ):
        assert said in " ".join(result.out.split())


OURS = PolicyPack(ROOT / "policy", sys.executable, borrowed=False)


@pytest.fixture(scope="module")
def described() -> controls.Described:
    """What our pack says of itself."""
    return controls.described(OURS)


def test_every_control_of_our_pack_can_be_explained(described: controls.Described) -> None:
    told = [controls.explanation(described, each["id"], {}) for each in described.controls]
    assert len(told) >= 15
    assert [
        each for each in told if not (each and each["says"] and each["why"] and each["fix"] and each["subjects"])
    ] == []


def test_a_policy_of_any_pack_is_explained_by_what_it_hands_to_pulumi(shop: Project) -> None:
    shop.pack(PACK)
    result = explain(shop.directory, "sizes")
    assert result.code == 0
    assert "sizes, a policy of shop-rules" in result.out
    assert "Things are large." in result.out
    assert "level: mandatory unless" in result.out
    assert "severity" not in result.out, "a policy without one"


def test_the_level_of_each_stack_is_the_one_that_is_configured(shop: Project) -> None:
    shop.pack(PACK)
    shop.write("policy/config/dev.json", '{"sizes": "advisory"}')
    assert "configured: dev advisory" in explain(shop.directory, "sizes").out


def test_a_control_of_a_pack_that_no_stack_selects_is_said_to_be_not_asked(
    shop: Project, described: controls.Described
) -> None:
    control, project = "ecs-container-insights", open_project(shop.directory)

    def rules(**config: Any) -> str:
        return str(shop.write("rules.json", json.dumps({"guardrails": config})))

    def levels(**config: Any) -> dict[str, str]:
        return controls.levels(OURS, described, project, control, rules(**config))

    def told(**config: Any) -> str:
        explained = controls.explanation(described, control, levels(**config))
        return command.text({"errors": [], "explanations": [explained]}, PAGE)

    given = ["--policy", str(OURS.directory), "--policy-config", rules()]
    assert "configured: dev not asked" in explain(shop.directory, control, *given).out
    assert "configured: dev not asked" in told()
    assert levels() == levels(packs=["baseline", "cis-aws-v5"]) == {"dev": "not asked"}
    assert levels(levels={control: "advisory"}) == {"dev": "advisory"}
    assert "configured" not in told(packs=["baseline", "fsbp"])
    assert levels(packs=["baseline", "fsbp"]) == levels(protected={"packs": ["fsbp"]}) == {}


def test_a_pack_that_prints_or_fails_does_not_break_the_explanation(shop: Project) -> None:
    shop.pack("print('noise')\n" + PACK)
    assert "a policy of shop-rules" in explain(shop.directory, "sizes").out
    shop.pack("raise ValueError('bad pack')")
    result = explain(shop.directory, "sizes")
    assert result.code == 2
    assert "bad pack" in result.everything
    assert "Traceback" not in result.everything


def test_a_logical_name_is_enough_and_the_password_is_hidden(said: Callable[..., Result]) -> None:
    result = said("db", "--json", "-")
    assert result.code == 0
    (found,) = json.loads(result.out)["explanations"]
    assert (found["what"], found["source"], found["holdsData"]) == (
        "a resource that a deployment makes",
        "__main__.py:6",
        True,
    )
    assert found["inputs"]["password"] == SECRET
    assert found["inputs"]["allocatedStorage"] == 20
    assert "swordfish" not in result.everything
    assert found["cost"]["expected"] > "0"
    assert found["seconds"]["typical"] > 60


def test_a_urn_says_who_depends_on_it_and_by_what(said: Callable[..., Result]) -> None:
    whole = urn("aws:s3/bucket:Bucket", "files")
    result = said(whole)
    assert "needed by: who (s3.BucketPolicy) (bucket, policy)" in " ".join(result.out.split())
    assert said(f"{whole[:30]}\n    {whole[30:]}").out == result.out, "as a terminal broke it"


def test_a_misspelt_name_gets_the_nearest_one(said: Callable[..., Result]) -> None:
    result = said("fyles")
    assert result.code == 2
    assert "did you mean 'files'?" in result.everything


def test_inputs_of_aws_are_unknown_and_never_simulated() -> None:
    report = {"stacks": {"dev": stack([resource("aws:ec2/subnet:Subnet", "s", {"vpcId": "vpc-1"}, unknown=["vpcId"])])}}
    ((name, entry),) = resources.matching(report, "s")
    assert resources.explanation(report, name, entry)["inputs"] == {"vpcId": UNKNOWN}


def test_a_message_with_numbers_and_regions_in_it_is_explained_by_its_words() -> None:
    for said in ("9 prices taken from us-east-1: there are none of eu-west-1 for them",
                 "1 price taken from us-east-1: there is none of eu-west-1 for it",
                 "3 findings more wait for ids at preview and pass at update"):  # fmt: skip
        (form,) = [each["name"] for each in messages.found(said)]
        letters = sum(map(str.isalpha, form))
        assert letters > sum(map(str.isalpha, said)) * 0.6, form


def test_every_kind_of_error_of_the_report_is_explained_with_its_exit_code() -> None:
    kinds = SCHEMA["$defs"]["error"]["properties"]["kind"]["enum"]
    for kind in kinds:
        first = errors.found(kind)[0]
        assert (first.kind, first.part) == (kind, "")
        assert first.cause
        assert first.cure
        assert first.code == (3 if kind in ("pack", "internal") else 2)


def test_every_message_of_the_index_is_one_that_preflight_or_the_settings_say() -> None:
    said = [path for folder in ("preflight", "settings") for path in (ROOT / folder).glob("**/*.py")]
    source = "".join(path.read_text() for path in said if path.parent.name != "explain")
    joined = source.replace('"\n', "\n")
    flat = " ".join(joined.split())
    index = [each for each in errors.INDEX if each.kind != errors.OF_AWS]
    parts = [part for each in index for part in (each.part, *each.also) if part]
    unsaid = [part for part in parts if not _said(part, flat)]
    assert unsaid == []


def test_what_aws_answers_in_the_index_is_what_a_diff_foresees() -> None:
    foreseen = {row.error for row in identities.rows().values()}
    answers = [each for each in errors.INDEX if each.kind == errors.OF_AWS and each.part]
    assert answers
    assert [each.part for each in answers if not any(each.part in error for error in foreseen)] == []
    document = {"errors": [], "explanations": [errors.explanation(errors.found("PriorityInUse"))]}
    said = " ".join(command.text(document, PAGE).split())
    assert "PriorityInUse ... (AWS says it in a deployment)" in said
    assert "three updates, by way of a free one" in said
    assert "a note, not an error" not in said


def _said(part: str, source: str) -> bool:
    """Whether the words stand in the source, also across the end of a literal."""
    words = part.split()
    return part in source or any(
        " ".join(words[:i]) in source and " ".join(words[i:]) in source for i in range(1, len(words))
    )


@for_each(
    "message, kind",
    [
        ("/tmp/x: there is no Pulumi.yaml here; run this in the project's folder or name it with --program", "input"),
        ("the program's interpreter /x/python has no Pulumi SDK. Install the project's requirements into it", "config"),
        ("is missing", "config"),
        ("  problem: there is no such key in groundwork:network", "config"),
        ("is none of the values", "config"),
        ("dev: over budget", "budget"),
        ("over budget: 2331.91 of 2200.00 USD a month, 131.91 too much", "budget"),
        ("budget: 500 USD, exceeded by 1,271 USD (expected 1,771)", "budget"),
        (
            "operation error Elastic Load Balancing v2: CreateRule, PriorityInUse: Priority '200' is in use",
            "aws-refusal",
        ),
        ("InvalidPermission.Duplicate: the specified rule already exists", "aws-refusal"),
        ("DBClusterAlreadyExistsFault", "aws-refusal"),
        ("the worker ended without a result: something killed it", "internal"),
    ],
)
def test_a_message_is_found_by_its_text(message: str, kind: str) -> None:
    found: list[Any] = errors.found(message)
    assert found[0].kind == kind
    assert found[0].part
    assert found[-1] == errors.found(kind)[0], "the kind follows"


def test_what_costs_more_than_its_budget_was_run_and_is_no_mistake_of_an_input() -> None:
    told = errors.found("over budget")
    assert [(each.kind, each.code) for each in told] == [("budget", 1)]
    assert told == errors.found("prod: over budget, 9 resources") == errors.found("budget")
    assert told == errors.found(report.budget_words(_COST, lambda usd: f"{float(usd):,.0f}"))
    document = {"errors": [], "explanations": [errors.explanation(told)]}
    said = command.text(document, PAGE)
    assert "(exit code 1)" in said
    assert "nothing was run" not in said
    assert "exit code 2" not in said


_COST = {
    "region": "us-east-1", "prices": {"fromElsewhere": []}, "total": {"expected": "1771.20"},
    "budget": {"usd": "500", "exceeded": True},
}  # fmt: skip


def test_nonsense_is_no_error() -> None:
    assert errors.found("a") == []
    assert errors.found("data-main") == []


def test_messages_of_newcomers_are_found() -> None:
    for said in (
        "Pulumi.dev.yaml:3: this is not valid YAML: found a tab", "looks like a secret, and this file is committed",
        "Fargate has no tasks of this size", "code: there is no such folder or archive: './dist'", "no region is given",
    ):  # fmt: skip
        assert errors.found(said), said


def test_stand_ins_of_lookups_and_drawn_names_are_shown_as_what_they_are() -> None:
    bucket = resource("aws:s3/bucket:Bucket", "files", {})
    drawn = simulation.physical_name(bucket["type"], "files", bucket["urn"], inputs={})
    assert drawn is not None
    machine = resource("aws:ec2/instance:Instance", "web", {"ami": "ami-92038eba", "userData": f"s3://{drawn[1]}/x"})
    machine = {**machine, "propertyDependencies": {"userData": [bucket["urn"]]}}
    lookup = {"token": "aws:ec2/getAmi:getAmi", "args": {}, "result": {"id": "ami-92038eba"}, "source": None}
    told = {**stack([bucket, machine]), "lookups": [lookup]}
    told["notes"] = ["the answer to aws:ec2/getAmi:getAmi (a.py:1) is a stand-in; --answers may give the real one"]

    def inputs() -> dict[str, Any]:
        found: dict[str, Any] = resources.explanation({"stacks": {"dev": told}}, "dev", machine)["inputs"]
        return found

    assert inputs() == {"ami": "<id of aws:ec2/getAmi:getAmi>", "userData": "s3://<name of files>/x"}
    told["notes"] = []  # given by --answers
    assert inputs()["ami"] == "ami-92038eba"


def test_what_a_program_says_itself_is_no_stand_in_of_a_lookup() -> None:
    given = {
        "name": "example.com",
        "type": "available",
        "ttl": "x86_64",
        "zoneId": "Z09B64AB8F0000",
        "value": "stand-in",
        "setIdentifier": "/deadbeef00",
    }
    record = resource("aws:route53/record:Record", "www", given)
    zone = {"id": "Z09B64AB8F0000", "name": "example.com", "callerReference": "stand-in"}
    image = {"architecture": "x86_64", "state": "available", "ownerId": "123456789012"}
    asked = {
        "aws:route53/getZone:getZone": ({"name": "example.com"}, zone), "aws:ec2/getAmi:getAmi": ({}, image),
        "aws:ssm/getParameter:getParameter": ({"name": "/deadbeef00"}, {"id": "/deadbeef00", "value": "stand-in"}),
    }  # fmt: skip
    found = [{"token": key, "args": args, "result": said, "source": None} for key, (args, said) in asked.items()]
    told = {**stack([record]), "lookups": found, "notes": [f"the answer to {key} is a stand-in" for key in asked]}
    inputs = resources.explanation({"stacks": {"dev": told}}, "dev", record)["inputs"]
    assert inputs == {
        **given, "zoneId": "<id of aws:route53/getZone:getZone>",
        "value": "<callerReference of aws:route53/getZone:getZone or value of aws:ssm/getParameter:getParameter>",
    }  # fmt: skip


# Messages without an entry of their own.


def _filled(text: messages.Text) -> str:
    """The message as it might be said, with something in each place that differs."""
    return "dev: " + "4711".join(text.parts)


@pytest.mark.parametrize("folder", ["preflight", "settings", "policy"])
def test_every_message_of_the_source_is_recognised_by_the_part_that_says_it(folder: str) -> None:
    texts = messages.texts(folder)
    assert len(texts) > 100
    lost = []
    for text in texts[::50]:  # each of them costs a search through all
        told = messages.found(_filled(text))
        if text.path not in {each["part"] for each in told} and text.form not in {each["name"] for each in told}:
            lost.append((text.path, text.line, text.form, [each["name"] for each in told]))
    assert [each for each in lost if not each[3] or all(len(name) < len(each[2]) for name in each[3])] == []


SAY = {"Fault", "Problem", "note"}


def test_no_message_of_a_mistake_in_the_source_is_left_out() -> None:
    """Each fixed text that is handed to a fault or a problem of an input, as the syntax tree has them."""
    known = {(text.path, text.line) for text in messages.texts("preflight")}
    missing = []
    for path in sorted((ROOT / "preflight").rglob("*.py")):
        name, source = path.relative_to(ROOT).as_posix(), path.read_text()
        for node in ast.walk(ast.parse(source)) if any(f"{one}(" in source for one in SAY) else ():
            if isinstance(node, ast.Call) and _called(node) in SAY:
                for each in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    fixed = ast.unparse(each) if isinstance(each, ast.JoinedStr | ast.Constant) else ""
                    if len(re.findall(r" [a-z]{3,}", fixed)) >= 4 and (name, each.lineno) not in known:
                        missing.append((name, each.lineno, fixed))
    assert missing == []


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_every_part_that_says_something_has_a_section_that_there_is() -> None:
    for _, document, heading in messages.SECTIONS.values():
        lines = (ROOT / document).read_text().splitlines()
        assert not heading or f"## {heading}" in lines, f"{document}: {heading}"
    starts = {start for start in messages.SECTIONS if start != "preflight/"}
    files = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("preflight/**/*.*")]
    assert [start for start in starts if start.startswith("preflight/") and not any(map(start.__eq__, files))
            and not any(file.startswith(start) for file in files)] == []  # fmt: skip


def test_each_kind_of_mistake_of_a_stack_file_is_explained_by_the_words_of_its_problem() -> None:
    shape = shape_of(Settings)
    found = 0
    for places in _PROBLEMS:
        for said in translation.mistakes([cast(ErrorDetails, places)], shape):
            found += 1
            for subject in (said.problem, f"problem: {said.problem}", str(said), f"dev: config error: {said}"):
                told = errors.found(subject) or messages.found(subject)
                assert told, subject
                kinds = {each.kind if isinstance(each, errors.Mistake) else each["error"] for each in told}
                assert "config" in kinds, subject
    assert found == len(_PROBLEMS)


def _problem(kind: str, given: Any, *place: str, **limits: Any) -> dict[str, Any]:
    """As pydantic tells of it."""
    return {"type": kind, "loc": place, "input": given, "ctx": limits, "msg": ""}


_IDLE, _CIDR, _ZONES = ("edge", "idleTimeoutSeconds"), ("network", "cidr"), ("network", "availabilityZones")
_PROBLEMS = [
    _problem("int_type", "lots", *_IDLE), _problem("int_type", "60", *_IDLE), _problem("int_type", 1.5, *_IDLE),
    _problem("int_type", True, *_IDLE), _problem("int_type", None, *_IDLE), _problem("string_type", 7, *_CIDR),
    _problem("bool_type", "maybe", "compute", "containerInsights"), _problem("list_type", {"a": 1}, *_ZONES),
    _problem("model_type", ["a"], "network"), _problem("model_type", "a", "network"), _problem("missing", {}, *_CIDR),
    _problem("extra_forbidden", 1, "network", "subnetMsk"), _problem("greater_than_equal", 0, *_IDLE, ge=1),
    _problem("less_than_equal", 9999, *_IDLE, le=4000), _problem("multiple_of", 5, *_IDLE, multiple_of=4),
    _problem("string_too_long", "x" * 99, *_CIDR, max_length=20), _problem("too_short", [], *_ZONES),
    _problem("string_pattern_mismatch", "x", *_CIDR), _problem("finite_number", float("inf"), *_IDLE),
]  # fmt: skip


@for_each(
    "message",
    [
        "aws:rds/instance:Instance 'db': backup_retention_period: expected 0 to 35, got 99", "is required and missing",
        "egress[0].protcol: there is no such argument (near it: protocol)", "fifo_queue: expected True or False, got 'yes'",
        "user_data: conflicts with user_data_base64", "needs a Principal", "one of ami, launch_template has to be given",
        "role: 'x' is not an ARN, as arn:aws:iam::123456789012:role/app", "Effect must be Allow or Deny, got 'Alow'",
        "runtime: 'python3.99' is none of what AWS takes (near it: python3.9)", "policy: is no JSON",
        "'10.0.0.1/8' is no network in CIDR notation: 10.0.0.1/8 has host bits set",
    ],
)  # fmt: skip
def test_what_a_provider_refuses_is_explained_also_in_few_words(message: str) -> None:
    told = messages.found(message)
    assert told
    assert {each["error"] for each in told} == {"refused"}
    assert messages.found(f"refused error: __main__.py:4: aws:x/y:Z 'z': {message}")


def test_of_texts_that_say_equally_much_the_one_in_the_same_words_explains() -> None:
    (told,) = messages.found("a database is open to the world")
    assert told["part"].startswith("policy/")
    (title,) = messages.found("Open to the world")
    assert title["part"] == "preflight/page/head.py"


def test_a_pattern_that_is_looked_for_is_nothing_that_preflight_says() -> None:
    told = messages.found("TypeError: Bucket() got an unexpected keyword argument 'tagss'")
    assert [each["name"] for each in told if "\\w" in each["name"]] == []


def test_a_urn_is_never_broken_and_one_that_was_broken_is_still_found() -> None:
    bucket = resource("aws:s3/bucket:Bucket", "quarterly reports of everything", {})
    found = {"stacks": {"dev": stack([bucket])}}
    ((name, entry),) = resources.matching(found, bucket["urn"])
    document = {
        "errors": [],
        "explanations": [{**resources.explanation(found, name, entry), "urn": "urn:" + "x" * 200}],
    }
    text = command.text(document, Page(40, False, False))
    assert "urn:" + "x" * 200 in text
    rest = [line for line in text.splitlines() if "xxx" not in line]
    assert max(map(len, rest)) <= 40, "what can be broken is"
    urn_ = bucket["urn"]
    broken = f"{urn_[:30]}\n    {urn_[30:45]} \t{urn_[45:]}"
    assert resources.matching(found, resources.unbroken(broken)) == [(name, entry)]
    assert resources.unbroken("my files") == "my files"


@for_each(
    "message, part, kind",
    [
        ("prod: db (rds.Instance) allocatedStorage 100 -> 50: AWS never makes storage smaller",
         "preflight/simulation/refusals.py", None),
        ("never makes storage smaller", "preflight/simulation/refusals.py", None),
        ("dev: refused error: __main__.py:9: aws:x/y:Z 'u': the AWS provider has\n    no such type",
         "preflight/provider_check.py", "refused"),
        ("network open, no rights", "preflight/reach/matrix.py", None),
        ("dw: the managed storage of RA3 nodes is not asked for", "preflight/cost/services.py", None),
        ("a dynamic resource's own create() is not run", "preflight/monitor.py", None),
        ("old.json: is no report of preflight; write one", "preflight/diff/base.py", None),
    ]
)  # fmt: skip
def test_a_message_without_an_entry_says_which_part_says_it_and_invents_no_cause(
    message: str, part: str, kind: str | None
) -> None:
    assert errors.found(message) == []
    (told,) = messages.found(message)
    assert (told["part"], told["error"]) == (part, kind)
    assert bool(told["cause"]) is bool(kind)
    text = command.text({"errors": [], "explanations": [told]}, PAGE)
    assert f"said by: {part}" in text
    assert "read on: docs/" in text
    assert ("keeps no cause and cure" in text) is (kind is None)


def test_what_a_part_is_about_is_said_within_a_sentence_and_abbreviations_stay() -> None:
    def said(message: str) -> str:
        return command.text({"errors": [], "explanations": messages.found(message)}, PAGE)

    assert "preflight/between/tasks.py: ECS services" in said("tasks in network mode awsvpc need ip")
    assert "preflight/reach/matrix.py: which service" in said("network open, no rights")


def test_what_preflight_never_says_is_no_message_of_it(project: Project) -> None:
    project.write("__main__.py", "")
    for nonsense in (
        "all of this is nonsense to everybody here",
        "data-main",
        "ModuleNotFoundError: No module named x",
        str(command.__doc__),  # what is written for the reader of the source
    ):
        assert messages.found(nonsense) == []
    asked = ["explain", "AWS never makes storage smaller", "--program", str(project.directory)]
    document, code = command.answer(parser("preflight").parse_args(asked))
    assert (code, "what becomes of them" in " ".join(command.text(document, PAGE).split())) == (0, True)
