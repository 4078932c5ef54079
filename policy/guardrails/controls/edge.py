"""What stands between the world and the load balancers."""

from __future__ import annotations

from guardrails.verdicts import Control, Family

CONTROLS: tuple[Control, ...] = ()
FAMILY = Family("edge", "Edge (CloudFront, Route 53, ACM)", CONTROLS)
