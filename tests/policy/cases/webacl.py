"""Cases of the controls in `guardrails.controls.webacl`."""

import json
from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, breaks, build, changed, holds, house, lost, one, ref, waits

RULES = "waf-has-rules"
LOGS = "waf-logging"
KNOWN_BAD = "AWSManagedRulesKnownBadInputsRuleSet"


def managed(name: Any) -> dict[str, Any]:
    """A rule that is a managed group."""
    return {"priority": 1, "name": "a", "statement": {"managedRuleGroupStatement": {"name": name, "vendorName": "AWS"}}}


def in_json(*names: str) -> str:
    """Rules as AWS writes them."""
    rules = [{"Name": name, "Statement": {"ManagedRuleGroupStatement": {"Name": name}}} for name in names]
    return json.dumps([*rules, {"Name": "rate", "Statement": {"RateBasedStatement": {"Limit": 1000}}}])


RATE = {"priority": 2, "name": "rate", "statement": {"rateBasedStatement": {"limit": 1000}}}
ACL = one(kinds.WEB_ACL, rules=[RATE, managed(KNOWN_BAD)])
BARE = one(kinds.WEB_ACL, scope="REGIONAL")
OWN = {"webAclArn": ref("it.arn"), "priority": 1}
LOG = {"resourceArn": ref("it.arn"), "logDestinationConfigs": ["arn:aws:logs:eu-west-1:111122223333:log-group:a"]}

CASES: tuple[Case, ...] = (
    holds(RULES, "the group for known bad inputs, beside another rule", ACL),
    holds(RULES, "the group in a rule of its own",
          house(BARE, rule=(kinds.WEB_ACL_RULE, OWN | {"statement": managed(KNOWN_BAD)["statement"]}))),
    holds(RULES, "the group by an association",
          house(BARE, rule=(kinds.WEB_ACL_RULE_GROUP, OWN | {"managedRuleGroup": {"name": KNOWN_BAD}}))),
    holds(RULES, "rules in JSON", one(kinds.WEB_ACL, ruleJson=in_json("x", KNOWN_BAD))),
    breaks(RULES, "no rule at all", BARE),
    breaks(RULES, "an empty list", one(kinds.WEB_ACL, rules=[])),
    breaks(RULES, "rules, but not that group",
           changed(ACL, "it", rules=[RATE, managed("AWSManagedRulesCommonRuleSet")])),
    breaks(RULES, "rules in JSON, but not that group", one(kinds.WEB_ACL, ruleJson=in_json("x"))),
    breaks(RULES, "the group in a rule of another ACL",
           house(BARE, other=(kinds.WEB_ACL, {"rules": [managed(KNOWN_BAD)]}),
                 rule=(kinds.WEB_ACL_RULE, OWN | {"webAclArn": ref("other.arn"),
                                                  "statement": managed(KNOWN_BAD)["statement"]}))),
    breaks(RULES, "a rule of its own that is something else",
           house(BARE, rule=(kinds.WEB_ACL_RULE, OWN | {"statement": RATE["statement"]}))),
    waits(RULES, "rules that are no JSON", one(kinds.WEB_ACL, ruleJson="{")),
    breaks(RULES, "a group that is not known yet", one(kinds.WEB_ACL, rules=[managed(lost("x"))]),
           undecided_at_preview=True),
    holds(RULES, "rules that are not known yet", one(kinds.WEB_ACL, ruleJson=lost(in_json(KNOWN_BAD))),
          at_preview=("it",)),
    holds(RULES, "a rule of its own by a lost edge",
          house(BARE, rule=(kinds.WEB_ACL_RULE, {
              "webAclArn": lost("arn:aws:x:::webacl/it"), "statement": managed(KNOWN_BAD)["statement"]})),
          at_preview=("it",)),
    holds(LOGS, "a logging configuration", house(BARE, log=(kinds.WEB_ACL_LOGGING, LOG))),
    breaks(LOGS, "none", BARE),
    breaks(LOGS, "that of another one",
           house(build(other=(kinds.WEB_ACL, {}), it=(kinds.WEB_ACL, {})),
                 log=(kinds.WEB_ACL_LOGGING, LOG | {"resourceArn": ref("other.arn")}))),
    breaks(LOGS, "perhaps that of another one",
           house(BARE, log=(kinds.WEB_ACL_LOGGING, LOG | {"resourceArn": lost("arn:aws:x:::webacl/other")})),
           undecided_at_preview=True),
)  # fmt: skip
