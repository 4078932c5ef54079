"""What the world speaks with a load balancer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from guardrails import kinds, placement
from guardrails.addresses import coverage
from guardrails.checks import (
    all_of,
    any_of,
    by_kind,
    differs,
    equals,
    has_companion,
    is_false,
    is_set,
    is_true,
    leaf,
    leaves,
    on_protected_stacks,
    when,
)
from guardrails.firewall import Firewall
from guardrails.graph import Node
from guardrails.holders import BALANCERS, faces_the_internet, named_groups
from guardrails.joins import BALANCER, LISTENER
from guardrails.listeners import only_redirects, speaks_http
from guardrails.network import Leads, Network
from guardrails.parameters import PREFIX_LISTS, PUBLIC_COVERAGE, TLS_POLICIES
from guardrails.reading import Items, Known, Record, Unknown, Value, or_default
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Family,
    Finding,
    Outcome,
    Remedy,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)

from . import webacl

_REDIRECT = '{"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}'


def _lb_https_only(node: Node, view: View) -> Iterable[Finding]:
    if node.kind == kinds.CLASSIC_LOAD_BALANCER:
        yield from _classic(node, view)
        return
    if node.kind == kinds.LISTENER:
        http = speaks_http(node, view)
        path: tuple[str, ...] = (node.label,)
        actions = node.props.items("defaultActions")
    else:
        listener = view.graph.link(node.props.text("listenerArn"), LISTENER)
        path = (*(found.label for found in listener.sure), node.label)
        found = listener.one
        http = speaks_http(found, view) if found is not None else f"the listener of {node.label}: {listener.missing}"
        actions = node.props.items("actions")
    if http is False:
        yield HOLDS
        return
    redirects = only_redirects(actions)
    if redirects is True:
        yield HOLDS
    elif isinstance(http, str):
        yield waits(http, *path)
    elif redirects is None:
        yield waits("what its actions do", *path)
    else:
        fix = (
            f"set actions=[{_REDIRECT}], or attach the rule to the HTTPS listener"
            if node.kind == kinds.LISTENER_RULE
            else None
        )
        yield breaks("plain HTTP is answered instead of being redirected to HTTPS", *path, fix=fix)


def _classic(node: Node, view: View) -> Iterable[Finding]:
    """A classic load balancer has its listeners inside, and none of them can redirect."""
    listeners = node.props.items("listeners")
    blocks = list(listeners.value.records()) if isinstance(listeners, Known) else []
    protocols = [block.value.text("lbProtocol") for block in blocks if isinstance(block, Known)]
    unknown = [value for value in (listeners, *blocks, *protocols) if isinstance(value, Unknown)]
    if any(isinstance(protocol, Known) and protocol.value.upper() == "HTTP" for protocol in protocols):
        fix = 'set lb_protocol="https" with ssl_certificate_id, or use lb.LoadBalancer, which can redirect'
        yield breaks("plain HTTP is answered, and a classic load balancer cannot redirect", node.label, fix=fix)
    elif unknown:
        yield waits(f"the protocols of its listeners, {view.graph.describe(unknown[0])}", node.label)
    else:
        yield HOLDS


def _lb_scheme_matches_subnets(node: Node, view: View) -> Iterable[Finding]:
    found = placement.places(node, view)
    faces = faces_the_internet(node)
    if faces is None:
        yield waits("whether it is internal", node.label)
    elif faces:
        says = "does not route to the internet, from where it is to be reached"
        yield from placement.judge(node, found, lambda subnet: _shut(subnet, view), says)
    else:
        yield from placement.judge(node, found, placement.public(view), "routes to the internet, and it is internal")


def _shut(subnet: Node, view: View) -> Leads:
    """Wrong is a subnet without a way out, unless it goes through a firewall's endpoint or another sort of gateway."""
    network: Network = view.graph.shared(Network)
    leads = network.leads_from(subnet, view.config)
    if leads.path or leads.waits_for is not None:
        return leads._replace(path=(), route=None)
    for declarer in network.declarers(subnet):
        routes = [declarer.props] if declarer.kind == kinds.ROUTE else _blocks(declarer.props.items("routes"))
        if (another := _another_way_out(routes)) is not False:
            return Leads() if another else Leads(waits_for=f"where the routes of {declarer.label} lead")
    for loose in network.loose_routes():
        if _another_way_out([loose.props]) is not False:
            return Leads(waits_for=f"whether {loose.label} belongs to the table of {subnet.label}")
    return Leads(("no route to an internet gateway",))


def _another_way_out(routes: Iterable[Record]) -> bool | None:
    targets = [route.text(key) for route in routes for key in _OTHER_WAYS_OUT]
    if any(isinstance(target, Known) or (isinstance(target, Unknown) and target.sources) for target in targets):
        return True
    return None if any(isinstance(target, Unknown) for target in targets) else False


_OTHER_WAYS_OUT = ("vpcEndpointId", "carrierGatewayId", "localGatewayId")


def _blocks(items: Value[Items]) -> list[Record]:
    blocks = items.value.records() if isinstance(items, Known) else ()
    return [block.value for block in blocks if isinstance(block, Known)]


def _origin_lb_only_from_cloudfront(node: Node, view: View) -> Iterable[Finding]:
    sort = or_default(node.props.text("loadBalancerType"), "application")
    faces = faces_the_internet(node)
    origin = _distribution_of(node, view)
    if origin is None or faces is False or (isinstance(sort, Known) and sort.value != "application"):
        yield HOLDS
        return
    found = list(_around_cloudfront(node, view))
    broken = next((finding for finding in found if finding.outcome is Outcome.VIOLATION), None)
    if not found:
        yield HOLDS
    elif isinstance(origin, str):
        yield waits(origin, node.label)
    elif isinstance(sort, Unknown) or faces is None:
        yield waits("whether it is an application load balancer that faces the internet", node.label)
    else:
        yield found[0] if broken is None else broken._replace(path=(origin.label, *broken.path))


_OTHERS = "others than CloudFront are let in beside the distribution"


def _around_cloudfront(node: Node, view: View) -> Iterator[Finding]:
    """Rules by which somebody else gets in, and what that cannot be known of."""
    firewall: Firewall = view.graph.shared(Firewall)
    members = named_groups(node, "securityGroups", firewall)
    if not members.complete or not members.sure:
        yield waits(f"its security groups: {members.missing}", node.label)
    for group in members.sure:
        for rule in firewall.rules(*firewall.declarers(group)):
            if any(coverage((cidr,)) for cidr in rule.cidrs):
                yield breaks(_OTHERS, node.label, group.label, rule.node.label)
            meant = {name: view.config[PREFIX_LISTS].get(name) for name in rule.foreign}
            for name, meaning in meant.items():
                if meaning is not None and "cloudfront" not in meaning.lower():
                    yield breaks(_OTHERS, node.label, group.label, rule.node.label, name)
            yield from (waits(reason, node.label) for reason in rule.unknown_sources(view.config))
        for loose in firewall.unjoined(group):
            yield waits(f"whether {loose.label} belongs to {group.label}", node.label)


def _distribution_of(balancer: Node, view: View) -> Node | str | None:
    """The distribution that has the load balancer as an origin, by its name or by a record that stands for it."""
    doubt: str | None = None
    for distribution in view.graph.of(kinds.DISTRIBUTION):
        sources = view.graph.sources(distribution.props.origin("origins"))
        behind = [_is_behind(source, balancer, view) for source in sources]
        if balancer in sources or True in behind:
            return distribution
        if None in behind:
            doubt = f"whether an origin of {distribution.label} is this one"
        for name in leaves(distribution.props, "origins[].domainName", "text"):
            stands = _stands_for(name.value, balancer, view) if isinstance(name, Known) else False
            if stands:
                return distribution
            if stands is None or (isinstance(name, Unknown) and not _of_aws(name, view)):
                doubt = f"whether an origin of {distribution.label} is this one"
    return doubt


def _of_aws(unknown: Unknown, view: View) -> bool:
    """Whether it is seen to come from resources of AWS, and from nothing else."""
    sources = view.graph.sources(unknown)
    return bool(sources) and all(source.kind.startswith("aws:") for source in sources)


def _stands_for(name: str, balancer: Node, view: View) -> bool | None:
    """Whether a name of an origin is that of the load balancer, or of a DNS record that leads to it."""
    if balancer.props.text("dnsName") == Known(name):
        return True
    doubt = False
    for record in view.graph.of(kinds.DNS_RECORD):
        names = (record.props.text("name"), record.props.text("fqdn"))
        behind = _is_behind(record, balancer, view)
        if behind and Known(name) in names:
            return True
        doubt = doubt or (behind is not False and (isinstance(names[0], Unknown) or Known(name) in names))
    return None if doubt else False


def _is_behind(record: Node, balancer: Node, view: View) -> bool | None:
    """Whether a DNS record leads to the load balancer; nothing else has `aliases` or `records` made of one."""
    keys = ("aliases", "records")
    if any(balancer in view.graph.sources(record.props.origin(key)) for key in keys):
        return True
    found = [value for path, value in record.props.strings() if path.startswith(keys)]
    return None if any(isinstance(value, Unknown) and not _of_aws(value, view) for value in found) else False


def _is_modern(name: str, view: View) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in view.config[TLS_POLICIES])


_APPLICATION = equals("loadBalancerType", "application", absent="application")

CONTROLS = (
    Control(
        id="lb-https-only",
        title="HTTP listeners and their rules do nothing but redirect to HTTPS",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.LISTENER, kinds.LISTENER_RULE, kinds.CLASSIC_LOAD_BALANCER),
        references=("ELB.1", "ELB.3", "ELB.18", "CKV_AWS_2", "CKV2_AWS_20", "CKV_AWS_103"),
        why="Sessions and passwords over HTTP can be read and changed by anybody on the way.",
        fix=f"set default_actions=[{_REDIRECT}]",
        judge=_lb_https_only,
        own_packs=(BASELINE,),
    ),
    Control(
        id="lb-tls-policy-modern",
        title="TLS listeners have a modern security policy",
        severity=Severity.HIGH,
        subjects=(kinds.LISTENER,),
        references=("ELB.17", "CKV_AWS_103", "CKV2_AWS_74"),
        why="AWS's default policy is of 2016 and still speaks TLS 1.0.",
        fix='set ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06"',
        judge=when(
            equals("protocol", "HTTPS", "TLS", absent="HTTP"),
            leaf(
                "sslPolicy",
                "text",
                _is_modern,
                absent="ELBSecurityPolicy-2016-08",
                says="sslPolicy is none of tlsPolicies",
            ),
        ),
        parameters=(TLS_POLICIES,),
        own_packs=(BASELINE,),
    ),
    Control(
        id="lb-http-hardening",
        title="Application load balancers drop invalid headers and defend against request smuggling",
        severity=Severity.MEDIUM,
        subjects=(kinds.LOAD_BALANCER,),
        references=("ELB.4", "ELB.12", "CKV_AWS_131", "CKV_AWS_328"),
        why="Two servers that read one request differently let its sender speak for somebody else.",
        fix='set drop_invalid_header_fields=True, and desync_mitigation_mode="defensive" or "strictest"',
        judge=when(
            _APPLICATION,
            all_of(
                is_true("dropInvalidHeaderFields"),
                equals("desyncMitigationMode", "defensive", "strictest", absent="defensive"),
            ),
        ),
    ),
    Control(
        id="lb-access-logs",
        title="Load balancers write access logs",
        severity=Severity.MEDIUM,
        subjects=BALANCERS,
        references=("ELB.5", "CKV_AWS_91", "AwsSolutions-ELB2"),
        why="They are the only record of who asked for what.",
        fix='set access_logs={"bucket": bucket.id, "enabled": True}',
        judge=by_kind(
            {
                kinds.LOAD_BALANCER: when(differs("loadBalancerType", "gateway"), is_true("accessLogs.enabled")),
                kinds.CLASSIC_LOAD_BALANCER: all_of(is_set("accessLogs"), is_true("accessLogs.enabled", absent=True)),
            }
        ),
    ),
    Control(
        id="lb-deletion-protection",
        title="Load balancers of protected stacks cannot be deleted by accident",
        severity=Severity.MEDIUM,
        subjects=(kinds.LOAD_BALANCER,),
        references=("ELB.6", "CKV_AWS_150"),
        why="With the load balancer goes the address that everybody uses.",
        fix="set enable_deletion_protection=True",
        judge=on_protected_stacks(is_true("enableDeletionProtection")),
        remedy=Remedy("enableDeletionProtection"),
        own_packs=(RESILIENCE,),
    ),
    Control(
        id="lb-scheme-matches-subnets",
        title="Load balancers that face the internet are in public subnets, internal ones in private ones",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=BALANCERS,
        why="The one is not reachable, the other becomes public with one changed flag.",
        fix="set subnets to those of the right tier, or internal to what is meant",
        judge=_lb_scheme_matches_subnets,
        parameters=(PUBLIC_COVERAGE,),
        own_packs=(BASELINE,),
    ),
    Control(
        id="lb-waf-attached",
        title="Application load balancers that face the internet have a web ACL",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.LOAD_BALANCER,),
        references=("ELB.16", "CKV2_AWS_28"),
        why="Nothing else looks at requests before the application does.",
        fix="add wafv2.WebAclAssociation(resource_arn=balancer.arn, web_acl_arn=acl.arn)",
        judge=when(
            all_of(_APPLICATION, is_false("internal")),
            any_of(
                has_companion(
                    kinds.WEB_ACL_ASSOCIATION, "resourceArn", BALANCER, missing="it has no wafv2.WebAclAssociation"
                ),
                has_companion(
                    kinds.WAF_CLASSIC_ASSOCIATION, "resourceArn", BALANCER, missing="it has no web ACL association"
                ),
            ),
        ),
    ),
    Control(
        id="origin-lb-only-from-cloudfront",
        title="A load balancer behind CloudFront lets in CloudFront only",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.LOAD_BALANCER,),
        why="Whoever asks it directly gets around the web ACL, the cache and the logs of the distribution.",
        fix="let in only the prefix list com.amazonaws.global.cloudfront.origin-facing, named in managedPrefixLists",
        judge=_origin_lb_only_from_cloudfront,
        parameters=(PREFIX_LISTS,),
        own_packs=(BASELINE,),
    ),
    Control(
        id="tg-health-and-encryption",
        title="Target groups check health and are spoken to over TLS",
        severity=Severity.LOW,
        subjects=(kinds.TARGET_GROUP,),
        references=("ELB.22", "CKV_AWS_261", "CKV_AWS_378"),
        why="Broken targets get requests, and the last hop can be read in the network.",
        fix='set protocol="HTTPS" and leave health_check on',
        judge=all_of(
            when(differs("targetType", "lambda"), is_true("healthCheck.enabled", absent=True)),
            when(
                all_of(differs("targetType", "lambda", "alb"), differs("protocol", "GENEVE")),
                equals("protocol", "HTTPS", "TLS", "QUIC"),
            ),
        ),
    ),
)
FAMILY = Family("lb", "Load balancers and web firewalls", (*CONTROLS, *webacl.CONTROLS))
