"""Cases of the controls in `guardrails.controls.apis`."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, document, holds, lost, one, ref, waits
from tests.policy.houses import statement

ASKS = "api-route-asks-who-calls"
REST, METHOD, POLICY = kinds.REST_API, kinds.REST_METHOD, kinds.REST_API_POLICY
API, ROUTE, GRAPHQL = kinds.HTTP_API, kinds.HTTP_ROUTE, kinds.GRAPHQL_API
OFFICE = {"IpAddress": {"aws:SourceIp": "66.193.100.22/32"}}
EVERYONE = statement(Principal="*", Action="execute-api:Invoke", Resource="*")
NOT_ELSEWHERE = {**EVERYONE, "Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": "66.193.100.22/32"}}}
PRIVATE = {"endpointConfiguration": {"types": "PRIVATE"}}


def method(api: dict[str, Any] | None = None, **inputs: Any) -> Make:
    """A REST API with one method."""
    asked = {"restApi": ref("api.id"), "httpMethod": "POST", "authorization": "NONE"} | inputs
    return build(api=(REST, api or {}), it=(METHOD, asked))


def route(key: Any, protocol: str = "HTTP", **inputs: Any) -> Make:
    """An API of the second edition with one route."""
    return build(api=(API, {"protocolType": protocol}), it=(ROUTE, {"apiId": ref("api.id"), "routeKey": key} | inputs))


def said(*statements: Any) -> dict[str, Any]:
    return {"policy": document({"Statement": list(statements)})}


CASES: tuple[Case, ...] = (
    holds(ASKS, "a signature", method(authorization="AWS_IAM")),
    holds(ASKS, "what a browser asks before", method(httpMethod="OPTIONS")),
    holds(ASKS, "an API key", method(apiKeyRequired=True)),
    holds(ASKS, "a private API", method(PRIVATE)),
    holds(ASKS, "a policy that names an office", method(said(statement(
        Principal="*", Action="execute-api:Invoke", Resource="*", Condition=OFFICE)))),
    holds(ASKS, "a policy that refuses all but an office", method(said(EVERYONE, NOT_ELSEWHERE))),
    holds(ASKS, "a policy of its own", build(
        api=(REST, {}), it=(METHOD, {"restApi": ref("api.id"), "httpMethod": "GET", "authorization": "NONE"}),
        its=(POLICY, {"restApiId": ref("api.id"), **said(statement(
            Principal="*", Action="execute-api:Invoke", Resource="*", Condition=OFFICE))}))),
    breaks(ASKS, "nobody", method()),
    breaks(ASKS, "nobody, and a policy for everyone", method(said(EVERYONE))),
    breaks(ASKS, "nobody but for an office's own right", method(said(EVERYONE, statement(
        Principal="*", Action="execute-api:Invoke", Resource="*", Condition=OFFICE)))),
    breaks(ASKS, "a policy for everyone that refuses a part", method(said(
        EVERYONE, {**EVERYONE, "Effect": "Deny", "Resource": "execute-api:/prod/DELETE/*"}))),
    breaks(ASKS, "a policy for everyone who speaks TLS, as all do", method(said(EVERYONE, {
        **EVERYONE, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}))),
    holds(ASKS, "a signature for an API of another stack", one(
        METHOD, restApi=lost("abc"), httpMethod="GET", authorization="AWS_IAM")),
    holds(ASKS, "a token for what another stack names", route(lost("GET /orders"), authorizationType="JWT")),
    breaks(ASKS, "an API of another stack", one(METHOD, restApi="abc", httpMethod="GET", authorization="NONE")),
    breaks(ASKS, "an API key is not asked for", method(apiKeyRequired=False, authorization="none")),
    holds(ASKS, "a token", route("GET /orders", authorizationType="JWT")),
    holds(ASKS, "what a browser asks before, of HTTP", route("OPTIONS /orders")),
    holds(ASKS, "a message over a connection", route("send", "WEBSOCKET")),
    holds(ASKS, "any message over a connection", route("$default", "WEBSOCKET")),
    holds(ASKS, "a connection with a signature", route("$connect", "WEBSOCKET", authorizationType="AWS_IAM")),
    breaks(ASKS, "a route that says nothing", route("GET /orders")),
    breaks(ASKS, "a route that says NONE", route("ANY /{proxy+}", authorizationType="NONE")),
    breaks(ASKS, "whatever no other route takes", route("$default")),
    breaks(ASKS, "an open connection", route("$connect", "WEBSOCKET")),
    breaks(ASKS, "a quick-create route", one(API, protocolType="HTTP", target="arn:aws:lambda:eu-west-1:1:function:f")),
    holds(ASKS, "an API that routes come to later", one(API, protocolType="HTTP")),
    waits(ASKS, "a default route of another stack's API", one(ROUTE, apiId="abc", routeKey="$default")),
    holds(ASKS, "what another stack says", method(authorization=lost("AWS_IAM")), at_preview=("it",)),
    holds(ASKS, "people of a pool", one(GRAPHQL, authenticationType="AMAZON_COGNITO_USER_POOLS")),
    breaks(ASKS, "a key in every client", one(GRAPHQL, authenticationType="API_KEY")),
)  # fmt: skip
