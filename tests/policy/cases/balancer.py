"""Cases of the controls on load balancers."""

from guardrails import kinds

from tests.policy.cases.kit import breaks, changed, holds, house, ref, retyped
from tests.policy.houses import tiers

FORWARD = [{"type": "forward", "targetGroupArn": "arn:aws:tg"}]

CASES = (
    holds("lb-https-only", "plain HTTP is redirected", tiers),
    holds("lb-https-only", "an old type token", retyped(tiers, "http", "aws:alb/listener:Listener")),
    breaks("lb-https-only", "plain HTTP is forwarded", changed(tiers, "http", defaultActions=FORWARD), "http"),
    breaks(
        "lb-https-only",
        "a rule on the redirecting listener forwards",
        house(tiers, path=(kinds.LISTENER_RULE, {"listenerArn": ref("http.arn"), "actions": FORWARD})),
        "path",
    ),
)
