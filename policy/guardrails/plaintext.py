"""Whether a credential stands in the open under a name, also where the value is not known yet.

An unknown value can only be what the resources behind it give out. Most of those of AWS (names, ARNs, addresses) are no
credential, so that a function which is told the name of its table is not in doubt at every preview.
"""

from __future__ import annotations

import re

from . import kinds
from .credentials import kind_of_secret, secret_in, tells_of_secret
from .graph import Node
from .reading import Absent, Known, Unknown, Value
from .verdicts import View

_HARMLESS = ("aws:", "awsx:", "docker:", "docker-build:")
"""Providers that give out no credential but those below."""
_GIVE_OUT = frozenset(
    {
        kinds.SECRET_VERSION, kinds.SSM_PARAMETER, kinds.IAM_ACCESS_KEY, kinds.IAM_USER_LOGIN_PROFILE,
        "aws:apigateway/apiKey:ApiKey", "aws:cognito/userPoolClient:UserPoolClient",
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential", "aws:lightsail/keyPair:KeyPair",
        "aws:ecr/getAuthorizationToken:getAuthorizationToken", "aws:appsync/apiKey:ApiKey",
    }
)  # fmt: skip
_OWN_PASSWORDS = ("password", "masterPassword", "authToken", "masterUserPassword", "masterUserOptions")
_NAMED_ALIKE = frozenset({kinds.SECRET, kinds.KMS_KEY, kinds.KMS_REPLICA_KEY, kinds.KMS_ALIAS})
"""What is called a secret or a key and gives out but its own name."""
_STORES = re.compile(r"^aws:(?:rds|docdb|neptune|redshift|elasticache|memorydb|mq|opensearch|elasticsearch)/")
_ADDRESS = re.compile(r"(?:^|[_.-])(?:\w*URL|URI|DSN|CONNECTION\w*|CONN\w*)$", re.IGNORECASE)
"""Names of addresses that a password is often written into."""

Answer = bool | str | None
"""True: no credential. A text: what it is. None: an unknown value decides."""


FINE = True
"""Nothing is wrong."""


def under(name: str, value: Value[str], view: View) -> Answer:
    """What stands under a name, of an environment for example."""
    if isinstance(value, Absent):
        return True
    if isinstance(value, Known):
        return kind_of_secret(name, value.value) or True
    return _derived(name, value, view)


def within(value: Value[str], view: View) -> Answer:
    """What is inside a longer text, a command or a script."""
    if isinstance(value, Absent):
        return True
    if isinstance(value, Known):
        return secret_in(value.value) or True
    return _derived("", value, view)


def _derived(name: str, unknown: Unknown, view: View) -> Answer:
    sources = view.graph.sources(unknown)
    if not sources or len(sources) < len(set(unknown.sources)) or any(_gives_out(source) for source in sources):
        return None
    if _ADDRESS.search(name) and any(_STORES.match(source.kind) for source in sources):
        return None
    named = tells_of_secret(name) and any(source.kind not in _NAMED_ALIKE for source in sources)
    return None if named else True


def _gives_out(source: Node) -> bool:
    if not source.kind.startswith(_HARMLESS) or source.kind in _GIVE_OUT:
        return True
    return any(not isinstance(source.props.items(key), Absent) for key in _OWN_PASSWORDS)
