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


def imported(
    security: Any = None, kind: str = REST, scheme: Any = None, api: dict[str, Any] | None = None, **more: Any
) -> Make:
    """An API from a document with one route that asks so."""
    route = {} if security is None else {"security": security}
    written = {"openapi": "3.0.1", "paths": {"/orders": {"get": route, "options": {}}},
               "components": {"securitySchemes": {"who": scheme or {}}}, **more}  # fmt: skip
    return one(kind, **(api or {}), body=document(written))


AUTHORIZER = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "x-amazon-apigateway-authorizer": {"type": "token"},
}
KEY = {"type": "apiKey", "in": "header", "name": "x-api-key"}
IN_YAML = """
openapi: 3.0.1
paths:
  /orders:
    get: {summary: all of them}
    post:
      security: [{who: []}]
components: {securitySchemes: {who: {type: apiKey, x-amazon-apigateway-authtype: awsSigv4}}}
"""
CASES: tuple[Case, ...] = (
    holds(ASKS, "imported routes with an authorizer", imported([{"who": []}], scheme=AUTHORIZER)),
    holds(ASKS, "imported routes with an authorizer for all", one(REST, body=document({
        "paths": {"/": {"get": {}}}, "security": [{"who": []}], "securityDefinitions": {"who": AUTHORIZER}}))),
    holds(ASKS, "imported routes with a key", imported([{"who": []}], scheme=KEY)),
    holds(ASKS, "imported routes of a private API", imported(api=PRIVATE)),
    holds(ASKS, "imported routes, and a policy that names an office", imported(api=said(statement(
        Principal="*", Action="execute-api:Invoke", Resource="*", Condition=OFFICE)))),
    holds(ASKS, "a document without routes", one(REST, body='{"openapi": "3.0.1", "paths": {}}')),
    holds(ASKS, "a note among the paths", one(REST, body='{"openapi": "3.0.1", "paths": {"x-note": "none yet"}}')),
    holds(ASKS, "a document that shows later", one(REST, body=lost('{"openapi": "3.0.1", "paths": {}}')), at_preview=("it",)),
    holds(ASKS, "imported routes of HTTP with a token", imported([{"who": []}], API, AUTHORIZER)),
    holds(ASKS, "a signature, as AWS's own word says", imported(kind=API, **{"x-amazon-apigateway-auth": {"type": "AWS_IAM"}})),
    breaks(ASKS, "imported routes that ask nobody", imported(), told="routes of its OpenAPI document that ask nobody: 1 of 1;"),
    breaks(ASKS, "imported routes of HTTP that ask nobody", imported(kind=API)),
    breaks(ASKS, "imported routes that need not ask", imported([{}, {"who": []}], scheme=AUTHORIZER)),
    breaks(ASKS, "one of two imported routes, in YAML", one(REST, body=IN_YAML), told="that ask nobody: 1 of 2;"),
    waits(ASKS, "a key, which no HTTP API asks for", imported([{"who": []}], API, KEY)),
    waits(ASKS, "a scheme that API Gateway may not know", imported([{"who": []}], scheme={"type": "oauth2"})),
    waits(ASKS, "a policy inside of the document", imported(kind=REST, **{"x-amazon-apigateway-policy": {"Statement": []}})),
    waits(ASKS, "no document", one(REST, body="{{")),
    waits(ASKS, "a document that is too deep", one(REST, body="[" * 100_000)),
    waits(ASKS, "routes that stand elsewhere", one(REST, body='{"paths": {"/": {"$ref": "x.json"}}}')),
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
