"""What a person is told of a difference, in words that terminal and Markdown share."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from preflight.counted import counted
from preflight.diff.networks import ANOTHER_STACK, SAME_VPC, STRANDED, VPC
from preflight.diff.touched import ORDER, WATCHING
from preflight.times import minutes

Entry = Mapping[str, Any]
_LONGEST = 60  # characters of a value
_NAMED = 8  # of what stands in a network that is replaced
SIGNS = {"remove": "-", "replace": "-+", "unknown": "?", "update": "~", "add": "+", "rename": "=", "none": "."}
PROVIDERS = "Providers of the program"
TITLES = {
    "remove": "removed",
    "replace": "replaced",
    "unknown": "changed, not known whether that replaces",
    "update": "updated in place",
    "add": "added",
    "rename": "renamed by an alias, nothing else",
    "none": "nothing planned",
}
_EFFECTS = {
    "replace": " (replaces)",
    "unknown": " (not known whether this replaces)",
    "none": " (nothing is planned)",
    "default": " (which counts when it is not given: nothing is planned)",
    "ignored": " (ignoreChanges)",
    "state": " (in the state only)",
    "update": "",
}
REACH = {
    "opened": "Newly reachable",
    "closed": "No longer reachable",
    "changed": "Reachable as before, but by another way or not known for sure",
}
"""Titles of the ways that differ."""
_WAYS = {
    "world": "the world -> {start}: {what}",
    "entry": "{start} -> {end}: {what}",
    "internet": "{start} -> the internet: {what}",
    "service": "{start} -> {end}: {what}",
    "network": "{start} -> {end} by network",
    "rights": "{start} may {what} {end}",
    "granted": "{start} grants {what}",
}


def against(base: Entry) -> str:
    """What is compared with: the name that was given, and the commit unless it is that."""
    commit = base["commit"] or ""
    if commit.startswith(base["name"]):
        return commit[:10] or str(base["name"])
    return f"{base['name']} ({commit[:10]})" if commit else str(base["name"])


def side(error: Entry, base: Entry) -> str:
    """Of which of the two programs an error is."""
    return "the working tree" if error["side"] == "head" else against(base)


def error(each: Entry, base: Entry) -> str:
    """One error. Whoever mends the keys that a message lists needs no line of the program that refused them."""
    listed = each["kind"] == "config" and "\n" in each["message"]
    place = f"{each['source']}: " if each["source"] and not listed else ""
    return f"{side(each, base)}: {each['kind']} error: {place}{each['message']}"


def kind(token: str) -> str:
    """`aws:ec2/subnet:Subnet` as `ec2.Subnet`."""
    package, _, rest = token.partition(":")
    module, _, name = rest.rpartition(":")
    module = module.partition("/")[0]
    return f"{module}.{name}" if package == "aws" else f"{package}.{name}"


def called(each: Entry) -> str:
    """Name and type of a resource."""
    return f"{each['name']} ({kind(each['type'])})"


def value(shown: Any) -> str:
    """A value in few words; of a secret and of what is not known yet there is only that."""
    if isinstance(shown, dict) and len(shown) == 1:
        mark = next(iter(shown))
        if mark == "$unknown":
            return "(known after the deployment)"
        if mark == "$secret":
            return "[secret]"
        if mark.startswith("$"):
            return f"({mark[1:]})"
    return _cut(_flat(shown))


def _flat(shown: Any) -> str:
    text = shown if isinstance(shown, str) else json.dumps(_plain(shown), ensure_ascii=False)
    flat = " ".join(text.split())
    return f'"{flat}"' if isinstance(shown, str) and shown != ORDER else flat


def _cut(flat: str) -> str:
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 3]}..."


def _between(before: Any, after: Any) -> str:
    """Both values; long ones that begin alike from shortly before the place where they differ."""
    shown = value(before), value(after)
    both = _flat(before), _flat(after)
    if shown[0] == shown[1] and both[0] != both[1]:
        alike = next((at for at, (old, new) in enumerate(zip(*both, strict=False)) if old != new), min(map(len, both)))
        start = max(1, alike - _LONGEST // 3)
        mark = '"...' if both[0].startswith('"') else "..."
        shown = _cut(f"{mark}{both[0][start:]}"), _cut(f"{mark}{both[1][start:]}")
    return f"{shown[0]} -> {shown[1]}"


def _plain(shown: Any) -> Any:
    if isinstance(shown, dict):
        if shown == {"$unknown": True}:
            return "(unknown)"
        return "[secret]" if shown == {"$secret": True} else {key: _plain(inner) for key, inner in shown.items()}
    return [_plain(inner) for inner in shown] if isinstance(shown, list) else shown


def change(each: Entry, names: Mapping[str, str]) -> str:
    """One changed property."""
    before, after = each["before"], each["after"]
    effect = f" ({each['note']})" if each["note"] else _EFFECTS[each["effect"]]
    if each["kind"] == "add":
        said = f"{each['path']}: {value(after)} added"
    elif each["kind"] == "delete":
        said = f"{each['path']}: {value(before)} taken out"
    elif before == after == ORDER:
        said = f"{each['path']}: another order"
    elif before == after == {"$secret": True}:
        said = f"{each['path']}: [secret] changed"
    elif each["dueTo"] and before == after:
        return f"{each['path']}: follows {_listed(each['dueTo'], names)}{effect}"
    elif before == after == {"$unknown": True}:
        said = f"{each['path']}: another value, known after the deployment"
    else:
        said = f"{each['path']}: {_between(before, after)}"
    due = f", follows {_listed(each['dueTo'], names)}" if each["dueTo"] else ""
    return said + due + effect


def warning(each: Entry, entry: Entry) -> str:
    """What becomes of a change of which the plan does not tell the truth."""
    outcome = "AWS refuses it" if each["outcome"] == "refused" else "nothing is planned"
    moved = "" if each["before"] == each["after"] else f" {_between(each['before'], each['after'])}"
    return f"{called(entry)} {each['path']}{moved}: {outcome}, {each['why']}. Instead: {each['instead']}"


def moved(stack: Entry) -> list[str]:
    """What comes before all else, as it changes what the rest means: another account or region of the stack, and what
    cannot follow a network that is replaced."""
    both = {
        each["what"]: f"another {each['what']}: {each['base']} -> {each['head']}"
        for each in stack["moved"]
        if not each.get("assumed")
    }
    if "account" in both:
        means = "nothing of the base is there; everything is made anew there, and what is in the old account stays"
        return [f"{'; '.join(both.values())}: {means}. Below is only what the program says otherwise"]
    said = [
        f"{each}: what is regional is replaced: made in the new region, and deleted in the old one with what it holds. "
        "What only follows the region is not listed as a change"
        for each in both.values()
    ]
    said += [_assumed(each) for each in stack["moved"] if each.get("assumed")]
    return said + _stranded(stack["resources"])


def _assumed(each: Entry) -> str:
    """A region that one of both does not say, so that nobody here knows whether the stack moves."""
    other = "head" if each["assumed"] == "base" else "base"
    return (
        f"perhaps another region: the {each['assumed']} gives none ({each[each['assumed']]} is assumed), the {other} "
        f"{each[other]}. Unless both are {each[other]} (AWS_REGION, a profile), what is regional is replaced: made in "
        "the new region, and deleted in the old one with what it holds"
    )


def _stranded(listed: Sequence[Entry]) -> list[str]:
    stranded = [called(each) for each in listed if any(warning["source"] == STRANDED for warning in each["warnings"])]
    if not stranded:
        return []
    networks = {each["name"]: each["action"] for each in listed if each["type"] == VPC}
    more = f" and {len(stranded) - _NAMED} more" if len(stranded) > _NAMED else ""
    where = f"AWS does not move what stands in it, and the update stops at {', '.join(stranded[:_NAMED])}{more}"
    if gone := [name for name, action in networks.items() if action in ("replace", "unknown")]:
        return [f"the VPC is replaced ({', '.join(gone)}): {where}. Instead: {ANOTHER_STACK}"]
    come = [name for name, action in networks.items() if action == "add"]
    return [f"another VPC takes the place of one ({', '.join(come)}): {where}. Instead: {SAME_VPC}"]


def grave(listed: Sequence[Entry]) -> dict[str, list[str]]:
    """What goes with consequences, each resource once: what the engine or AWS refuses, what loses data, what can be had
    again, what stays in AWS."""
    refused = [each for each in listed if each["engineRefuses"]]
    rest = [each for each in listed if not each["engineRefuses"]]
    return {
        "engineRefuses": [_going(each, "without the protection, ") for each in refused],
        **{key: [_going(each) for each in rest if _outcome(each) in outcomes] for key, outcomes in _OUTCOMES.items()},
        "staysInAws": [_going(each, titled=each["action"] == "remove") for each in rest if each["staysInAws"]],
    }


_OUTCOMES = {
    "deletionRefused": ("refused", "refused unless empty"),
    "losesData": ("lost",),
    "restorable": ("restorable", "elsewhere"),
}
GRAVE = {
    "engineRefuses": "The engine refuses this while it is protected",
    "deletionRefused": "AWS refuses the deletion, at least while something is in it",
    "losesData": "Loses data",
    "restorable": "Goes, and its data remains for now",
    "staysInAws": "Stays in AWS without a manager",
}
"""Titles of what `grave` tells."""


def deletion_refused(each: Entry) -> bool:
    """Whether AWS refuses to delete it, at least while it holds something."""
    return _outcome(each) in _OUTCOMES["deletionRefused"]


def _outcome(each: Entry) -> str | None:
    return each["deletion"]["outcome"] if each["deletion"] else None


def _going(each: Entry, condition: str = "", *, titled: bool = False) -> str:
    """A resource that goes, and what becomes of it and of what it holds, unless the title says that already; and what
    to do instead."""
    because = f" because of {', '.join(each['because'][:3])}" if each["because"] else ""
    fate = "" if titled else _fate(each)
    said = f"{called(each)} is {TITLES[each['action']]}{because}" + (f": {condition}{fate}" if fate else "")
    back = "To have it back" if _outcome(each) == "restorable" and not each["engineRefuses"] else "Instead"
    return said + (f". {back}: {each['instead']}" if each["instead"] else "")


def _fate(each: Entry) -> str:
    perhaps = each["action"] == "unknown"
    deletion = each["deletion"]
    if deletion and deletion["outcome"] == "lost":
        return "what it holds may be lost" if perhaps else str(deletion["said"])
    if deletion and not each["staysInAws"]:
        emptied = deletion["outcome"] == "restorable" and each["action"] != "remove"
        new = ", the program gets a new one without what it holds" if emptied else ""
        return f"{'if it is, ' if perhaps else ''}{deletion['said']}{new}"
    if not each["staysInAws"]:
        return ""
    if each["action"] == "remove":
        return "it stays in AWS without a manager"
    new = "an empty new one" if each["holdsData"] else "a new one"
    stays = f"the old one stays in AWS without a manager, the program gets {new}"
    return f"if it is, {stays}" if perhaps else stays


def kept(each: Entry) -> list[str]:
    """What is said of protection and retention wherever the resource is listed."""
    if each["engineRefuses"]:
        return ["protected, so the engine refuses"]
    if each["takenOverBy"]:
        return [f"it stays in AWS, and {each['takenOverBy'].rpartition('::')[2]} takes it over (import)"]
    return [f"{'it' if each['action'] == 'remove' else 'the old one'} stays in AWS"] if each["staysInAws"] else []


def waiting(findings: Entry) -> list[str]:
    """How much more there is that a preview cannot decide and the update lets pass: nothing to mend, and the engine's
    preview shows it."""
    more = findings["passAtUpdate"] - findings["passAtUpdateGone"]
    if more == 1:
        return ["1 finding more waits for ids at preview and passes at update"]
    return [f"{more} findings more wait for ids at preview and pass at update"] if more > 0 else []


def reached(way: Entry, names: Mapping[str, str]) -> str:
    """One way."""
    end = names.get(way["to"], way["to"]) if way["to"] else ""
    said = _WAYS[way["kind"]].format(start=names.get(way["from"], way["from"]), end=end, what=way["what"])
    said = said.removesuffix(": ")
    if way["answer"] != "yes":
        said += f" ({'not known for sure' if way['answer'] == 'not known' else way['answer']})"
    return f"{said}, before {way['before']}" if "before" in way else said


def counts(summary: Mapping[str, int], told: Mapping[str, Sequence[str]]) -> str:
    """The first line: how many of each, and of what is `told` as grave what no other word in it says."""
    parts = [f"{summary[key]} {word}" for key, word in (
        ("add", "added"), ("update", "updated"), ("replace", "replaced"), ("unknown", "perhaps replaced"),
        ("remove", "removed"), ("rename", "renamed"), ("none", "with nothing planned"),
    ) if summary[key]]  # fmt: skip
    said = ", ".join(parts) if parts else "no resource changes"
    if summary["providers"]:
        said += f" (and {_providers(summary['providers'])})"
    if refused := len(told["engineRefuses"]):
        said += f"; the engine refuses {refused} of these (protected)"
    if kept := len(told["deletionRefused"]):
        said += f"; AWS refuses to delete {kept} of these"
    if stays := len(told["staysInAws"]):
        said += f"; {stays} {'stay' if stays > 1 else 'stays'} in AWS without a manager"
    return said


def goes(listed: Sequence[Entry]) -> bool:
    """Whether these are such as go, or may go."""
    return any(each["action"] in ("remove", "replace", "unknown") for each in listed)


def leads(each: Entry) -> bool:
    """Whether it is no mere consequence: it does not only follow others, and does not only watch them."""
    return not each["follows"] and each["type"] not in WATCHING


def is_provider(each: Entry) -> bool:
    """Whether it is a provider that the program sets up: it changes, and is none of the resources that are counted."""
    return str(each["type"]).startswith("pulumi:providers:")


def _providers(count: int) -> str:
    return counted(count, "provider")


def money(cost: Entry) -> str:
    """Both sums by the expected profile, and the difference; of the other profiles where only they differ."""
    old, new = ((each or {}).get("expected") for each in (cost["base"], cost["head"]))
    if old is None or new is None:
        return f"{new or old} USD a month expected"
    if old == new:
        other = _others(cost["delta"])
        return f"{new} USD a month expected, as before" + (f" ({other})" if other else "")
    return f"{old} -> {new} USD a month expected ({signed(cost['delta']['expected'])})"


def amount(each: Entry) -> str:
    """What becomes dearer or cheaper: by the expected profile, or by the others where that stays."""
    return signed(each["delta"]["expected"]) if Decimal(each["delta"]["expected"]) else _others(each["delta"])


def _others(delta: Mapping[str, str]) -> str:
    return ", ".join(f"{profile} {signed(value)}" for profile, value in delta.items() if Decimal(value))


def over_budget(cost: Entry) -> str:
    """How far the head is above its budget."""
    above = Decimal(cost["head"]["expected"]) - Decimal(cost["budget"])
    was = ""
    if cost["base"] and Decimal(cost["base"]["expected"]) > Decimal(cost["budget"]):
        was = ", and so was the base"
    return f"over budget: {cost['head']['expected']} of {cost['budget']} USD a month, {above:,.2f} too much{was}"


def prices(cost: Entry) -> list[str]:
    """What to know of the prices, where both sums are not by the same."""
    if cost["pricesDiffer"] is None:
        return ["the saved report does not say by which prices it was estimated: the difference may be theirs"]
    return ["base and head were estimated by different price tables"] if cost["pricesDiffer"] else []


def signed(amount: str) -> str:
    """With its sign; nothing is `+0.00`."""
    return f"{Decimal(amount):+,.2f}"


def duration(line: Entry) -> str:
    """A first deployment before and after, without what decides it."""
    old, new = line["base"]["seconds"], line["head"]["seconds"]
    said = f"{minutes(old)} -> {minutes(new)}"
    if minutes(old) == minutes(new):
        said = f"{minutes(new)} as before"
    before, after = line["base"]["parallel"], line["head"]["parallel"]
    if before != after:
        said += f" ({counted(after, 'resource')} at a time, in the base {before}: not comparable)"
    missing, missed = (_unseen(line[side].get("notCounted", ())) for side in ("head", "base"))
    if missing != missed:
        said += f" (not counted: {missing}, in the base {missed}: not comparable)"
    elif line["head"].get("notCounted"):
        said += f" (without {missing}, whose time nobody knows)"
    return said


def _unseen(urns: Sequence[str]) -> str:
    return ", ".join(linked(urn, {}) for urn in urns) or "nothing"


def time(line: Entry, names: Mapping[str, str]) -> str:
    """A first deployment before and after."""
    if line["sameChain"]:
        return duration(line)
    last = [names.get(each["chain"][-1], "") if each["chain"] else "nothing" for each in (line["base"], line["head"])]
    before = f", before in {last[0]}" if last[0] != last[1] else ""
    return f"{duration(line)}; the longest chain ends in {last[1]}{before}"


def chain(line: Entry, names: Mapping[str, str]) -> list[str]:
    """What decides the time now, in its order, and what no longer does."""
    old, new = line["base"]["chain"], line["head"]["chain"]
    said = [f"{place}. {linked(urn, names)}{'' if urn in old else ' (new here)'}" for place, urn in enumerate(new, 1)]
    gone = [linked(urn, names) for urn in old if urn not in new]
    return said + ([f"no longer among them: {', '.join(gone)}"] if gone else [])


def linked(urn: str, names: Mapping[str, str]) -> str:
    """Name and type by a URN alone."""
    return f"{names.get(urn, urn.rpartition('::')[2])} ({kind(urn.split('::')[2].rpartition('$')[2])})"


def _listed(urns: Sequence[str], names: Mapping[str, str]) -> str:
    shown = [names.get(urn, urn.rpartition("::")[2]) for urn in urns[:3]]
    return ", ".join(shown) + (f" and {len(urns) - 3} more" if len(urns) > 3 else "")
