"""Raters of networks and edges: addresses, NAT, endpoints, load balancers, CDN, DNS, firewalls, APIs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from preflight.cost import bills
from preflight.cost.meters import Unpriced
from preflight.cost.raters import KB_A_GB, SECONDS, Context, Line, hourly, monthly, rates, told
from preflight.cost.view import Entry, inputs, many, maps, text

_NAT = "aws:ec2/natGateway:NatGateway"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_LISTENER = "aws:lb/listener:Listener"
_GROUP = "aws:lb/targetGroup:TargetGroup"
_RULE = "aws:lb/listenerRule:ListenerRule"
_CDN = "aws:cloudfront/distribution:Distribution"
_VPC = "aws:ec2/vpc:Vpc"
_ZONE = "aws:route53/zone:Zone"
_HTTP_API, _REST_API = "aws:apigatewayv2/api:Api", "aws:apigateway/restApi:RestApi"
_ADDRESS = "ipv4.public.in_use.hour"
# Rule groups of AWS that cost by themselves (WAF price page, read 2026-11).
_BOTS = "AWSManagedRulesBotControlRuleSet"
_CHARGED = ("AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet")
_HTTP_API_KB = 512  # of an answer are one request
_ENDPOINTS = frozenset({_BALANCER, "aws:ec2/eip:Eip", "aws:ec2/instance:Instance", "aws:elb/loadBalancer:LoadBalancer",
                        _CDN, "aws:apigateway/domainName:DomainName", "aws:s3/bucket:Bucket"})  # fmt: skip
_SIDES = {True: "inside", False: "outside"}


@rates(_VPC)
def vpc(_entry: Entry, context: Context) -> list[Line]:
    """Traffic between zones, which no resource of its own stands for."""
    gigabytes = context.share(context.usage.cross_zone_gigabytes, context.view.all(_VPC))
    return [monthly("data_transfer.cross_az", gigabytes * 2, "traffic between zones, on both sides")]


@rates("aws:ec2/eip:Eip")
def address(entry: Entry, _context: Context) -> list[Line]:
    """A public IPv4 address costs the same in use and idle; one that the account brought with it is free."""
    own = inputs(entry).get("publicIpv4Pool")
    if inputs(entry).get("customerOwnedIpv4Pool") or (own is not None and own != "amazon"):
        return []
    return [hourly("ipv4.public.in_use.hour", 1, "public IPv4 address")]


@rates(_NAT)
def nat(entry: Entry, context: Context) -> Iterator[Line]:
    """Hours of each zone it stands in, and what goes through."""
    given = inputs(entry)
    zones = 1
    if given.get("availabilityMode") == "regional":
        zones = many(entry, "availabilityZoneAddresses")
        if not zones:
            raise Unpriced("a regional NAT gateway without listed zones costs by the zones that it finds in use")
    if given.get("connectivityType") != "private" or zones > 1:
        yield hourly("nat_gateway.hour", zones, "NAT gateway")
    else:
        yield hourly("nat_gateway.hour", 1, "private NAT gateway")
    gigabytes = context.share(context.usage.nat_gigabytes, context.view.all(_NAT))
    yield monthly("nat_gateway.data_processed", gigabytes, "traffic through NAT")


@rates(_ENDPOINT)
def endpoint(entry: Entry, context: Context) -> Iterator[Line]:
    """Hours of an interface endpoint in each of its zones, and its traffic. Gateway endpoints are free."""
    kind = text(entry, "vpcEndpointType", "Gateway")
    if kind == "Gateway":
        return
    if kind == "GatewayLoadBalancer":
        yield hourly("vpc_endpoint.gateway_load_balancer.hour", many(entry, "subnetIds") or 1, "endpoint, in each zone")
        raise Unpriced("the traffic to a gateway load balancer is not asked for")
    if kind != "Interface":
        raise Unpriced(f"no list price of endpoints of type {kind} is known")
    zones = many(entry, "subnetIds") or many(entry, "subnetConfigurations")
    if not zones:
        zones = len(
            context.view.naming(
                entry, "vpcEndpointId", "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
            )
        )
    if not zones:
        raise Unpriced("its subnets are not known")
    yield hourly("vpc_endpoint.interface.hour", zones, "interface endpoint, in each zone")
    interfaces = [one for one in context.view.all(_ENDPOINT) if inputs(one).get("vpcEndpointType") == "Interface"]
    yield monthly("vpc_endpoint.interface.data", context.share(context.usage.endpoint_gigabytes, interfaces), "traffic")


@rates(_BALANCER)
def balancer(entry: Entry, context: Context) -> Iterator[Line]:
    """Hours, capacity units, the public addresses AWS puts into each subnet, and traffic to the internet."""
    given, usage = inputs(entry), context.usage
    kind = text(entry, "loadBalancerType", "application")
    if kind == "gateway":
        zones = many(entry, "subnets") or many(entry, "subnetMappings")
        if not zones:
            raise Unpriced("its subnets are not known")
        yield hourly("gwlb.hour", zones, "gateway load balancer, in each zone")
        raise Unpriced("the traffic through a gateway load balancer is not asked for")
    if kind not in {"application", "network"}:
        raise Unpriced(f"no list price of load balancers of type {kind} is known")
    public = given.get("internal") is not True
    ahead = [one for one in context.view.all(_BALANCER) if inputs(one).get("loadBalancerType") != "gateway"]
    requests = context.share(
        usage.requests, [one for one in ahead if (inputs(one).get("internal") is not True) == public]
    )
    a_second = requests / SECONDS
    gigabytes = requests * usage.response_kilobytes / KB_A_GB
    rates_a_second: dict[str, Decimal] = {
        "new_connections": a_second / usage.connection_requests if usage.connection_requests else a_second,
        "connection_seconds": usage.connection_seconds,
        "gigabytes_an_hour": gigabytes * 3600 / SECONDS,
    }
    listeners = context.view.naming(entry, "loadBalancerArn", _LISTENER)
    if [*maps(given.get("minimumLoadBalancerCapacity"))]:
        yield hourly(f"{'alb' if kind == 'application' else 'nlb'}.hour", 1, "load balancer")
        raise Unpriced("no list price of reserved capacity units is known")
    if kind == "application":
        yield hourly("alb.hour", 1, "load balancer")
        rules = sum(len(context.view.naming(listener, "listenerArn", _RULE)) for listener in listeners)
        functions = _only_functions(listeners, context)
        units = bills.lcu(requests=a_second, rules=rules, to_functions=functions, **rates_a_second)
        yield hourly("alb.lcu_hour", units, "capacity units")
    else:
        yield hourly("nlb.hour", 1, "load balancer")
        protocols = {str(inputs(listener).get("protocol")).upper() for listener in listeners}
        units = max(bills.nlcu(protocol=protocol, **rates_a_second) for protocol in protocols or {"TCP"})
        yield hourly("nlb.nlcu_hour", units, "capacity units")
    if not public:
        return
    if given.get("ipAddressType") != "dualstack-without-public-ipv4":
        mappings = [*maps(given.get("subnetMappings"))]
        own = sum("allocationId" in mapping for mapping in mappings)  # counted as addresses of their own
        zones = many(entry, "subnets") or len(mappings)
        if not zones:
            raise Unpriced("its subnets are not known, and with them its public addresses")
        yield hourly("ipv4.public.in_use.hour", zones - own, "public IPv4 addresses, one in each subnet")
    yield from _answered(requests, context)


def _only_functions(listeners: Sequence[Entry], context: Context) -> bool:
    """Whether all that a load balancer forwards to are functions, of which a capacity unit holds less traffic."""
    rules = [rule for listener in listeners for rule in context.view.naming(listener, "listenerArn", _RULE)]
    found = [
        group
        for key, entries in (("defaultActions", listeners), ("actions", rules))
        for each in entries
        for group in context.view.behind(each, key, _GROUP)
    ]
    return bool(found) and all(inputs(group).get("targetType") == "lambda" for group in found)


@rates("aws:elb/loadBalancer:LoadBalancer")
def classic(entry: Entry, context: Context) -> Iterator[Line]:
    """Hours, addresses in its subnets, and traffic: answers to requests, as of other balancers."""
    given, usage = inputs(entry), context.usage
    yield hourly("elb.classic.hour", 1, "load balancer")
    requests = context.share(usage.requests, context.view.all("aws:elb/loadBalancer:LoadBalancer"))
    yield monthly("elb.classic.data", requests * usage.response_kilobytes / KB_A_GB, "traffic through it")
    if given.get("internal") is True:
        return
    yield hourly(_ADDRESS, many(entry, "subnets") or many(entry, "availabilityZones"), "public IPv4 addresses")
    yield from _answered(requests, context)


@rates(_CDN)
def distribution(entry: Entry, context: Context) -> Iterator[Line]:
    """Requests and traffic, at the prices of the United States and Europe."""
    if inputs(entry).get("enabled") is False:
        return
    requests = context.share(context.usage.requests, context.view.all(_CDN))
    gigabytes = requests * context.usage.response_kilobytes / KB_A_GB
    yield monthly("cloudfront.us.data_out", gigabytes, "traffic to viewers, at the price of the US and Europe")
    yield monthly("cloudfront.us.requests.https", requests, "requests")


@rates(
    _ZONE,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
    "aws:servicediscovery/publicDnsNamespace:PublicDnsNamespace",
)
def zone(entry: Entry, context: Context) -> Iterator[Line]:
    """The zone, and queries to a public one where they are told; those for aliases of AWS's own resources are free."""
    yield monthly("route53.hosted_zone", 1, "hosted zone")
    public = [one for one in context.view.all(_ZONE) if not _private(one)]
    if context.usage.dns_queries is not None and entry in public:
        yield monthly("route53.queries.standard", context.share(context.usage.dns_queries, public), "queries")


def _private(zone: Entry) -> bool:
    return bool(inputs(zone).get("vpcs"))


@rates("aws:route53/healthCheck:HealthCheck")
def health_check(entry: Entry, context: Context) -> list[Line]:
    """A check of an endpoint, cheaper of one in AWS, which is what comes from a resource; options are extra."""
    given = inputs(entry)
    if given.get("type") in ("CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"):
        raise Unpriced(f"no list price of checks of type {given.get('type')} is known")
    kind = text(entry, "type")
    options = (kind.startswith("HTTPS"), kind.endswith("STR_MATCH"), given.get("requestInterval") == 10,
               given.get("measureLatency") is True)  # fmt: skip
    edges = entry.get("propertyDependencies") or {}
    behind = {urn for key in ("fqdn", "ipAddress") for urn in edges.get(key, ())}
    inside = any((context.view.at(urn) or {}).get("type") in _ENDPOINTS for urn in behind)
    place = "aws_endpoint" if inside else "non_aws_endpoint"
    found = [monthly(f"route53.health_check.{place}", 1, f"health check, as of an endpoint {_SIDES[inside]} AWS")]
    if any(options):
        found.append(monthly(f"route53.health_check.{place}.option", sum(options), "options of the health check"))
    return found


@rates("aws:route53/resolverEndpoint:ResolverEndpoint")
def resolver(entry: Entry, _context: Context) -> list[Line]:
    """Network interfaces of the resolver."""
    return [hourly("route53.resolver_endpoint.eni_hour", many(entry, "ipAddresses"), "network interfaces")]


@rates("aws:wafv2/webAcl:WebAcl")
def firewall(entry: Entry, context: Context) -> Iterator[Line]:
    """The ACL, its rules, and the requests that it looks at."""
    requests = context.share(context.usage.requests, context.view.all("aws:wafv2/webAcl:WebAcl"))
    yield monthly("waf.web_acl", 1, "web ACL")
    rules = _rules(entry)
    yield monthly("waf.rule", len(rules), "rules and rule groups")
    yield monthly("waf.requests", requests, "requests looked at")
    for rule in maps(rules):
        for managed in (
            one for part in maps(rule.get("statement")) for one in maps(part.get("managedRuleGroupStatement"))
        ):
            name = managed.get("name")
            if name == _BOTS:
                yield monthly("waf.bot_control.month", 1, "Bot Control")
                yield monthly(_bot_meter(managed), requests, "requests that Bot Control looks at")
            elif name in _CHARGED or managed.get("vendorName", "AWS") != "AWS":
                raise Unpriced(f"no list price of the rule group {name} is known")


def _rules(entry: Entry) -> list[Any]:
    """The rules of an ACL or a group, also those of a text in JSON, which has the API's spelling of the same words."""
    given = inputs(entry)
    written = given.get("ruleJson", given.get("rulesJson"))
    found = given.get("rules") or []
    if written is not None:
        try:
            found = _spelled(json.loads(written))
        except (TypeError, ValueError):
            raise Unpriced("its rules, a text in JSON, are not known") from None
    if not isinstance(found, list):
        raise Unpriced("the number of rules is not known")
    return found


def _spelled(value: Any) -> Any:
    if isinstance(value, list):
        return [_spelled(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        (key[:3].lower() + key[3:] if key.startswith("AWS") else key[:1].lower() + key[1:]): _spelled(each)
        for key, each in value.items()
    }


def _bot_meter(managed: Mapping[str, Any]) -> str:
    configs = [
        one
        for part in maps(managed.get("managedRuleGroupConfigs"))
        for one in maps(part.get("awsManagedRulesBotControlRuleSet"))
    ]
    targeted = any(config.get("inspectionLevel") == "TARGETED" for config in configs)
    return f"waf.bot_control.{'targeted' if targeted else 'common'}.requests"


@rates(_HTTP_API)
def http_api(entry: Entry, context: Context) -> list[Line]:
    """Requests to an HTTP API, messages of a WebSocket API."""
    if text(entry, "protocolType", "HTTP") != "HTTP":
        messages = told(context.usage.websocket_messages, "messages of WebSocket APIs")
        minutes = told(context.usage.websocket_minutes, "connection minutes of WebSocket APIs")
        return [
            monthly("api_gateway.websocket.messages", messages, "messages"),
            monthly("api_gateway.websocket.connection_minutes", minutes, "minutes of connections"),
        ]
    requests = _of_apis(context)
    pieces = (context.usage.response_kilobytes / _HTTP_API_KB).to_integral_value(rounding="ROUND_CEILING")
    return [
        monthly("api_gateway.http", requests * max(Decimal(1), pieces), "requests, each begun 512 KB of one"),
        *_answered(requests, context),
    ]


def _of_apis(context: Context) -> Decimal:
    """The requests to each HTTP or REST API."""
    http = [one for one in context.view.all(_HTTP_API) if inputs(one).get("protocolType") != "WEBSOCKET"]
    return context.share(context.usage.requests, [*http, *context.view.all(_REST_API)])


def _answered(requests: Decimal, context: Context) -> Iterator[Line]:
    """What answers to requests cost on their way to the internet; to CloudFront it is free."""
    if not any(_ahead_of_more_than_buckets(one) for one in context.view.all(_CDN)):
        gigabytes = requests * context.usage.response_kilobytes / KB_A_GB
        yield monthly("data_transfer.out.internet", gigabytes, "traffic to the internet")


def _ahead_of_more_than_buckets(cdn: Entry) -> bool:
    """Whether a CDN may ask anything but S3: the provider takes an origin for a bucket that says of itself neither
    `customOriginConfig` nor `vpcOriginConfig`; websites of buckets say the first."""
    origins = [*maps(inputs(cdn).get("origins"))]
    others = [one for one in origins if one.get("customOriginConfig") or one.get("vpcOriginConfig")]
    return not origins or any(".s3-website" not in str(one.get("domainName")) for one in others)


@rates(_REST_API)
def rest_api(entry: Entry, context: Context) -> Iterator[Line]:
    """Requests to a REST API; a cache of its stage is extra."""
    requests = _of_apis(context)
    yield monthly("api_gateway.rest", requests, "requests")
    if not any("PRIVATE" in str(one.get("types")) for one in maps(inputs(entry).get("endpointConfiguration"))):
        yield from _answered(requests, context)


@rates("aws:apigateway/stage:Stage")
def stage(entry: Entry, _context: Context) -> list[Line]:
    """Free but for a cache."""
    if inputs(entry).get("cacheClusterEnabled") is not True:
        return []
    return [hourly(f"api_gateway.cache.{text(entry, 'cacheClusterSize')}gb.hour", 1, "cache of a REST API")]


@rates("aws:ec2transitgateway/vpcAttachment:VpcAttachment")
def attachment(_entry: Entry, context: Context) -> Iterator[Line]:
    """Hours of the attachment, and what it sends; a transit gateway itself is free."""
    yield from _attached(context)


def _attached(context: Context) -> Iterator[Line]:
    yield hourly("transit_gateway.attachment.hour", 1, "attachment to a transit gateway")
    gigabytes = told(context.usage.transit_gigabytes, "gigabytes through the transit gateway")
    yield monthly("transit_gateway.data", gigabytes, "traffic into the transit gateway")


@rates("aws:ec2transitgateway/peeringAttachment:PeeringAttachment")
def peering(_entry: Entry, _context: Context) -> list[Line]:
    """Hours of this side of the attachment; what goes through is charged as traffic between regions."""
    return [hourly("transit_gateway.attachment.hour", 1, "attachment to a transit gateway")]


@rates("aws:ec2/vpnConnection:VpnConnection")
def vpn(entry: Entry, context: Context) -> Iterator[Line]:
    """Hours of the connection, and of its attachment where it ends at a transit gateway."""
    yield hourly("vpn.connection.hour", 1, "VPN connection")
    if inputs(entry).get("transitGatewayId") is not None:
        yield from _attached(context)


@rates("aws:ec2clientvpn/networkAssociation:NetworkAssociation")
def client_vpn(_entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours of each subnet that clients reach; their connections are extra."""
    yield hourly("vpn.client.association.hour", 1, "subnet of a client VPN")
    raise Unpriced("the hours for which clients are connected are not asked for")


@rates("aws:networkfirewall/firewall:Firewall")
def network_firewall(entry: Entry, context: Context) -> Iterator[Line]:
    """Hours of its endpoint in each subnet, and what goes through."""
    zones = many(entry, "subnetMappings") or many(entry, "availabilityZoneMappings")
    if not zones:
        raise Unpriced("its subnets are not known")
    yield hourly("network_firewall.endpoint.hour", zones, "endpoints, one in each subnet or zone")
    gigabytes = told(context.usage.firewall_gigabytes, "gigabytes through the firewall")
    yield monthly("network_firewall.data", gigabytes, "traffic through the firewall")


@rates("aws:globalaccelerator/accelerator:Accelerator")
def accelerator(entry: Entry, _context: Context) -> Iterator[Line]:
    """Hours; its two addresses are part of them."""
    if inputs(entry).get("enabled") is False:
        return
    yield hourly("global_accelerator.hour", 1, "accelerator")
    raise Unpriced("the traffic through an accelerator is not asked for")


@rates("aws:wafv2/ruleGroup:RuleGroup")
def rule_group(entry: Entry, _context: Context) -> list[Line]:
    """Its rules; the group itself is a rule of the web ACL that refers to it."""
    return [monthly("waf.rule", len(_rules(entry)), "rules of the group, in one web ACL")]


@rates("aws:appsync/graphQLApi:GraphQLApi")
def graphql(_entry: Entry, context: Context) -> list[Line]:
    """Queries and changes."""
    return [monthly("appsync.requests", told(context.usage.graphql_requests, "requests to the API"), "requests")]
