"""What web ACLs do, and whether they say so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from guardrails import kinds
from guardrails.checks import has_companion, leaves
from guardrails.graph import Node
from guardrails.joins import WEB_ACL
from guardrails.reading import Absent, Known, Record, Unknown
from guardrails.verdicts import HOLDS, Control, Finding, Scope, Severity, View, breaks, waits

_KNOWN_BAD = "AWSManagedRulesKnownBadInputsRuleSet"
_GROUP = "statement.managedRuleGroupStatement.name"
_ELSEWHERE = {kinds.WEB_ACL_RULE: _GROUP, kinds.WEB_ACL_RULE_GROUP: "managedRuleGroup.name"}
"""Kinds that add a rule to an ACL, and where each names a managed group."""


def _waf_has_rules(acl: Node, view: View) -> Iterable[Finding]:
    found = list(_rules(acl, view))
    doubts = [doubt for doubt in found if isinstance(doubt, Finding)]
    if _KNOWN_BAD in found:
        yield HOLDS
    elif doubts:
        yield doubts[0]
    else:
        yield breaks(f"no rule of it is the managed group {_KNOWN_BAD}" if found else "it has no rule", acl.label)


def _rules(acl: Node, view: View) -> Iterator[str | Finding]:
    """The managed group of each rule, empty for any other rule, or what that waits for."""
    blocks = acl.props.items("rules")
    if isinstance(blocks, Unknown):
        yield waits(f"its rules, {view.graph.describe(blocks)}", acl.label)
    for block in blocks.value.records() if isinstance(blocks, Known) else ():
        yield from _group(block.value, _GROUP, acl) if isinstance(block, Known) else [waits("a rule of it", acl.label)]
    text = acl.props.text("ruleJson")
    if isinstance(text, Unknown):
        yield waits(f"its rules, {view.graph.describe(text)}", acl.label)
    elif isinstance(text, Known):
        yield from _parsed(text.value, acl)
    for kind, path in _ELSEWHERE.items():
        companions = view.graph.companions(kind, "webAclArn", WEB_ACL)
        for rule in companions.of(acl):
            yield from _group(rule.props, path, acl)
        yield from (waits(f"whether {rule.label} belongs to it", acl.label) for rule in companions.maybe(acl))


def _group(record: Record, path: str, acl: Node) -> Iterator[str | Finding]:
    for name in leaves(record, path, "text"):
        if isinstance(name, Unknown):
            yield waits("what a rule of it does", acl.label)
        else:
            yield "" if isinstance(name, Absent) else name.value


def _parsed(text: str, acl: Node) -> Iterator[str | Finding]:
    """Rules as AWS writes them in JSON."""
    try:
        rules: Any = json.loads(text)
    except ValueError:
        rules = None
    if not isinstance(rules, list):
        yield waits("its rules, which are no JSON list as AWS demands", acl.label)
        return
    for rule in rules:
        statement = rule.get("Statement") if isinstance(rule, dict) else None
        group = statement.get("ManagedRuleGroupStatement") if isinstance(statement, dict) else None
        yield str(group.get("Name", "")) if isinstance(group, dict) else ""


CONTROLS: tuple[Control, ...] = (
    Control(
        id="waf-has-rules",
        title="Web ACLs have rules, among them those against known bad inputs",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.WEB_ACL,),
        references=("WAF.10", "CKV_AWS_175", "CKV_AWS_192"),
        why="An ACL without rules lets everything through; Log4Shell is in that group.",
        fix=f"add a rule with managed_rule_group_statement name {_KNOWN_BAD}, vendor_name AWS",
        judge=_waf_has_rules,
    ),
    Control(
        id="waf-logging",
        title="Web ACLs are logged",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.WEB_ACL,),
        references=("WAF.11", "CKV2_AWS_31"),
        why="Otherwise nobody sees what was refused, or should have been.",
        fix="add wafv2.WebAclLoggingConfiguration(resource_arn=acl.arn, log_destination_configs=[...])",
        judge=has_companion(
            kinds.WEB_ACL_LOGGING, "resourceArn", WEB_ACL, missing="it has no wafv2.WebAclLoggingConfiguration"
        ),
    ),
)
