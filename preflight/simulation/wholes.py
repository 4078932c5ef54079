"""What the provider, or AWS at the first request, refuses of the inputs of one resource as a whole: the arithmetic and
the conditions that go beyond one argument (``combined`` has those of which one excludes or needs another). From the
schemas of terraform-provider-aws 6 and AWS's API reference, read 2026-11. What is not known counts as fitting.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from preflight.simulation.limits import number
from preflight.simulation.together import UNKNOWN, Inputs, Problem, blocks, given, one_of, snake, sure

Whole = Callable[[Inputs], Iterator[Problem]]


def elements(inputs: Inputs, key: str) -> Iterator[tuple[str, Inputs]]:
    """The blocks of a list with their places."""
    value = inputs.get(key)
    for index, each in enumerate(value if isinstance(value, list) else ()):
        if isinstance(each, Mapping):
            yield f"{key}[{index}]", each


def as_json(text: Any) -> Any:
    """What a text in JSON holds; None for one that is not known, or none."""
    try:
        return json.loads(text) if isinstance(text, str) and text != UNKNOWN else None
    except ValueError:
        return None


def needs(inputs: Inputs, key: str, why: str) -> Iterator[Problem]:
    """An argument that is missing; `why` ends the sentence."""
    if not given(inputs, key):
        yield Problem(key, f"is required {why}")


# -- networks and machines ----------------------------------------------------------------------------------------


def _vpc(inputs: Inputs) -> Iterator[Problem]:
    if not given(inputs, "cidrBlock") and not given(inputs, "ipv4IpamPoolId"):
        yield Problem("cidrBlock", "one of cidr_block, ipv4_ipam_pool_id has to be given")


def _subnet(inputs: Inputs) -> Iterator[Problem]:
    ranges = ("cidrBlock", "ipv6CidrBlock", "ipv4IpamPoolId", "ipv6IpamPoolId")
    if not any(given(inputs, key) for key in ranges):
        yield Problem("cidrBlock", "one of cidr_block, ipv6_cidr_block, ipv4_ipam_pool_id has to be given")


def _rule_of_group(inputs: Inputs) -> Iterator[Problem]:
    if str(inputs.get("ipProtocol")).lower() in ("tcp", "udp", "6", "17"):
        for key in ("fromPort", "toPort"):
            if inputs.get(key) is None:
                yield Problem(key, f"is required with the protocol {inputs['ipProtocol']}")


def _nat_gateway(inputs: Inputs) -> Iterator[Problem]:
    if inputs.get("connectivityType") == "private" and sure(inputs, "allocationId"):
        yield Problem("allocationId", "a private NAT gateway has no address of its own")
    if inputs.get("availabilityMode") in (None, "zonal"):
        yield from needs(inputs, "subnetId", "of a zonal NAT gateway")
        if inputs.get("connectivityType") in (None, "public"):
            yield from needs(inputs, "allocationId", "of a public NAT gateway")


def _endpoint(inputs: Inputs) -> Iterator[Problem]:
    kind = inputs.get("vpcEndpointType") or "Gateway"
    if kind == "Gateway" and given(inputs, "serviceName"):
        for key in ("subnetIds", "securityGroupIds"):
            if sure(inputs, key):
                yield Problem(key, "is for endpoints of vpc_endpoint_type Interface, this is a Gateway")
    if kind == "Interface" and sure(inputs, "routeTableIds"):
        yield Problem("routeTableIds", "is for endpoints of vpc_endpoint_type Gateway, this is an Interface")


def _flow_log(inputs: Inputs) -> Iterator[Problem]:
    kind = inputs.get("logDestinationType") or "cloud-watch-logs"
    if kind == "cloud-watch-logs" and not given(inputs, "deliverCrossAccountRole"):
        yield from needs(inputs, "iamRoleArn", "to deliver to CloudWatch Logs")
    yield from needs(inputs, "logDestination", "to know where to")
    if kind == "s3" and sure(inputs, "iamRoleArn"):
        yield Problem("iamRoleArn", "does not go with log_destination_type s3: the policy of the bucket lets it in")
    if not any(given(inputs, key) for key in ("trafficType", "transitGatewayId", "transitGatewayAttachmentId")):
        yield Problem("trafficType", "is required: ACCEPT, REJECT or ALL")


def _volume(inputs: Inputs) -> Iterator[Problem]:
    kind = inputs.get("type") or "gp2"
    if not given(inputs, "size") and not given(inputs, "snapshotId"):
        yield Problem("size", "one of size, snapshot_id has to be given")
    if kind in ("io1", "io2"):
        yield from needs(inputs, "iops", f"with the type {kind}")
    if sure(inputs, "iops") and kind in ("gp2", "st1", "sc1", "standard"):
        yield Problem("iops", f"is for volumes of types gp3, io1 and io2, this is {kind}")
    if sure(inputs, "throughput") and kind not in ("gp3", UNKNOWN):
        yield Problem("throughput", f"is for volumes of type gp3, this is {kind}")


def _scaling_group(inputs: Inputs) -> Iterator[Problem]:
    for place, template in (("launchTemplate", each) for each in blocks(inputs.get("launchTemplate"), [])):
        if not one_of(template, ("id", "name")):
            yield Problem(place, "one of id and name has to be given")


def _scaling_policy(inputs: Inputs) -> Iterator[Problem]:
    kind = inputs.get("policyType")
    for wanted, key in (
        ("TargetTrackingScaling", "targetTrackingConfiguration"),
        ("StepScaling", "stepAdjustments"),
        ("PredictiveScaling", "predictiveScalingConfiguration"),
    ):
        if kind == wanted:
            yield from needs(inputs, key, f"with the policy_type {kind}")
    if kind in (None, "SimpleScaling", "StepScaling"):
        yield from needs(inputs, "adjustmentType", f"with the policy_type {kind or 'SimpleScaling'}")
    if kind in (None, "SimpleScaling") and inputs.get("scalingAdjustment") is None:
        yield Problem("scalingAdjustment", "is required with the policy_type SimpleScaling")
    yield from _tracking(inputs, "targetTrackingConfiguration")


def _tracking(inputs: Inputs, key: str) -> Iterator[Problem]:
    for tracked in blocks(inputs.get(key), []):
        both = ("predefinedMetricSpecification", "customizedMetricSpecification")
        if not one_of(tracked, both):
            yield Problem(key, f"one of {' and '.join(map(snake, both))} has to be given")


def _application_target(inputs: Inputs) -> Iterator[Problem]:
    low, high = number(inputs.get("minCapacity")), number(inputs.get("maxCapacity"))
    if low is not None and high is not None and low > high:
        yield Problem("minCapacity", f"min_capacity ({low:g}) is above max_capacity ({high:g})")
    space, dimension = inputs.get("serviceNamespace"), inputs.get("scalableDimension")
    if UNKNOWN not in (space, dimension) and not str(dimension).startswith(f"{space}:"):
        yield Problem("scalableDimension", f"{dimension!r} is none of the service_namespace {space!r}")


def _application_policy(inputs: Inputs) -> Iterator[Problem]:
    kind = inputs.get("policyType")
    if kind == "TargetTrackingScaling":
        yield from needs(inputs, "targetTrackingScalingPolicyConfiguration", f"with the policy_type {kind}")
    if kind in (None, "StepScaling"):
        yield from needs(inputs, "stepScalingPolicyConfiguration", "with the policy_type StepScaling")
    yield from _tracking(inputs, "targetTrackingScalingPolicyConfiguration")


# -- balancers and the edge ---------------------------------------------------------------------------------------


def _target_group(inputs: Inputs) -> Iterator[Problem]:
    protocol = str(inputs.get("protocol")).upper()
    web = protocol in ("HTTP", "HTTPS")
    for check in blocks(inputs.get("healthCheck"), []):
        timeout, interval = number(check.get("timeout")), number(check.get("interval"))
        if web and timeout is not None and interval is not None and timeout >= interval:
            yield Problem(
                "healthCheck.timeout", f"the timeout ({timeout:g}) has to be below the interval ({interval:g})"
            )
    for stickiness in blocks(inputs.get("stickiness"), []):
        kind, on = stickiness.get("type"), stickiness.get("enabled") in (None, True)
        if on and web and kind in ("source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"):
            yield Problem("stickiness.type", f"{kind} does not go with {protocol}: lb_cookie or app_cookie")
        if on and protocol in ("TCP", "UDP", "TCP_UDP", "TLS") and kind in ("lb_cookie", "app_cookie"):
            yield Problem("stickiness.type", f"{kind} does not go with {protocol}: source_ip")


_CONDITIONS = ("hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "queryStrings", "sourceIp")


def _listener_rule(inputs: Inputs) -> Iterator[Problem]:
    for place, condition in elements(inputs, "conditions"):
        if not one_of(condition, _CONDITIONS):
            yield Problem(place, f"a condition has one of {', '.join(map(snake, _CONDITIONS))}")


def _distribution(inputs: Inputs) -> Iterator[Problem]:
    for place, answer in elements(inputs, "customErrorResponses"):
        both = ("responsePagePath", "responseCode")
        if any(sure(answer, key) for key in both) and not all(given(answer, key) for key in both):
            yield Problem(place, "response_page_path and response_code go together")
    behaviors = [("defaultCacheBehavior", each) for each in blocks(inputs.get("defaultCacheBehavior"), [])]
    for place, behavior in (*behaviors, *elements(inputs, "orderedCacheBehaviors")):
        low, usual, high = (number(behavior.get(key)) for key in ("minTtl", "defaultTtl", "maxTtl"))
        ordered = [each for each in (low, usual, high) if each is not None]
        if ordered != sorted(ordered) and not given(behavior, "cachePolicyId"):
            yield Problem(place, "min_ttl, default_ttl and max_ttl have to rise in this order")


_ROUTING = (
    "cidrRoutingPolicy", "failoverRoutingPolicies", "geolocationRoutingPolicies", "geoproximityRoutingPolicy",
    "latencyRoutingPolicies", "multivalueAnswerRoutingPolicy", "weightedRoutingPolicies",
)  # fmt: skip


def _record(inputs: Inputs) -> Iterator[Problem]:
    routed = [key for key in _ROUTING if sure(inputs, key)]
    if routed:
        yield from needs(inputs, "setIdentifier", f"with {snake(routed[0])}")
    elif sure(inputs, "setIdentifier") and not any(given(inputs, key) for key in _ROUTING):
        yield Problem("setIdentifier", f"goes with one of {', '.join(map(snake, _ROUTING))}")
    kind, values = inputs.get("type"), inputs.get("records")
    known = [each for each in values if isinstance(each, str) and each != UNKNOWN] if isinstance(values, list) else []
    form: Any = {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}.get(str(kind))
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if form is not None and value in known:
            try:
                form(value)
            except ValueError:
                yield Problem(f"records[{index}]", f"{value!r} is no address for a record of type {kind}")
    if kind == "CNAME" and isinstance(values, list) and len(values) > 1:
        yield Problem("records", f"a CNAME has one value, got {len(values)}")


def _integration(inputs: Inputs) -> Iterator[Problem]:
    if inputs.get("type") in ("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY"):
        for name in ("uri", "integrationHttpMethod"):
            yield from needs(inputs, name, f"with the type {inputs['type']}")
    timeout, streamed = number(inputs.get("timeoutMilliseconds")), inputs.get("responseTransferMode")
    if timeout is not None and timeout > 300000 and streamed not in ("STREAM", UNKNOWN):
        said = f"expected 50 to 300000, or to 900000 with the response_transfer_mode STREAM, got {timeout:g}"
        yield Problem("timeoutMilliseconds", said)


def _method(inputs: Inputs) -> Iterator[Problem]:
    if inputs.get("authorization") in ("CUSTOM", "COGNITO_USER_POOLS"):
        yield from needs(inputs, "authorizerId", f"with the authorization {inputs['authorization']}")


def _web_acl(inputs: Inputs) -> Iterator[Problem]:
    for place, rule in elements(inputs, "rules"):
        if not one_of(rule, ("action", "overrideAction")):
            yield Problem(place, "a rule has one of action and override_action (the latter for groups of rules)")
    for default in blocks(inputs.get("defaultAction"), []):
        if not one_of(default, ("allow", "block")):
            yield Problem("defaultAction", "one of allow and block has to be given")


# -- containers ---------------------------------------------------------------------------------------------------

# How Go reads the JSON of a container: another kind of value ends in "cannot unmarshal ... into Go struct field".
_NUMBERS = ("cpu", "memory", "memoryReservation", "startTimeout", "stopTimeout")
_TEXTS = ("name", "image", "hostname", "user", "workingDirectory")
_LISTS = ("command", "entryPoint", "environment", "portMappings", "mountPoints", "secrets", "dependsOn", "links")


_CASED = {
    each.lower(): each
    for each in (
        *_NUMBERS, *_TEXTS, *_LISTS, "containerPort", "containerPortRange", "essential", "hostPort", "logConfiguration",
        "logDriver", "privileged", "readonlyRootFilesystem", "value",
    )
}  # fmt: skip


def cased(value: Any) -> Any:
    """JSON by the names of the API of ECS: Go's reader, and so the provider, takes them in any case."""
    if isinstance(value, list):
        return [cased(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {_CASED.get(key.lower(), key): cased(each) for key, each in value.items()}


def _containers(inputs: Inputs) -> Iterator[Problem]:
    """Of a task definition: what its list of containers holds."""
    key = "containerDefinitions"
    try:
        defined = json.loads(inputs[key]) if isinstance(inputs.get(key), str) and inputs[key] != UNKNOWN else []
    except ValueError:
        return
    if not isinstance(defined, list):
        yield Problem(key, "expected a list of containers in JSON, got another value: [{...}]")
        return
    if not defined and inputs.get(key) not in (None, "", UNKNOWN):
        yield Problem(key, "the list of containers is empty: at least one is needed")
    fargate = "FARGATE" in (inputs.get("requiresCompatibilities") or ())
    containers = cased(defined)
    for index, container in enumerate(containers):
        for reason in _container(container, inputs, fargate=fargate):
            yield Problem(key, f"container {index + 1} of {len(defined)}: {reason}")
    if defined and all(isinstance(each, dict) and each.get("essential") is False for each in containers):
        yield Problem(key, "none is essential: at least one has to be")


_KINDS: tuple[tuple[tuple[str, ...], tuple[type, ...], str], ...] = (
    (_NUMBERS, (int, float), "a number"),
    (_TEXTS, (str,), "a text"),
    (_LISTS, (list,), "a list"),
    (("essential", "privileged", "readonlyRootFilesystem"), (bool,), "true or false"),
)


def _container(container: Any, inputs: Inputs, *, fargate: bool) -> Iterator[str]:
    if not isinstance(container, dict):
        yield "is no object"
        return
    yield from (f"{name} is required" for name in ("name", "image") if container.get(name) in (None, ""))
    for names, kinds, said in _KINDS:
        for name in names:
            value = container.get(name)
            if value is not None and not _later(value) and type(value) not in kinds:
                yield f"{name}: expected {said}, got {value!r}"
    for variable in blocks(container.get("environment"), []):
        if not isinstance(variable.get("value"), str | None):  # ECS leaves out the variables without a value
            kind = type(variable["value"]).__name__
            yield f"environment {variable.get('name')}: expected a text as value, got {kind}"
    for mapping in blocks(container.get("portMappings"), []):
        yield from _mapping(mapping, inputs)
    logs = container.get("logConfiguration")
    driver = logs.get("logDriver") if isinstance(logs, dict) else None
    if fargate and driver == "awslogs" and not given(inputs, "executionRoleArn"):
        yield "the log driver awslogs needs the execution_role_arn of the task on Fargate"


def _later(value: Any) -> bool:
    """Whether a text stands for what AWS will say."""
    return isinstance(value, str) and (value == UNKNOWN or value.startswith("simulated-"))


def _mapping(mapping: Inputs, inputs: Inputs) -> Iterator[str]:
    inner, outer = mapping.get("containerPort"), mapping.get("hostPort")
    for name, port in (("containerPort", inner), ("hostPort", outer)):
        if isinstance(port, str) and not _later(port):
            yield f"{name}: expected a number, got {port!r}"
        elif isinstance(port, int) and not 0 <= port <= 65535:
            yield f"{name}: expected 0 to 65535, got {port}"
    both = isinstance(inner, int) and isinstance(outer, int)
    if inputs.get("networkMode") == "awsvpc" and both and outer not in (0, inner):
        yield f"hostPort ({outer}) has to be the containerPort ({inner}) with network_mode awsvpc"


def _service(inputs: Inputs) -> Iterator[Problem]:
    if inputs.get("launchType") != "FARGATE":
        return
    controllers = {each.get("type") for each in blocks(inputs.get("deploymentController"), [])}
    if not controllers & {"EXTERNAL", UNKNOWN} and given(inputs, "taskDefinition"):
        yield from needs(inputs, "networkConfiguration", "with the launch_type FARGATE")
    if inputs.get("schedulingStrategy") == "DAEMON":
        yield Problem("schedulingStrategy", "DAEMON does not go with the launch_type FARGATE")


_TOKEN_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def _user_pool_client(inputs: Inputs) -> Iterator[Problem]:
    """Tokens last five minutes to a day; a number without a unit is of hours (API_CreateUserPoolClient)."""
    units = inputs.get("tokenValidityUnits")
    units = units[0] if isinstance(units, list) and len(units) == 1 else units
    for kind in ("access", "id"):
        key, unit = f"{kind}TokenValidity", units.get(f"{kind}Token") if isinstance(units, Mapping) else units
        value, seconds = number(inputs.get(key)), _TOKEN_UNITS.get(str(unit or "hours"))
        if value and seconds and not 300 <= value * seconds <= _TOKEN_UNITS["days"]:
            said = f"{value:g} {unit or 'hours (no unit is given)'}"
            yield Problem(key, f"{said} is not between five minutes and one day, as {kind} tokens last")


OF_TYPE: dict[str, Whole] = {
    "aws:apigateway/integration:Integration": _integration,
    "aws:apigateway/method:Method": _method,
    "aws:appautoscaling/policy:Policy": _application_policy,
    "aws:appautoscaling/target:Target": _application_target,
    "aws:autoscaling/group:Group": _scaling_group,
    "aws:autoscaling/policy:Policy": _scaling_policy,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cognito/userPoolClient:UserPoolClient": _user_pool_client,
    "aws:ebs/volume:Volume": _volume,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ecs/service:Service": _service,
    "aws:ecs/taskDefinition:TaskDefinition": _containers,
    "aws:lb/listenerRule:ListenerRule": _listener_rule,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:route53/record:Record": _record,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule_of_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule_of_group,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
}
