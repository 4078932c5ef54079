"""Rules that look from the network or the front door at the rest of the stack file: region, protection, services."""

from typing import TYPE_CHECKING

from settings import siblings, tables
from settings.edge import CERTIFIED_MOST
from settings.errors import Doubt, Findings, Mistake, several, shown
from settings.functions import FunctionSettings

if TYPE_CHECKING:
    from settings.rules import Stack


def _zones_belong_to_the_region(stack: "Stack") -> Findings:
    region = stack.region
    for position, zone in enumerate(stack.settings.network.availability_zones):
        key = ("network", "availabilityZones", position)
        letters = region.letters
        named = several([f"{region.code}{letter}" for letter in letters]) if letters else f"{region.code} and a letter"
        if zone[:-1] != region.code:
            yield Mistake(
                key=key,
                problem=f"is not a zone of the stack's region ({region.code}, {region.name})",
                given=f'"{zone}" (aws:region: {region.code})',
                allowed=named,
                change=f"name a zone of {region.code}, or change aws:region",
            )
        elif letters is not None and zone[-1] not in letters:
            last = max(letters[-1], chr(ord("a") + (region.zones or 0) - 1))
            if zone[-1] > last:
                yield Mistake(
                    key=key,
                    problem=f"{region.code} ({region.name}) has no such zone (table of {tables.as_of('regions')})",
                    given=f'"{zone}"',
                    allowed=named,
                    change=f"did you mean {region.code}{letters[-1]}?",
                )
            else:
                yield Doubt(
                    key=key,
                    text=f'"{zone}" exists for some accounts only; if AWS refuses it, use {named}'
                    f" (as seen {tables.as_of('regions')})",
                )


def _range_is_free(stack: "Stack") -> Findings:
    yield from siblings.overlaps(stack.root, stack.name, stack.settings.network.cidr)


def _way_out_survives(stack: "Stack") -> Findings:
    if stack.protected and stack.settings.network.nat == "instance":
        yield Mistake(
            key=("network", "nat"),
            problem="a protected stack's way out must not be one small instance: while it is replaced, which takes"
            " minutes, nothing private gets out",
            given="instance (groundwork:protection.protected: true)",
            allowed="none, single, per-az or regional",
            change="set nat to per-az",
        )


def ways_out(stack: "Stack") -> str:
    """What to set `nat` to instead of none."""
    return "single or per-az" if stack.settings.network.existing is None else "existing, if there is one"


def _private_tier_reaches_aws(stack: "Stack") -> Findings:
    """Without NAT, Fargate gets images, secrets and logs through endpoints or not at all. A dump is such a task too."""
    settings = stack.settings
    if settings.network.nat != "none":
        return
    services = settings.workloads.values()
    # Images and logs of functions are Lambda's own affair.
    pulling = any(not isinstance(service, FunctionSettings) for service in services)
    needed = {"ecr": "pull images", "s3": "pull the layers of images", "logs": "write logs"} if pulling else {}
    stores = settings.data.stores
    kinds = {getattr(type(stores.get(store)), "kind", "") for service in services for store in service.reached}
    if kinds & {"database", "cache"}:
        needed["secretsmanager"] = "fetch the credentials of databases and caches"
    elif any(service.secrets for service in services):
        needed["secretsmanager"] = "fetch their secrets"
    if "queue" in kinds:
        needed["sqs"] = "reach queues"
    if "bucket" in kinds:
        needed.setdefault("s3", "reach buckets")
    if "table" in kinds:
        needed["dynamodb"] = "reach tables"
    for endpoint, purpose in needed.items():
        if endpoint not in settings.network.endpoints:
            yield Mistake(
                key=("network", "endpoints"),
                problem=f"{endpoint} is missing: without NAT, services cannot {purpose}",
                given=f"{', '.join(settings.network.endpoints) or 'none'} (nat: none)",
                allowed=f"a list with {several([*needed], 'and')}, as long as groundwork:network.nat is none",
                change=f"add {endpoint}, or set groundwork:network.nat to {ways_out(stack)}",
            )


def _protected_stack_speaks_https(stack: "Stack") -> Findings:
    edge = stack.settings.edge
    if stack.protected and edge.domain is None and edge.existing is None:  # an existing one needs its name anyway
        yield Mistake(
            key=("edge", "domain"),
            problem="a protected stack answers in HTTPS only, which needs a domain",
            given="null (groundwork:protection.protected: true)",
            allowed="a domain name and the zoneId of its Route 53 zone",
            change="give domain and zoneId",
        )


def _load_balancer_is_here(stack: "Stack") -> Findings:
    existing = stack.settings.edge.existing
    if existing is None:
        return
    region, account = stack.region.code, stack.settings.protection.account_id
    for name, arn in (("arn", existing.arn), ("listenerArn", existing.listener_arn)):
        if arn.split(":")[3:5] != [region, account]:
            yield Mistake(
                key=("edge", "existing", name),
                problem="lies in another region or account than the stack, whose services it could not reach",
                given=shown(arn),
                allowed=f"an ARN with :{region}:{account}:",
                change="name one of the stack's own region and account",
            )


def _protected_stack_reads_requests_strictly(stack: "Stack") -> Findings:
    http = stack.settings.edge.http
    if not stack.protected or http is None:
        return
    if vars(http).get("desync_mitigation") == "monitor":
        yield Mistake(
            key=("edge", "http", "desyncMitigation"),
            problem="lets requests through that a server could read in two ways, which is how one smuggles another in",
            given="monitor (groundwork:protection.protected: true)",
            allowed="defensive or strictest",
            change="take it out, or set it to strictest",
        )
    if vars(http).get("drop_invalid_headers") is False:
        yield Mistake(
            key=("edge", "http", "dropInvalidHeaders"),
            problem="a protected stack's services get no headers that servers read in different ways",
            given="false (groundwork:protection.protected: true)",
            allowed="true",
            change="take it out",
        )


def _internal_name_fits_on_its_certificate(stack: "Stack") -> Findings:
    """The name that nobody has given: `internal.` in front of the domain. One that is given is judged by itself."""
    edge, services = stack.settings.edge, stack.settings.services
    given = edge.internal.domain if edge.internal is not None else None
    if edge.existing is not None or edge.domain is None or given is not None or edge.internal_domain is None:
        return
    routes = [route for service in services.values() if (route := vars(service).get("route")) is not None]
    if not any(vars(route).get("internal", False) for route in routes):
        return
    if len(edge.domain) <= CERTIFIED_MOST < len(edge.internal_domain):
        yield Mistake(
            key=("edge", "internal", "domain"),
            problem=f"is {edge.internal_domain} when nothing is said, which is longer than the name on a certificate",
            given=f"nothing (domain: {shown(edge.domain)})",
            allowed=f"a name of at most {CERTIFIED_MOST} characters",
            change="give a shorter one in the zone of zoneId",
        )


OF_THE_NETWORK = (_zones_belong_to_the_region, _range_is_free, _way_out_survives, _private_tier_reaches_aws)
OF_THE_EDGE = (
    _protected_stack_speaks_https,
    _protected_stack_reads_requests_strictly,
    _load_balancer_is_here,
    _internal_name_fits_on_its_certificate,
)
