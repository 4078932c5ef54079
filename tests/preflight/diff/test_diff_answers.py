"""What changes in cost, findings, reach, time, and single points."""

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from preflight.cost import catalogue
from preflight.diff import compare, markdown, text, words
from preflight.summary import Page
from tests.committed import Committed
from tests.gathered import for_each
from tests.preflight.diff.reports import BASE, document, resource, stack, urn

BUCKET, ROLE, SERVICE = "aws:s3/bucket:Bucket", "aws:iam/role:Role", "aws:ecs/service:Service"
OLD, NEW = resource(BUCKET, "old"), resource(BUCKET, "new", options={"aliases": [{"name": "old"}]})


def usd(idle: str, expected: str, peak: str) -> dict[str, str]:
    return {"idle": idle, "expected": expected, "peak": peak}


def cost(total: dict[str, str], each: dict[str, dict[str, str]], unpriced: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "region": "eu-west-1", "total": total, "components": [],
        "resources": [{"urn": urn(BUCKET, name), "usd": sums, "lines": []} for name, sums in each.items()],
        "unpriced": [{"urn": urn(BUCKET, name), "why": "no price"} for name in unpriced],
        "budget": None, "prices": {"catalogue": "one", "oldest": "2026-01-01", "newest": "2026-10-01"},
    }  # fmt: skip


def finding(control: str, name: str, **given: Any) -> dict[str, Any]:
    return {
        "control": control, "policy": "p", "verdict": "violation", "level": "mandatory", "phase": ["update"],
        "urn": urn(BUCKET, name), "message": "it is open", "path": [], "fix": "shut it", "references": [],
        "source": "__main__.py:1", **given,
    }  # fmt: skip


def compared(base: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document(base, head)["stacks"]["dev"]
    return found


def test_cost_is_told_before_after_and_by_resource_in_cents() -> None:
    base = stack(
        [OLD],
        cost=cost(
            usd("1.10", "10.00", "20.00"), {"old": usd("1.10", "10.00", "20.00"), "same": usd("0.00", "0.00", "0.00")}
        ),
    )
    head = stack(
        [NEW],
        cost=cost(
            usd("1.10", "12.35", "19.00"),
            {"new": usd("1.10", "12.35", "19.00"), "same": usd("0.00", "0.00", "0.00")},
            ("new",),
        ),
    )
    found = compared(base, head)["cost"]
    assert found["delta"] == usd("0.00", "2.35", "-1.00")
    assert [(each["urn"], each["delta"]["expected"]) for each in found["resources"]] == [
        (urn(BUCKET, "new"), "2.35")
    ], "the renamed one is the same, and what costs the same is left out"
    assert found["unpriced"]["new"] == [{"urn": urn(BUCKET, "new"), "why": "no price"}]
    assert found["budgetExceeded"] is False
    assert found["pricesDiffer"] is False


def test_without_an_estimate_there_is_no_sum_and_not_zero() -> None:
    found = compared(stack([OLD]), stack([OLD], cost=cost(usd("1.00", "2.00", "3.00"), {})))["cost"]
    assert (found["base"], found["head"]["expected"]) == (None, "2.00")
    assert compared(stack([OLD]), stack([OLD]))["cost"] is None


def prices(catalogue: str | None, newest: str) -> dict[str, Any]:
    found = stack([OLD], cost=cost(usd("1.00", "2.00", "3.00"), {}))
    found["cost"]["prices"] = {"oldest": "2026-01-01", "newest": newest} | (
        {"catalogue": catalogue} if catalogue else {}
    )
    return found


@for_each(
    "catalogue, newest, differ, said",
    [
        ("one", "2026-10-01", False, ""),
        ("one", "2026-01-01", False, ""),
        ("two", "2026-10-01", True, "base and head were estimated by different price tables"),
        (None, "2026-10-01", None, "the saved report does not say by which prices it was estimated"),
    ],
)
def test_other_prices_are_other_tables_and_not_other_services(
    catalogue: str | None, newest: str, differ: bool | None, said: str
) -> None:
    found = document(prices(catalogue, newest), prices("one", "2026-10-01"))
    assert found["stacks"]["dev"]["cost"]["pricesDiffer"] is differ
    for page in (text.text(found, Page(200, False, False), everything=False), markdown.markdown(found)):
        assert ("price" in page) is bool(said)
        assert said in page


def test_the_tables_have_one_name_until_a_price_of_them_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(catalogue.FOLDER, tmp_path / "prices"))
    before = catalogue.edition.__wrapped__()
    monkeypatch.setattr(catalogue, "FOLDER", folder)
    assert catalogue.edition.__wrapped__() == before
    file = folder / "eu-west-1.json"
    file.write_text(file.read_text().replace('"usd": "0', '"usd": "1', 1))
    assert catalogue.edition.__wrapped__() != before


def test_a_component_that_costs_the_same_is_not_shown_with_nothing() -> None:
    head, base = (stack([OLD], cost=cost(usd("1.00", "2.00", peak), {"old": usd("1.00", "2.00", peak)})) for peak in ("9.00", "3.00"))  # fmt: skip
    for each in (head, base):
        each["cost"]["components"] = [{"urn": urn(BUCKET, "old"), "usd": each["cost"]["total"]}]
    found = document(base, head)
    for said in (text.text(found, Page(200, False, False), everything=False), markdown.markdown(found)):
        assert "Cost: 2.00 USD a month expected, as before (peak +6.00)" in said
        assert "+0.00" not in said.partition("Cost:")[2]
        assert "peak +6.00" in said.partition("as before")[2].partition(")")[2]


def test_findings_are_new_or_gone_and_a_renamed_resource_keeps_its_own() -> None:
    base = stack([OLD], findings=[finding("s3-open", "old"), finding("s3-logs", "old")])
    head = stack([NEW], findings=[finding("s3-open", "new", message="it is still open"), finding("s3-keys", "new")])
    found = compared(base, head)["findings"]
    assert [each["control"] for each in found["new"]] == ["s3-keys"]
    assert [each["control"] for each in found["gone"]] == ["s3-logs"]


def test_an_advisory_finding_that_becomes_mandatory_is_new() -> None:
    base = stack([OLD], findings=[finding("s3-open", "old", level="advisory")])
    found = compared(base, stack([OLD], findings=[finding("s3-open", "old")]))["findings"]
    assert [each["level"] for each in found["new"]] == ["mandatory"]


def test_the_second_of_two_equal_findings_is_new() -> None:
    one = [finding("s3-open", "old", message="first")]
    found = compared(
        stack([OLD], findings=one), stack([OLD], findings=[*one, finding("s3-open", "old", message="second")])
    )
    assert len(found["findings"]["new"]) == 1
    assert found["findings"]["gone"] == []


def waits(name: str, decided: str, level: str = "advisory") -> dict[str, Any]:
    return finding("ecs-pinned", name, verdict="undecided", level=level, phase=["preview"], decidedAtUpdate=decided)


def test_what_waits_for_ids_and_passes_is_no_finding_and_is_told_in_one_line() -> None:
    broken = finding("ecs-pinned", "old")
    head = stack([OLD], findings=[waits("old", "pass"), waits("old", "pass"), waits("old", "violation"), broken])
    found = document(stack([OLD], findings=[waits("old", "pass")]), head)
    findings = found["stacks"]["dev"]["findings"]
    assert (findings["new"], findings["gone"], findings["passAtUpdate"]) == ([broken], [], 1)
    for said in (text.text(found, Page(200, False, False), everything=True), markdown.markdown(found)):
        assert "1 finding more waits for ids at preview and passes at update" in said
        assert "undecided" not in said
    assert "| +1 |" in markdown.markdown(found)
    gone = compared(head, stack([OLD]))["findings"]
    assert (gone["new"], gone["gone"], gone["passAtUpdate"], gone["passAtUpdateGone"]) == ([], [broken], 0, 2)


def test_as_many_that_wait_for_ids_as_before_are_not_more() -> None:
    two = [waits("one", "pass"), waits("two", "pass")]
    for head, said in (
        ([waits("three", "pass"), waits("one", "pass")], []),
        ([waits("one", "pass")], []),
        ([waits(name, "pass") for name in ("one", "three", "four")], ["1 finding more waits for ids"]),
        ([waits(name, "pass") for name in ("three", "four", "five", "six")], ["2 findings more wait for ids"]),
    ):
        found = document(stack([OLD], findings=two), stack([OLD], findings=head))
        for page in (text.text(found, Page(200, False, False), everything=True), markdown.markdown(found)):
            assert ("for ids" in page) is bool(said)
            assert all(each in page for each in said)


def test_what_waits_and_stops_the_preview_is_a_finding() -> None:
    head = stack([OLD], findings=[waits("old", "pass", "mandatory")])
    found = compared(stack([OLD]), head)["findings"]
    assert ([each["level"] for each in found["new"]], found["passAtUpdate"]) == (["mandatory"], 0)


def reach(world: str = "yes", internet: str = "yes", rights: tuple[str, ...] = ("read",)) -> dict[str, Any]:
    service, store = urn(SERVICE, "web"), urn(BUCKET, "old")
    return {
        "entries": [
            {"urn": urn("aws:lb/loadBalancer:LoadBalancer", "lb"), "what": "load balancer", "world": world, "notes": [],
             "ports": [{"port": "tcp 443", "world": world, "from": ["0.0.0.0/0"], "why": None}],
             "to": [{"urn": service, "port": 80, "answer": "yes", "path": [], "why": None}]},
        ],
        "services": [
            {"urn": service, "what": "service", "role": None, "subnets": [], "services": [],
             "internet": {"answer": internet, "by": [], "why": None, "ways": [{"way": "NAT gateway", "urn": None, "subnets": []}]}},
        ],
        "stores": [{"urn": store, "what": "bucket", "by": "AWS API", "alsoRights": [], "granted": []}],
        "matrix": [
            {"service": service, "store": store, "mismatch": None, "network": {"answer": "yes", "by": [], "why": None},
             "iam": {"answer": "yes" if rights else "no", "why": None,
                     "rights": [{"right": right, "answer": "yes", "by": [], "why": None, "conditions": []} for right in rights]}},
        ],
        "notRead": [],
    }  # fmt: skip


def ways(base: dict[str, Any], head: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    found = compared(stack([OLD], reach=base), stack([OLD], reach=head))["reach"]
    return {
        key: [(way["kind"], way["what"]) for way in found[key]] for key in ("opened", "closed", "changed") if found[key]
    }


def test_a_port_that_the_world_reaches_now_is_opened_and_nothing_else_is() -> None:
    assert ways(reach(world="no"), reach()) == {"opened": [("world", "tcp 443 from 0.0.0.0/0")]}
    assert ways(reach(), reach(world="no")) == {"closed": [("world", "tcp 443 from 0.0.0.0/0")]}
    assert ways(reach(), reach()) == {}


def test_that_a_thing_reaches_itself_is_no_way_and_the_world_comes_first() -> None:
    def public(name: str) -> dict[str, Any]:
        there = urn(BUCKET, name)
        ports = [{"port": "AWS API", "world": "yes", "from": ["everybody"], "why": None}]
        to = [{"urn": there, "port": None, "answer": "yes"}]
        grant = [{"principals": ["everybody"], "actions": ["s3:GetObject"], "by": "policy", "conditions": []}]
        store = {"urn": there, "what": "bucket", "by": "AWS API", "alsoRights": [], "granted": grant}
        entry = {"urn": there, "what": "public bucket", "world": "yes", "notes": [], "ports": ports, "to": to}
        return {**reach(), "entries": [entry], "stores": [store], "services": [], "matrix": []}

    both = [("world", "AWS API from everybody"), ("granted", "s3:GetObject to everybody")]
    assert ways(public("site"), public("site2")) == {"opened": both, "closed": both}


def test_more_sources_at_the_same_port_are_another_way() -> None:
    wider = copy.deepcopy(reach())
    wider["entries"][0]["ports"][0]["from"] = ["0.0.0.0/0", "::/0"]
    assert ways(reach(), wider) == {"opened": [("world", "tcp 443 from ::/0")]}
    assert ways(wider, reach()) == {"closed": [("world", "tcp 443 from ::/0")]}


def exposed(port: str, source: str, world: str = "yes") -> dict[str, Any]:
    found = copy.deepcopy(reach(world=world))
    found["entries"][0]["ports"][0] |= {"port": port, "from": [source]}
    return found


def test_fewer_addresses_or_ports_than_before_are_nothing_new_and_more_shut_nothing() -> None:
    narrow, wide = exposed("tcp 80", "8.0.0.0/8", "some addresses"), exposed("tcp 80", "0.0.0.0/0")
    shown = "tcp 80 from 8.0.0.0/8"
    assert ways(wide, narrow) == {"closed": [("world", "tcp 80 from 0.0.0.0/0")], "changed": [("world", shown)]}
    (changed,) = compared(stack([OLD], reach=wide), stack([OLD], reach=narrow))["reach"]["changed"]
    assert changed["before"] == "tcp 80 from 0.0.0.0/0"
    assert ways(narrow, wide) == {"opened": [("world", "tcp 80 from 0.0.0.0/0")]}
    for ports in ("all", "tcp 1-100"):
        assert "opened" not in ways(exposed(ports, "0.0.0.0/0"), wide)
        assert "closed" not in ways(wide, exposed(ports, "0.0.0.0/0"))
    halves = copy.deepcopy(wide)
    halves["entries"][0]["ports"][0]["from"] = ["0.0.0.0/1", "128.0.0.0/1"]
    assert {*ways(halves, wide), *ways(wide, halves)} == {"changed"}, "the halves are all of it"
    both = copy.deepcopy(wide)
    both["entries"][0]["ports"][0]["from"] = ["0.0.0.0/0", "8.0.0.0/8"]
    assert ways(wide, both) == ways(both, wide) == {}, "the world reaches what it did"
    for other in (exposed("udp 1-100", "0.0.0.0/0"), exposed("tcp 81-90", "0.0.0.0/0"), exposed("tcp 80", "::/0"),
                  exposed("tcp 80", "9.0.0.0/8"), exposed("all", "0.0.0.0/0", "not known")):  # fmt: skip
        assert ways(other, narrow)["opened"] == [("world", shown)], "it was not reached before"


def test_what_is_known_less_surely_says_what_it_was() -> None:
    some, unsure = (exposed("tcp 80", "8.0.0.0/8", world) for world in ("some addresses", "not known"))
    (changed,) = compared(stack([OLD], reach=some), stack([OLD], reach=unsure))["reach"]["changed"]
    assert (changed["answer"], changed["before"]) == ("not known", "some addresses")


def test_rights_and_the_internet_are_ways_of_their_own() -> None:
    assert ways(reach(), reach(rights=("read", "write"))) == {"opened": [("rights", "write")]}
    assert ways(reach(rights=("read", "write")), reach()) == {"closed": [("rights", "write")]}, "less is nothing new"
    assert ways(reach(internet="no"), reach())["opened"] == [("internet", "NAT gateway")]


def test_what_is_not_known_any_more_is_told_and_not_taken_for_shut() -> None:
    assert ways(reach(), reach(internet="not known")) == {"changed": [("internet", "NAT gateway")]}
    assert ways(reach(internet="not known"), reach()) == {"opened": [("internet", "NAT gateway")]}


def test_another_way_to_the_internet_opens_nothing() -> None:
    through = reach()
    through["services"][0]["internet"]["ways"][0]["way"] = "NAT instance"
    found = document(stack([OLD], reach=through), stack([OLD], reach=reach()))
    assert {key: len(ways) for key, ways in found["stacks"]["dev"]["reach"].items()} == {
        "opened": 0, "closed": 0, "changed": 1,
    }  # fmt: skip
    for said in (text.text(found, Page(200, False, False), everything=False), markdown.markdown(found)):
        assert "web -> the internet: NAT gateway, before NAT instance" in said
        assert "Newly reachable" not in said


def test_less_that_is_granted_is_nothing_new() -> None:
    more, less = reach(), reach()
    for each, actions in ((more, ["s3:GetObject", "s3:PutObject"]), (less, ["s3:GetObject"])):
        each["stores"][0]["granted"] = [{"actions": actions, "principals": ["everybody"]}]
    assert ways(more, less) == {"closed": [("granted", "s3:PutObject to everybody")]}
    assert ways(less, more) == {"opened": [("granted", "s3:PutObject to everybody")]}


def test_two_times_that_read_alike_are_one() -> None:
    line = {"base": {"seconds": 541, "parallel": 16}, "head": {"seconds": 550, "parallel": 16}}
    assert words.duration(line) == "9 min as before"


def line(seconds: int, *chain: str) -> dict[str, Any]:
    links = [{"urn": urn(BUCKET, name), "start": 0.0, "end": 1.0} for name in chain]
    return {
        "parallel": 16,
        "seconds": seconds,
        "low": 1,
        "high": 9,
        "steps": [],
        "chain": {"seconds": seconds, "links": links},
    }


def test_time_says_the_difference_and_whether_something_else_decides() -> None:
    found = compared(stack([OLD], timeline=line(60, "old")), stack([NEW], timeline=line(90, "new")))["timeline"]
    assert (found["delta"], found["sameChain"]) == (30, True)
    other = document(stack([OLD], timeline=line(60, "gone")), stack([OLD], timeline=line(60, "old", "more")))
    found = other["stacks"]["dev"]["timeline"]
    assert (found["delta"], found["sameChain"]) == (0, False)
    said = markdown.markdown(other)
    assert "Time to make this stack from nothing: 60 s as before; what decides it now, in order (3)" in said
    rows = ["1. old (s3.Bucket) (new here)", "2. more (s3.Bucket) (new here)", "no longer among them: gone (s3.Bucket)"]
    assert [row for row in rows if f"- `{row}`" not in said] == []


def test_time_that_nobody_knows_is_named_and_a_change_of_it_is_not_comparable() -> None:
    blind = {**line(60, "old"), "notCounted": [urn("eks:index:Cluster", "cluster")]}
    both = document(stack([OLD], timeline=blind), stack([OLD], timeline=blind))
    new = document(stack([OLD], timeline=line(60, "old")), stack([OLD], timeline=blind))
    seen = document(stack([OLD], timeline=line(60, "old")), stack([OLD], timeline=line(60, "old")))
    said = [" ".join(text.text(each, Page(200, False, False), everything=False).split()) for each in (both, new, seen)]
    assert "60 s as before (without cluster (eks.Cluster), whose time nobody knows)" in said[0]
    assert "60 s as before (not counted: cluster (eks.Cluster), in the base nothing: not comparable)" in said[1]
    assert "not comparable" not in said[0]
    assert "whose time" not in said[2]
    assert "not counted: cluster (eks.Cluster), in the base nothing: not comparable" in markdown.markdown(new)
    assert "Time to make this stack" not in markdown.markdown(seen)
    assert new["stacks"]["dev"]["timeline"]["head"]["notCounted"] == blind["notCounted"]


def test_a_new_single_point_of_failure_is_told() -> None:
    point = {
        "urn": urn(BUCKET, "old"),
        "kind": "one",
        "what": "one of it",
        "removal": "a second",
        "usd": None,
        "why": "no price",
    }
    both = [{"zones": [], "gateways": [], "instances": [], "singlePoints": points} for points in ([], [point])]
    found = compared(stack([OLD], resilience=both[0]), stack([OLD], resilience=both[1]))["singlePoints"]
    assert ([each["what"] for each in found["new"]], found["gone"]) == (["one of it"], [])


def test_a_single_point_that_more_services_need_is_the_same_one() -> None:
    def one(services: str) -> dict[str, Any]:
        what = f"NAT instance: without it {services} do not get out of 2 zones"
        point = {
            "urn": OLD["urn"],
            "kind": "NAT instance",
            "what": what,
            "removal": "another",
            "usd": "1.00",
            "why": None,
        }
        return {"zones": [], "gateways": [], "instances": [], "singlePoints": [point]}

    before, after = stack([OLD], resilience=one("status, web")), stack([OLD], resilience=one("api, status, web"))
    assert compared(before, after)["singlePoints"] == {"new": [], "gone": []}
    other = one("web")
    other["singlePoints"][0]["kind"] = "instance"
    changed = compared(before, stack([OLD], resilience=other))["singlePoints"]
    assert [len(changed[key]) for key in ("new", "gone")] == [1, 1]
    del other["singlePoints"][0]["kind"]
    older = compared(stack([OLD], resilience=other), before)["singlePoints"]
    assert [len(older[key]) for key in ("new", "gone")] == [1, 1], "a report of before says nothing else"


def test_an_export_that_goes_is_told_because_other_stacks_may_read_it() -> None:
    value = {"value": "x", "knownAtPreview": True}
    found = compared(stack([OLD], exports={"vpc": value, "a": value}), stack([OLD], exports={"a": value, "b": value}))[
        "exports"
    ]
    assert found == {"added": ["b"], "removed": ["vpc"]}


def test_a_stack_that_is_new_is_all_added_and_one_without_a_file_is_no_deletion() -> None:
    base, head = {"errors": [], "stacks": {"old": stack([OLD])}}, {"errors": [], "stacks": {"dev": stack([OLD])}}
    found = compare.document(base, head, BASE, {})["stacks"]
    summary = found["dev"]["summary"]
    assert (found["dev"]["state"], summary["add"], summary["providers"]) == ("new", 1, 1)
    assert (found["old"]["state"], found["old"]["resources"]) == ("gone", [])


def test_what_is_added_is_as_much_as_check_says_is_created(recording: Committed) -> None:
    """On the terminal, in the comment and in both documents."""
    report = recording.report()
    found = compare.document({"errors": [], "stacks": {}}, report, BASE, {})
    told, comment = text.text(found, Page(200, False, False), everything=False), markdown.markdown(found)
    for name, each in report["stacks"].items():
        made = each["summary"]["resources"]
        assert f"{made} resources in " in recording.told
        assert found["stacks"][name]["summary"]["add"] == made
        assert f"{name} is a new stack: {made} added (and 1 provider)" in told
        assert f"| `{name}` (new) | {made} |" in comment
        assert f"<summary>Added ({made})</summary>" in comment
        same = compare.document(report, report, BASE, {})["stacks"][name]["summary"]
        assert (same["unchanged"], same["add"], same["providers"]) == (made, 0, 0)


def test_a_program_that_fails_is_not_compared_with_one_that_does_not() -> None:
    error = {"kind": "program", "message": "boom", "source": None, "phases": ["preview"]}
    broken = stack([], errors=[error], summary={"exitCode": 2})
    for base, head, side in ((broken, stack([OLD]), "base"), (stack([OLD]), broken, "head")):
        whole = document(base, head)
        found = whole["stacks"]["dev"]
        assert (found["state"], found["resources"], found["errors"][0]["side"]) == ("failed", [], side)
        assert compare.exit_code(whole) == 2


def test_what_aws_refuses_is_told_beside_the_comparison_and_of_the_base_alone_it_is_past() -> None:
    bad = {"kind": "refused", "message": "aws:s3/bucket:Bucket 'files': bucket: no", "source": "p:1", "phases": []}
    refused = stack([OLD, resource(ROLE, "new")], errors=[bad], summary={"exitCode": 2})
    fine = stack([OLD])
    found = document(fine, refused)
    told = found["stacks"]["dev"]
    assert (told["state"], told["summary"]["add"], told["summary"]["exitCode"]) == ("compared", 1, 2)
    for said in (text.text(found, Page(100, False, False), everything=False), markdown.markdown(found)):
        assert "bucket: no" in said
        assert "cannot be compared" not in said.lower()
    mended = document(refused, fine)["stacks"]["dev"]
    assert (mended["errors"], mended["summary"]["remove"], mended["summary"]["exitCode"]) == ([], 1, 0)


def test_violations_of_the_base_alone_do_not_fail_the_head() -> None:
    assert compare.exit_code(document(stack([OLD], summary={"exitCode": 1}), stack([OLD]))) == 0
    assert compare.exit_code(document(stack([OLD]), stack([OLD], summary={"exitCode": 1}))) == 1
