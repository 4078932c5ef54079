"""APIs: whether a route asks who calls."""

from __future__ import annotations

from collections.abc import Iterable

from guardrails import kinds
from guardrails.checks import differs, is_unset, leaves
from guardrails.documents import Statement
from guardrails.graph import Node
from guardrails.joins import HTTP_API, REST_API
from guardrails.openapi import POLICY, Routes, routes
from guardrails.policies import REST_APIS, documents, is_public
from guardrails.reading import Absent, Known, Unknown, Value, or_default
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Outcome, Scope, Severity, View, breaks, waits

_OPEN = "whoever knows the address may call it"
_FIX_OF_DOCUMENT = (
    "name a security scheme with x-amazon-apigateway-authorizer or -authtype under security in the document, or "
    "exempt what is for all"
)
_QUICK = is_unset("target", says=f"of its quick-create route: {_OPEN}")
_BY_KEY = differs("authenticationType", "API_KEY", says="a key that stands in every client is all that it asks for")


def _asks(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.REST_METHOD:
        yield _method(node, view)
    elif node.kind == kinds.HTTP_ROUTE:
        yield _route(node, view)
    elif node.kind == kinds.GRAPHQL_API:
        yield _BY_KEY.answer(node, view)
    else:
        quick = _QUICK.answer(node, view) if node.kind == kinds.HTTP_API else HOLDS
        yield _imported(node, view) if quick.outcome is Outcome.PASS else quick


def _imported(api: Node, view: View) -> Finding:
    """The routes that come with an OpenAPI document, beside resources of their own."""
    body = api.props.text("body")
    if isinstance(body, Absent):
        return HOLDS
    if isinstance(body, Unknown):
        return waits(f"its OpenAPI document (body), {view.graph.describe(body)}", api.label)
    found = routes(body.value, keys=api.kind == kinds.REST_API)
    if found is None:
        return waits("its OpenAPI document (body), which cannot be read as one", api.label)
    return _documented(api, found, view) if found.open + found.doubtful else HOLDS


def _documented(api: Node, found: Routes, view: View) -> Finding:
    """Some routes of its document ask nobody, or perhaps nobody."""
    elsewhere = _by_api(api, view) if api.kind == kinds.REST_API else breaks(_OPEN)
    if elsewhere.outcome is not Outcome.VIOLATION:
        return elsewhere
    if found.policy:
        return waits(f"whom the policy inside of its OpenAPI document ({POLICY}) lets in", api.label)
    if not found.open:
        return waits("whether API Gateway enforces the security schemes of its OpenAPI document", api.label)
    says = f"routes of its OpenAPI document that ask nobody: {found.open} of {found.all}"
    return breaks(f"{says}; {_OPEN}", api.label, fix=_FIX_OF_DOCUMENT)


def _method(node: Node, view: View) -> Finding:
    """A browser sends no credentials with OPTIONS. A private API, or one whose own policy says who, asks by that."""
    said, verb = node.props.text("authorization"), node.props.text("httpMethod")
    key = or_default(node.props.flag("apiKeyRequired"), False)
    if verb == Known("OPTIONS") or key == Known(True):
        return HOLDS
    asks = _asked(said, view)
    if asks is HOLDS:
        return HOLDS
    if isinstance(verb, Unknown) or isinstance(key, Unknown):
        return waits("what it is asked with, which is not known yet", node.label)
    named = view.graph.link(node.props.text("restApi"), REST_API, node)
    if named.one is None:
        return asks._replace(path=(node.label,)) if named.outside else waits(f"its API: {named.missing}", node.label)
    elsewhere = _by_api(named.one, view)
    return asks._replace(path=(node.label,)) if elsewhere.outcome is Outcome.VIOLATION else elsewhere


def _asked(said: Value[str], view: View) -> Finding:
    if isinstance(said, Unknown):
        return waits(f"its authorization, {view.graph.describe(said)}")
    return HOLDS if isinstance(said, Known) and said.value.upper() != "NONE" else breaks(_OPEN)


def _by_api(api: Node, view: View) -> Finding:
    """Whether the API lets in only some: from a VPC, or those whom its policy names."""
    types = list(leaves(api.props, "endpointConfiguration.types", "text", computed=True))
    if Known("PRIVATE") in types:
        return HOLDS
    doubt = next((waits("whether its API is private", api.label) for kind in types if isinstance(kind, Unknown)), None)
    written = view.graph.companions(kinds.REST_API_POLICY, "restApiId", REST_API)
    carriers = [each for each in (api, *written.of(api)) if not isinstance(each.props.text("policy"), Absent)]
    found = [document for each in carriers for document in documents(each, view, REST_APIS)]
    for document in found:
        if document.waits_for is not None:
            doubt = doubt or waits(document.waits_for, api.label, *document.path)
            continue
        public = [is_public(each) for each in document.statements]
        if any(map(_refuses_some, document.statements)) or not {True, None} & {*public}:
            return HOLDS
        if True not in public:
            doubt = doubt or waits("a part of its API's policy", api.label, *document.path)
    loose = written.maybe(api)
    if loose and doubt is None:
        doubt = waits(f"whether {loose[0].label} is for its API", api.label)
    return doubt or breaks(_OPEN, api.label)


def _refuses_some(statement: Statement) -> bool:
    """Whether it refuses callers by what they are; API Gateway speaks TLS with all of them."""
    return statement.allow is False and any(each.key != "aws:securetransport" for each in statement.conditions)


def _route(node: Node, view: View) -> Finding:
    """Of a WebSocket API only `$connect` can ask; what comes later goes over that connection."""
    asks = _asked(node.props.text("authorizationType"), view)
    if asks is HOLDS:
        return HOLDS
    key = node.props.text("routeKey")
    if isinstance(key, Unknown):
        return waits(f"its routeKey, {view.graph.describe(key)}", node.label)
    name = key.value if isinstance(key, Known) else "$default"
    if name.upper().startswith("OPTIONS "):
        return HOLDS
    if name == "$default":
        protocol = _protocol(node, view)
        if protocol is None:
            return waits("whether its API is one of HTTP", node.label)
        return HOLDS if protocol == "WEBSOCKET" else asks._replace(path=(node.label,))
    return asks._replace(path=(node.label,)) if name == "$connect" or " " in name else HOLDS


def _protocol(route: Node, view: View) -> str | None:
    api = view.graph.link(route.props.text("apiId"), HTTP_API, route).one
    protocol = None if api is None else or_default(api.props.text("protocolType"), "HTTP")
    return protocol.value.upper() if isinstance(protocol, Known) else None


CONTROLS = (
    Control(
        id="api-route-asks-who-calls",
        title="Routes of APIs ask who calls",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.REST_METHOD, kinds.HTTP_ROUTE, kinds.REST_API, kinds.HTTP_API, kinds.GRAPHQL_API),
        references=("APIGateway.8", "AppSync.5", "CKV_AWS_59", "CKV_AWS_309", "AwsSolutions-APIG4"),
        own_packs=(BASELINE,),
        why="Everybody on the internet can call what is behind such a route, and at your cost.",
        fix='set authorization="AWS_IAM" or an authorizer (routes: authorization_type), or exempt what is for all',
        judge=_asks,
    ),
)
FAMILY = Family("api", "APIs (API Gateway, AppSync)", CONTROLS)
