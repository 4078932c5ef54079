"""Routes, health checks, load balancers and calls: what a stack file says of them, and every mistake in it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import yaml

from settings import PROJECT_ROOT, Settings, call_rules
from settings.services import WebSettings
from settings.workers import WorkerSettings
from tests.gathered import for_each

MISSING = ...
Load = Callable[..., Settings]
Refused = Callable[..., dict[str, dict[str, str]]]

WEB, STATUS, EDGE = "services.web", "services.status", "edge"
API: dict[str, Any] = {
    "kind": "web",
    "build": "services/status",
    "port": 8080,
    "health": None,
    "size": {"cpu": 256, "memory": 512, "architecture": "arm64"},
    "scale": {"min": 2, "max": 4, "outAbove": 60, "inBelow": 30},
    "route": None,
    "environment": {},
    "uses": {},
}
QUEUE = {"fifo": False, "visibilitySeconds": 120, "maxReceives": 5, "retentionDays": 4, "alarmAgeSeconds": 900}
WORKER = {
    **{key: value for key, value in API.items() if key not in {"port", "health", "route"}},
    "kind": "worker",
    "queue": "jobs",
    "timeoutSeconds": 60,
    "scale": {"min": 2, "max": 4, "track": {"backlogPerTask": 100}},
}
JOB = {
    **{key: value for key, value in API.items() if key not in {"port", "health", "route", "scale"}},
    "kind": "job",
    "schedule": {"when": "rate(1 day)"},
    "stopAfterSeconds": 900,
}
EXISTING = {
    "arn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/0123456789abcdef",
    "listenerArn": "arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/main/0123456789abcdef/"
    "fedcba9876543210",
    "securityGroupId": "sg-0123456789abcdef0",
}
FLEET: dict[str, Any] = {
    "kind": "fleet",
    "image": "example/legacy:1",
    "machine": {"type": "t4g.small"},
    "port": 8000,
    "health": "/",
    "scale": {"min": 2, "max": 6},
    "route": {"path": "/legacy/*", "priority": 50},
    "environment": {},
    "uses": {},
}
BROUGHT = {"edge.existing": EXISTING, "edge.zoneId": None, "edge.idleTimeoutSeconds": None}
PLAIN = {"protection.protected": False, "edge.domain": None, "edge.zoneId": None}


def around(**more: Any) -> dict[str, Any]:
    """The baseline with a service `api` that is called by name, a worker and a job, and what is changed."""
    kinds = {"services.api": API, "services.index": WORKER, "services.report": JOB, "data.queues": {"jobs": QUEUE}}
    return {**deepcopy(kinds), **more}


# name -> changes, key, what is in given, in allowed, in change
CASES: dict[str, tuple[dict[str, Any], str, str, str, str]] = {
    "a route in words": ({f"{WEB}.route": "/*"}, f"{WEB}.route", '"/*"', "a map", "path"),
    "no route at all": ({f"{WEB}.route": MISSING}, f"{WEB}.route", "nothing", "path", "route: {path"),
    "internal in words": ({f"{WEB}.route.internal": "yes"}, f"{WEB}.route.internal", '"yes"', "true or false", "true"),
    "a cookie for ever": ({f"{WEB}.route.sticky": {"seconds": 604801}}, f"{WEB}.route.sticky.seconds", "604801", "to 604800", "604800 or less"),
    "a cookie without its time": ({f"{WEB}.route.sticky": {"cookie": "A"}}, f"{WEB}.route.sticky.seconds", "nothing", "from 0", "seconds: 86400"),
    "a cookie of the balancer": (
        {f"{WEB}.route.sticky": {"seconds": 60, "cookie": "AWSALBAPP-1"}},
        f"{WEB}.route.sticky.cookie",
        "AWSALBAPP-1",
        "begins with AWSALB",
        "the application sets",
    ),
    "a cookie with a space": ({f"{WEB}.route.sticky": {"seconds": 60, "cookie": "a b"}}, f"{WEB}.route.sticky.cookie", '"a b"', "the name of a cookie", "SESSION"),
    "sticky as a truth": ({f"{WEB}.route.sticky": True}, f"{WEB}.route.sticky", "true", "a map", "sticky: {seconds: 86400}"),
    "draining for hours": ({f"{WEB}.route.drainSeconds": 3601}, f"{WEB}.route.drainSeconds", "3601", "to 3600", "3600 or less"),
    "a start that is too quick": ({f"{WEB}.route.slowStartSeconds": 29}, f"{WEB}.route.slowStartSeconds", "29", "30 to 900, or 0", "30 or 0"),
    "a start that is too slow": ({f"{WEB}.route.slowStartSeconds": 901}, f"{WEB}.route.slowStartSeconds", "901", "to 900", "900 or less"),
    "a slow start at random": (
        {f"{WEB}.route.slowStartSeconds": 60, f"{WEB}.route.algorithm": "weighted-random"},
        f"{WEB}.route.slowStartSeconds",
        "60 (algorithm: weighted-random)",
        "round-robin",
        "take slowStartSeconds out",
    ),
    "an unknown algorithm": ({f"{WEB}.route.algorithm": "random"}, f"{WEB}.route.algorithm", '"random"', "weighted-random", "weighted-random"),
    "the same priority": (
        {f"{STATUS}.route.priority": 200},
        f"{STATUS}.route.priority",
        "200",
        "each number once",
        "for example 201",
    ),
    "the same path": ({f"{STATUS}.route.path": "/*"}, f"{STATUS}.route.path", '"/*"', "of its own", "another path"),
    "hidden by the same path of any host": (
        {f"{STATUS}.route": {"path": "/*", "host": "a.example.com", "priority": 300}},
        f"{STATUS}.route.priority",
        "300 (priority of web: 200)",
        "1 to 199",
        "give status a lower number than web that is free, for example 199",
    ),
    "hidden by a wider host": (
        {
            f"{WEB}.route": {"path": "/*", "host": "*.example.com", "priority": 1},
            f"{STATUS}.route": {"path": "/status*", "host": "a.example.com", "priority": 2},
        },
        f"{STATUS}.route.priority",
        "2 (priority of web: 1)",
        "none, as long as web has 1",
        "give web a higher number than status that is free, for example 3",
    ),
    "a host without a full stop": (
        {f"{STATUS}.route.host": "localhost"},
        f"{STATUS}.route.host",
        '"localhost"',
        "nothing but letters behind the last one",
        "*.example.com",
    ),
    "a host that ends in a wildcard": (
        {f"{STATUS}.route.host": "status.example.*"},
        f"{STATUS}.route.host",
        '"status.example.*"',
        "a full stop at least",
        "take host out",
    ),
    "a name too long for a certificate": (
        {"edge.domain": f"{'a' * 53}.example.com"},
        "edge.domain",
        "(65 characters)",
        "at most 64",
        "a shorter name",
    ),
    "an inner name too long for a certificate": (
        {"edge.internal": {"domain": f"{'a' * 53}.example.com"}},
        "edge.internal.domain",
        "(65 characters)",
        "at most 64",
        "a shorter name",
    ),
    "an inner name that nobody gave and is too long": (
        {"edge.domain": f"{'a' * 44}.example.com", f"{STATUS}.route.internal": True},
        "edge.internal.domain",
        "nothing (domain:",
        "at most 64",
        "give a shorter one",
    ),
    "a check that outlasts the next": (
        {f"{WEB}.healthCheck": {"intervalSeconds": 5}},
        f"{WEB}.healthCheck.timeoutSeconds",
        "5 (intervalSeconds: 5)",
        "2 to 4",
        "raise intervalSeconds",
    ),
    "a check all the time": ({f"{WEB}.healthCheck": {"intervalSeconds": 4}}, f"{WEB}.healthCheck.intervalSeconds", "4", "5 to 300", "5 or more"),
    "one good answer": ({f"{WEB}.healthCheck": {"goodChecks": 1}}, f"{WEB}.healthCheck.goodChecks", "1", "2 to 10", "2 or more"),
    "codes as a number": ({f"{WEB}.healthCheck": {"codes": 200}}, f"{WEB}.healthCheck.codes", "200", "in quotes", '"200"'),
    "codes in words": ({f"{WEB}.healthCheck": {"codes": "2xx"}}, f"{WEB}.healthCheck.codes", '"2xx"', "200-299", "200-299"),
    "errors as good answers": ({f"{WEB}.healthCheck": {"codes": "200-500"}}, f"{WEB}.healthCheck.codes", "200-500", "200 to 499", '"200-299"'),
    "codes backwards": ({f"{WEB}.healthCheck": {"codes": "299-200"}}, f"{WEB}.healthCheck.codes", "299-200", "200 to 499", '"200-299"'),
    "codes of HTTP in gRPC": (
        {f"{WEB}.healthCheck": {"codes": "200"}, f"{WEB}.protocol": "grpc"},
        f"{WEB}.healthCheck.codes",
        '200 in "200" (protocol: grpc)',
        "0 to 99",
        '"0"',
    ),
    "patience for ever": ({f"{WEB}.healthCheck": {"graceSeconds": 7201}}, f"{WEB}.healthCheck.graceSeconds", "7201", "to 7200", "7200 or less"),
    "a health path without a route": (
        {f"{WEB}.route": None},
        f"{WEB}.health",
        '"/" (route: null)',
        "null with route: null",
        "set health to null",
    ),
    "a route without a health path": ({f"{WEB}.health": None}, f"{WEB}.health", "nothing (null)", "begins with /", "health: /health"),
    "a check without a route": (
        around(**{"services.api.healthCheck": {"graceSeconds": 9}}),
        "services.api.healthCheck",
        "route: null",
        "nothing with route: null",
        "take it out",
    ),
    "scaling by requests without a route": (
        around(**{"services.api.scale": {"min": 2, "max": 4, "track": {"requestsPerTarget": 9}}}),
        "services.api.scale.track.requestsPerTarget",
        "9",
        "cpu",
        "take it out",
    ),
    "gRPC without HTTPS": (
        {**PLAIN, f"{WEB}.protocol": "grpc"},
        f"{WEB}.protocol",
        "grpc (groundwork:edge.domain: null)",
        "http1",
        "give groundwork:edge.domain",
    ),
    "gRPC without HTTP/2": (
        {f"{WEB}.protocol": "grpc", "edge.http": {"http2": False}},
        f"{WEB}.protocol",
        "edge.http.http2: false",
        "http1",
        "take groundwork:edge.http.http2 out",
    ),
    "an unknown protocol": ({f"{WEB}.protocol": "tcp"}, f"{WEB}.protocol", '"tcp"', "http1, http2 or grpc", "write http1, http2 or grpc"),
    "internal beside what exists": (
        {**BROUGHT, f"{WEB}.route.internal": True},
        f"{WEB}.route.internal",
        "true (groundwork:edge.existing: given)",
        "false",
        "take internal out",
    ),
    "HTTP of what exists": ({**BROUGHT, "edge.http": {"http2": True}}, "edge.http", "existing: given", "nothing", "take it out"),
    "an inside of what exists": ({**BROUGHT, "edge.internal": {}}, "edge.internal", "existing: given", "nothing", "take it out"),
    "a connection for a moment": ({"edge.http": {"keepAliveSeconds": 59}}, "edge.http.keepAliveSeconds", "59", "60 to 604800", "60 or more"),
    "requests read in two ways": (
        {"edge.http": {"desyncMitigation": "monitor"}},
        "edge.http.desyncMitigation",
        "monitor (groundwork:protection.protected: true)",
        "defensive or strictest",
        "strictest",
    ),
    "headers read in two ways": (
        {"edge.http": {"dropInvalidHeaders": False}},
        "edge.http.dropInvalidHeaders",
        "false (groundwork:protection.protected: true)",
        "true",
        "take it out",
    ),
    "the world inside": (
        {"edge.internal": {"reachableFrom": ["0.0.0.0/0"]}},
        "edge.internal.reachableFrom[0]",
        "0.0.0.0/0",
        "10.0.0.0/8",
        "0.0.0.0/32",
    ),
    "a public range inside": (
        {"edge.internal": {"reachableFrom": ["52.20.0.0/16"]}},
        "edge.internal.reachableFrom[0]",
        "52.20.0.0/16",
        "10.0.0.0/8",
        "one of the VPC",
    ),
    "an address for a range": (
        {"edge.internal": {"reachableFrom": ["10.20.0.1/16"]}},
        "edge.internal.reachableFrom[0]",
        "10.20.0.1/16",
        "10.0.0.0/8",
        "10.20.0.0/16",
    ),
    "nobody inside": ({"edge.internal": {"reachableFrom": []}}, "edge.internal.reachableFrom", "an empty list", "or more", "10.20.0.0/16"),
    "one name for two": (
        {"edge.internal": {"domain": "app.example.com"}},
        "edge.internal.domain",
        "app.example.com",
        "another name",
        "internal.app.example.com",
    ),
    "a name without a zone": (
        {**PLAIN, "edge.internal": {"domain": "inside.example.com"}},
        "edge.internal.domain",
        "inside.example.com",
        "null",
        "give domain and zoneId",
    ),
    "a call to nobody": (
        around(**{f"{WEB}.uses": {"apo": "call"}}),
        f"{WEB}.uses.apo",
        'the name "apo"',
        "status or api",
        "did you mean api?",
    ),
    "a call to oneself": ({f"{WEB}.uses": {"web": "call"}}, f"{WEB}.uses.web", "call", "other services", "localhost"),
    "a call to a job": (
        around(**{f"{WEB}.uses": {"report": "call"}}),
        f"{WEB}.uses.report",
        "call",
        "status or api",
        "take it out",
    ),
    "a call to a worker": (
        around(**{f"{WEB}.uses": {"index": "call"}}),
        f"{WEB}.uses.index",
        "call",
        "status or api",
        "send to its queue",
    ),
    "a call to a fleet": (
        around(**{f"{WEB}.uses": {"old": "call"}, "services.old": FLEET}),
        f"{WEB}.uses.old",
        "call",
        "api",
        "give its route internal: true and call the address of that, and take this out",
    ),
    "a call to a fleet that has an internal route": (
        around(**{f"{WEB}.uses": {"old": "call"}, "services.old": {**FLEET, "route": {**FLEET["route"], "internal": True}}}),
        f"{WEB}.uses.old",
        "call",
        "api",
        "call the address of its internal route, and take this out",
    ),
    "a fleet that calls": (
        around(**{"services.old": {**FLEET, "uses": {"api": "call"}}}),
        "services.old.uses.api",
        "call (kind: fleet)",
        "web and worker",
        "internal: true, and call its address",
    ),
    "a call to a database": ({f"{WEB}.uses": {"main": "call"}}, f"{WEB}.uses.main", "call", "write", "needs: main: connect or write"),
    "a service used like a store": (
        around(**{f"{WEB}.uses": {"api": "write"}}),
        f"{WEB}.uses.api",
        '"write"',
        "call",
        "write api: call",
    ),
    "a job that calls": (
        around(**{"services.report.uses": {"api": "call"}}),
        "services.report.uses.api",
        "call (kind: job)",
        "web and worker",
        "internal: true",
    ),
    "a variable of a call": (
        around(**{f"{WEB}.uses": {"api": "call"}, f"{WEB}.environment": {"API_URL": "http://other"}}),
        f"{WEB}.environment.API_URL",
        'the name "API_URL"',
        "names other than",
        "rename it",
    ),
    "an answer that may come late": (
        {f"{STATUS}.called": {"timeoutSeconds": 600}},
        f"{STATUS}.called.idleSeconds",
        "300 (timeoutSeconds: 600)",
        "600 or more",
        "lower timeoutSeconds",
    ),
    "an answer in days": ({f"{STATUS}.called": {"timeoutSeconds": 86401}}, f"{STATUS}.called.timeoutSeconds", "86401", "to 86400", "86400 or less"),
}  # fmt: skip


@for_each("case", CASES)
def test_a_mistake_is_named_with_key_value_what_is_allowed_and_what_to_change(case: str, refused: Refused) -> None:
    changes, key, given, allowed, change = CASES[case]
    found = refused(changes)
    assert list(found) == [f"groundwork:{key}"], "one mistake, one message, at the key that is wrong"
    said = found[f"groundwork:{key}"]
    assert given in said["given"]
    assert allowed in said["allowed"]
    assert change in said["change"]


def test_mistakes_of_many_kinds_are_told_all_at_once(refused: Refused) -> None:
    found = refused(
        around(
            **{
                f"{WEB}.uses": {"web": "call", "nobody": "call"},
                f"{WEB}.route.slowStartSeconds": 1,
                f"{STATUS}.route.priority": 200,
                "services.api.health": "/",
                "edge.http": {"keepAliveSeconds": 1},
            }
        )
    )
    assert set(found) == {
        f"groundwork:{key}"
        for key in (
            f"{WEB}.uses.web",
            f"{WEB}.uses.nobody",
            f"{WEB}.route.slowStartSeconds",
            f"{STATUS}.route.priority",
            "services.api.health",
            "edge.http.keepAliveSeconds",
        )
    }


def test_two_load_balancers_have_priorities_and_paths_of_their_own(load: Load) -> None:
    both = {"path": "/*", "priority": 200}
    services = load({f"{STATUS}.route": {**both, "internal": True}}).services
    assert isinstance(services["status"], WebSettings)
    assert services["status"].route is not None
    assert services["status"].route.internal is True


def test_internal_routes_are_held_against_each_other(refused: Refused) -> None:
    inside = {"priority": 9, "internal": True}
    found = refused({f"{WEB}.route": {"path": "/*", **inside}, f"{STATUS}.route": {"path": "/s", **inside}})
    assert list(found) == [f"groundwork:{STATUS}.route.priority"]


@for_each(
    "first, second",
    [
        ({"path": "/*", "host": "a.example.com"}, {"path": "/s*"}),
        ({"path": "/*", "host": "a.example.com"}, {"path": "/*", "host": "b.example.com"}),
        ({"path": "/*", "host": "a.example.com"}, {"path": "/*", "host": "*.example.com"}),
        ({"path": "/s"}, {"path": "/s*"}),
        ({"path": "/a?"}, {"path": "/a*"}),
    ],
)
def test_a_narrower_route_may_come_first(load: Load, first: dict[str, Any], second: dict[str, Any]) -> None:
    routes = {f"{WEB}.route": {**first, "priority": 1}, f"{STATUS}.route": {**second, "priority": 2}}
    assert load(routes).services.keys() == {"web", "status"}


def test_what_is_left_out_has_its_value(load: Load) -> None:
    web = load().services["web"]
    assert isinstance(web, WebSettings)
    assert web.route is not None
    assert (web.route.internal, web.route.sticky, web.route.algorithm) == (False, None, None)
    assert (web.route.drain_seconds, web.route.slow_start_seconds) == (30, 0)
    assert (web.protocol, web.health_check, web.called) == (None, None, None)


def test_nobody_reaches_an_internal_load_balancer_that_nobody_asked_for(load: Load) -> None:
    assert load({"edge.internal": {"reachableFrom": ["10.0.0.0/8"]}}).internal_ranges == []


def test_an_internal_load_balancer_is_reached_from_the_vpc_or_from_whom_it_says(load: Load) -> None:
    inside = {f"{STATUS}.route.internal": True}
    assert load(inside).internal_ranges == ["10.20.0.0/16"]
    given = load({**inside, "edge.internal": {"reachableFrom": ["10.9.0.0/16", "192.168.1.7/32"]}})
    assert given.internal_ranges == ["10.9.0.0/16", "192.168.1.7/32"]
    assert given.edge.internal_domain == "internal.app.example.com"


def test_an_unprotected_stack_may_be_lax_with_http(load: Load) -> None:
    http = {"desyncMitigation": "monitor", "dropInvalidHeaders": False}
    assert load({"protection.protected": False, "edge.http": http}).edge.http is not None


def test_calls_need_no_store_and_stores_no_call(load: Load) -> None:
    services = load(around(**{f"{WEB}.uses": {"api": "call", "uploads": "read"}})).services
    assert services["web"].needs == {"uploads": ("read",)}
    assert call_rules.called_by(services["web"]) == ["api"]
    assert isinstance(services["index"], WorkerSettings)


def test_who_is_called_or_says_how_or_has_no_route_can_be_called(load: Load) -> None:
    assert call_rules.offered(load().services) == set()
    assert call_rules.offered(load({f"{STATUS}.called": {}}).services) == {"status"}
    assert call_rules.offered(load({f"{WEB}.uses": {"status": "call"}}).services) == {"status"}
    assert call_rules.offered(load(around()).services) == {"api"}


def test_callees_come_first_and_all_else_stays_as_written(load: Load) -> None:
    assert call_rules.in_order(load(around()).services) == ["web", "status", "api", "index", "report"]
    chain = around(**{f"{WEB}.uses": {"status": "call"}, f"{STATUS}.uses": {"api": "call"}})
    assert call_rules.in_order(load(chain).services) == ["api", "status", "web", "index", "report"]
    circle = around(**{f"{WEB}.uses": {"api": "call"}, "services.api.uses": {"web": "call"}})
    assert call_rules.in_order(load(circle).services) == ["api", "web", "status", "index", "report"]


def test_a_service_may_have_the_name_of_a_store_and_be_called_all_the_same(load: Load) -> None:
    services = load({"services.main": deepcopy(API), f"{WEB}.uses": {"main": "call"}}).services
    assert call_rules.offered(services) == {"main"}
    assert services["web"].needs == {}


def shown(heading: str) -> dict[str, Any]:
    """The stack file that the page about services shows under a heading."""
    page = (PROJECT_ROOT / "docs" / "services.md").read_text()
    snippet = page.partition(f"\n## {heading}\n")[2].partition("```yaml\n")[2].partition("```")[0]
    found: dict[str, Any] = yaml.safe_load(snippet)
    return found


def test_the_page_shows_routes_that_a_protected_stack_takes(load: Load) -> None:
    page = shown("Routes")
    (more,) = page["groundwork:services"].values()
    service = {**API, "health": "/", **more}
    edge = {f"edge.{key}": value for key, value in page["groundwork:edge"].items()}
    loaded = load({**edge, "services.backoffice": service})
    assert loaded.internal_ranges == page["groundwork:edge"]["internal"]["reachableFrom"]


def test_the_page_shows_calls_that_a_protected_stack_takes(load: Load) -> None:
    page = shown("Calls")["groundwork:services"]
    services = {"services.stock": {**API, **page["stock"]}, "services.shop": {**API, **page["shop"]}}
    loaded = load(services).services
    assert call_rules.called_by(loaded["shop"]) == ["stock"]
    assert call_rules.in_order(loaded)[-2:] == ["stock", "shop"]
