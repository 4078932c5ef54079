"""What the templates of ``formats`` may name, computed when asked for."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from preflight.simulation import formats, physical_names, place

_DRAWN = re.compile(r"(hex|digits|letters|capitals)(\d+)")
_SERVICES = {"lb": "elasticloadbalancing", "alb": "elasticloadbalancing", "vpc": "ec2", "efs": "elasticfilesystem"}
_PORTS = {"mysql": 3306, "aurora-mysql": 3306, "mariadb": 3306, "oracle": 1521, "sqlserver": 1433, "db2": 50000}


def seed_of(type_token: str, name: str, urn: str | None, generation: int) -> str:
    """What stands in for chance: the same for the same making of the same resource."""
    return (urn or f"{type_token}::{name}") + (f"#{generation}" if generation else "")


def auto_name(type_token: str, name: str, urn: str | None = None, generation: int = 0, *, fifo: bool = False) -> str:
    """Logical name, a dash and seven hexadecimal digits, cut to what AWS takes; with `.fifo` where AWS asks for it."""
    limit = physical_names.LIMITS.get(type_token, 255)
    text = name[: limit - 8] + "-" + place.digest(seed_of(type_token, name, urn, generation), 7)
    return (text.lower() if type_token in physical_names.LOWER_CASE else text) + (".fifo" if fifo else "")


def is_fifo(inputs: Mapping[str, Any]) -> bool:
    """Whether the provider puts `.fifo` behind the name that it makes."""
    return inputs.get("fifoQueue") is True or inputs.get("fifoTopic") is True


class Facts(dict[str, Any]):
    """A mapping for ``str.format_map`` over one resource."""

    def __init__(
        self,
        type_token: str,
        logical: str,
        inputs: Mapping[str, Any],
        where: place.Place,
        urn: str | None,
        generation: int = 0,
    ) -> None:
        super().__init__(logical=logical)
        self.type_token = type_token
        self.logical = logical
        self.inputs = inputs
        self.place = where
        self.generation = generation
        self.seed = seed_of(type_token, logical, urn, generation)
        self._urn = urn

    def fill(self, template: str) -> str:
        """The template with its fields replaced; a field that is neither known nor an input is empty."""
        return template.format_map(self)

    def __missing__(self, key: str) -> Any:
        drawn = _DRAWN.fullmatch(key)
        value = self._drawn(drawn[1], int(drawn[2])) if drawn else self._known(key)
        self[key] = value
        return value

    def _drawn(self, kind: str, length: int) -> str:
        if kind == "hex":
            return place.digest(self.seed, length)
        alphabet = {"digits": place.DIGITS, "letters": place.LETTERS, "capitals": place.CAPITALS}[kind]
        return place.drawn(self.seed, length, alphabet)

    def _known(self, key: str) -> Any:
        name_key = physical_names.KEYS.get(self.type_token, "name")
        if key in ("name", name_key):
            return self._first(self.inputs.get(name_key), self._auto_name(name_key))
        known = _FIELDS.get(key)
        if known is not None:
            return known(self)
        template = formats.FORMATS.get(self.type_token, {}).get(key)
        made = self.fill(template) if template is not None and key not in self.inputs else self._generic(key)
        return self._first(self.inputs.get(key), made)

    def _first(self, given: Any, made: Any) -> Any:
        return made if given is None else given

    def _generic(self, key: str) -> str:
        if key == "id":
            if not self.type_token.startswith("aws:"):
                return f"{self.logical}-{place.digest(self.seed, 7)}"
            return str(self["name"])
        if key == "arn":
            module, kind = self.type_token.split(":", 2)[1].partition("/")[::2]
            service = _SERVICES.get(module, module)
            return self.fill(f"arn:{{partition}}:{service}:{{region}}:{{account}}:{kind or 'resource'}/{{name}}")
        return ""

    def _auto_name(self, name_key: str) -> str:
        prefix = self.inputs.get(f"{name_key}Prefix")
        if prefix:
            return f"{prefix}{place.drawn(self.seed, 26, place.DIGITS)}"
        return auto_name(self.type_token, self.logical, self._urn, self.generation, fifo=is_fifo(self.inputs))

    def text(self, key: str, *, output_only: bool) -> str:
        """A computed string without a template of its own. An input that AWS leaves empty is empty here too."""
        if key in ("region", "arn", "id", "name") or key == physical_names.KEYS.get(self.type_token):
            return str(self[key])
        if key in ("ownerId", "registryId", "accountId", "owner"):
            return self.place.account
        if not output_only:
            return ""
        if key.endswith("Arn"):
            return str(
                self.fill("arn:{partition}:") + f"{key[:-3]}:{self['region']}:{self.place.account}:{self['name']}"
            )
        if key.endswith(("Id", "Etag", "etag", "Token")):
            return f"{key[:3].lower()}-{place.digest(self.seed + key, 17)}"
        return f"{self.logical}-{key}"

    @property
    def default_port(self) -> int:
        """The port that the engine of a database listens on when none is given."""
        engine = str(self.inputs.get("engine") or "")
        return next((port for start, port in _PORTS.items() if engine.startswith(start)), 5432)

    def given(self, key: str) -> str:
        """An input as text; nothing when it was left out."""
        return str(self.inputs.get(key) or "")


def _function_arn(facts: Facts) -> str:
    """Of the function that an input names, by name or by ARN."""
    named = facts.given("functionName")
    return (
        named if named.startswith("arn:") else facts.fill("arn:{partition}:lambda:{region}:{account}:function:") + named
    )


def _table_stream(facts: Facts) -> str:
    """Of a table whose changes are told; nothing of any other."""
    if facts.inputs.get("streamEnabled") is not True:
        return ""
    return facts.fill("{arn}/stream/2026-01-01T00:00:00.000")


_LOAD_BALANCERS = {"network": "net", "gateway": "gwy"}

_FIELDS: dict[str, Callable[[Facts], Any]] = {
    "revision": lambda f: f.generation + 1,
    "region": lambda f: f.inputs.get("region") or f.place.region,
    "account": lambda f: f.place.account,
    "partition": lambda f: f.place.partition,
    "dns": lambda f: f.place.dns_suffix,
    "uuid": lambda f: place.uuid(f.seed),
    "ip": lambda f: place.address(f.seed),
    # us-east-1 is older than the names of regions in the names of machines (VPC User Guide, "DNS attributes").
    "compute": lambda f: "compute-1" if f["region"] == "us-east-1" else f"{f['region']}.compute",
    "ipdashes": lambda f: place.address(f.seed).replace(".", "-"),
    "octet": lambda f: place.address(f.seed).rpartition(".")[2],
    "lbkind": lambda f: _LOAD_BALANCERS.get(f.given("loadBalancerType"), "app"),
    "dbport": lambda f: f.inputs.get("port") or f.default_port,
    "name_without_slash": lambda f: str(f["name"]).removeprefix("/"),
    "url_without_scheme": lambda f: f.given("url").removeprefix("https://"),
    "cluster_name": lambda f: (f.given("cluster") or "default").rpartition("/")[2],
    "listener_of": lambda f: f.given("loadBalancerArn").replace(":loadbalancer/", ":listener/"),
    # A function that publishes has a version from its first day on; with updates, `versions` counts on.
    "function_version": lambda f: "1" if f.inputs.get("publish") is True else "$LATEST",
    "function_arn": _function_arn,
    "table_stream": _table_stream,
    "rule_of": lambda f: f.given("listenerArn").replace(":listener/", ":listener-rule/"),
}
