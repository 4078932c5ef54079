"""What people read: the terminal's page and the comment."""

import re
from functools import cache
from typing import Any

import pytest

from preflight.diff import compare, markdown, text, words
from preflight.summary import Page
from tests.gathered import for_each
from tests.preflight.diff.reports import BASE, SECRET, document, provider, resource, stack

VPC, BUCKET, DATABASE = "aws:ec2/vpc:Vpc", "aws:s3/bucket:Bucket", "aws:rds/instance:Instance"


def many(number: int, tag: str) -> list[dict[str, Any]]:
    return [
        resource(BUCKET, f"bucket-{i:04}", {"tags": {"owner": f"{tag} of {i} " + "x" * 120}}) for i in range(number)
    ]


@cache
def grave() -> dict[str, Any]:
    """A removed bucket and a smaller database, among 500 changes. Not to be changed."""
    base = [
        *many(500, "old"),
        resource(BUCKET, "gone", {"forceDestroy": True}),
        resource(DATABASE, "db", {"allocatedStorage": 100}),
    ]
    return document(stack(base), stack([*many(500, "new"), resource(DATABASE, "db", {"allocatedStorage": 10})]))


def page(found: dict[str, Any], width: int = 100, *, everything: bool = False) -> str:
    return text.text(found, Page(width, False, False), everything=everything)


def test_the_page_of_500_changes_is_one_screen_with_the_grave_first() -> None:
    said = page(grave())
    lines = said.splitlines()
    assert len(lines) <= 40
    assert "501 updated" in lines[0]
    assert said.index("gone (s3.Bucket)") < said.index("AWS refuses it") < said.index("Updated in place (501)")
    assert "and 496 more (--all shows all)" in said


def test_all_shows_every_change_and_the_line_of_code() -> None:
    said = page(grave(), everything=True)
    assert said.count("bucket-0") == 500
    assert "__main__.py:1" in said
    assert "more (--all" not in said


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, page(grave(), width).splitlines())) <= width


def test_nothing_changed_is_said_in_so_many_words() -> None:
    same = stack([resource(VPC, "net")])
    assert page(document(same, same)).startswith("dev against main (0123456789): no resource changes")


def test_what_follows_the_table_of_a_comment_is_no_row_of_it() -> None:
    same = stack([resource(VPC, "net")])
    report: dict[str, Any] = {"errors": [], "stacks": {"dev": same}}
    for notes in ([], ["prod: not compared"]):
        *_, row, apart, last = markdown.markdown(compare.document(report, report, BASE, {}, notes)).splitlines()
        assert (apart, last[:8]) == ("", "Offline,")
        assert row == "`prod: not compared`" if notes else row.startswith("| `dev` |")


def test_a_provider_is_told_apart_from_what_is_counted() -> None:
    base, head = stack([resource(VPC, "net")]), stack([resource(VPC, "net")])
    head["resources"][0] = provider("us-east-1")
    head["resources"][1]["inputs"] = base["resources"][1]["inputs"]
    found = document(base, head)
    said, comment = page(found), markdown.markdown(found)
    assert "Providers of the program (1)\n    ~ main (" in said
    assert "(and 1 provider)" in said.splitlines()[0]
    assert "<summary>Providers of the program (1)</summary>" in comment
    assert "- updated in place: `main (" in comment
    assert sum(found["stacks"]["dev"]["summary"][key] for key in ("replace", "unchanged")) == 1, "only the network"


def test_a_comment_on_500_changes_is_small_complete_in_numbers_and_well_formed() -> None:
    said = markdown.markdown(grave())
    assert len(said.encode()) <= 60_000
    lines = said.splitlines()
    assert lines[2].startswith("| stack | added | updated")
    assert "| `dev` |  | 501 |" in said
    assert said.count("<details>") == said.count("</details>") > 0
    shown = len(re.findall(r"^- `bucket-\d{4}", said, re.MULTILINE))
    assert 100 < shown < 500
    rest = re.search(r"^- and (\d+) more", said, re.MULTILINE)
    assert rest is not None
    assert shown + int(rest[1]) + 1 == 501, "every change is shown or counted"
    assert "more: `python -m preflight diff --all --base main` shows them" in said
    assert said.index("Loses data") < said.index("AWS refuses it") < said.index("<details>")


@for_each("number", [0, 3, 60, 800])
def test_a_comment_never_passes_its_limit_whatever_there_is(number: int) -> None:
    stacks = {f"stack-{i}": stack(many(number, "new")) for i in range(5)}
    found = compare.document({"errors": [], "stacks": {}}, {"errors": [], "stacks": stacks}, BASE, {})
    said = markdown.markdown(found)
    assert len(said.encode()) <= 60_000
    assert all(f"`stack-{i}`" in said for i in range(5))


def test_text_of_others_cannot_leave_its_code_span() -> None:
    hostile = "`</details> | @everyone\n# Approved"
    base = stack([resource(VPC, "net", {"tags": {"a": "1"}})])
    said = markdown.markdown(document(base, stack([resource(VPC, "net", {"tags": {"a": hostile}})])))
    (row,) = [line for line in said.splitlines() if "tags.a" in line]
    assert "``" in row
    assert not [line for line in said.splitlines() if line.startswith("# Approved")]


def test_control_characters_do_not_reach_the_terminal() -> None:
    base, head = (stack([resource(VPC, "net", {"tags": {"a": value}})]) for value in ("1", "\x1b[2J"))
    assert "\x1b" not in page(document(base, head))


def test_a_changed_secret_is_told_on_both_pages_without_a_value() -> None:
    base, head = (stack([resource(DATABASE, "db", {"password": {**SECRET, "$fingerprint": mark}})]) for mark in "ab")
    found = document(base, head)
    assert "password: [secret] changed" in page(found)
    assert "password: [secret] changed" in markdown.markdown(found)
    assert "fingerprint" not in str(found)


def test_what_cannot_be_compared_is_counted_in_words_that_fit_one_and_several() -> None:
    for names, said in ((("a",), "those of 1 resource changed"), (("a", "b"), "those of 2 resources changed")):
        resources = [resource(DATABASE, name, {"password": SECRET}) for name in names]
        (note,) = document(stack(resources), stack(resources))["stacks"]["dev"]["notes"]
        assert said in note


def test_a_base_that_cannot_be_used_is_told_on_both_pages() -> None:
    found = compare.failed(BASE, ["--base nowhere: there is no such commit"])
    assert "there is no such commit" in page(found)
    assert "there is no such commit" in markdown.markdown(found)
    assert compare.exit_code(found) == 2


def test_an_error_says_whose_it_is_and_of_a_stack_file_no_line_of_the_program() -> None:
    wrong = {
        "kind": "config",
        "message": "two mistakes\n  shop:size",
        "source": "settings/stack_file.py:60",
        "phases": [],
    }
    old = stack([], errors=[{**wrong, "kind": "program", "message": "boom", "source": "main.py:1"}])
    found = document(old, stack([], errors=[wrong]))
    for said in (page(found), markdown.markdown(found)):
        assert "the working tree: config error: two mistakes" in said
        assert "main (0123456789): program error: main.py:1: boom" in said
        assert "stack_file.py" not in said


@for_each(
    "name, commit, said",
    [("main", "0123456789abcdef", "main (0123456789)"), ("0123456789abcdef", "0123456789abcdef", "0123456789"),
     ("base.json", None, "base.json"), ("0123", "0123456789abcdef", "0123456789")],
)  # fmt: skip
def test_what_is_compared_with_is_named_once(name: str, commit: str | None, said: str) -> None:
    assert words.against({"name": name, "commit": commit}) == said


def test_encrypted_configuration_that_differs_is_said_because_nothing_else_shows_it() -> None:
    same = {"errors": [], "stacks": {"dev": stack([resource(VPC, "net")])}}
    found = compare.document(same, same, BASE, {"dev": ["shop:token"]})
    assert "encrypted configuration differs" in page(found)
    assert "shop:token" in markdown.markdown(found)


@pytest.mark.parametrize("over", [True, False])
def test_both_pages_say_that_a_stack_is_over_its_budget_and_only_then(over: bool) -> None:
    def cost(expected: str) -> dict[str, Any]:
        usd = dict.fromkeys(("idle", "expected", "peak"), expected)
        return {
            "total": usd, "components": [], "resources": [], "unpriced": [], "region": "eu-west-1",
            "budget": {"usd": "10.00", "exceeded": over}, "prices": {"oldest": "2026-01-01", "newest": "2026-10-01"},
        }  # fmt: skip

    found = document(stack([resource(VPC, "net")], cost=cost("9.00")), stack([], cost=cost("12.00")))
    told = "over budget: 12.00 of 10.00 USD a month, 2.00 too much"
    assert (told in page(found)) is over
    said = markdown.markdown(found)
    assert (f"- **{told}**" in said) is over
    assert ("(12.00), over budget (10.00)" in said) is over
    assert "budget is passed" not in said + page(found)
