"""The differences between preflight and the engine that must be. Each title is an entry of docs/preflight.md.

A difference that is not here fails the comparison, and so does an entry here that no longer occurs.
"""

from tests.engine.fidelity.compare import Reason

_ALL = ("dev", "prod", "nasty")
_OTHER = ("nasty",)
_SECRET = "*1b47061264138c4ac30d75fd1eb44270*"
_ADOPTED = "aws:sns/topic:Topic"
_ON_EXISTING = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

REASONS = (
    Reason(
        title="Ids of providers",
        part="registration",
        type="pulumi:providers:*",
        place="id",
        programs=_ALL,
        modes=("update",),
    ),
    Reason(
        title="Hashes of files",
        part="*",
        place="*.hash",
        ours="(absent)",
        programs=_ALL,
    ),
    Reason(
        title="Secret tags in `tagsAll`",
        part="*",
        place="properties.tagsAll",
        ours=_SECRET,
        programs=_OTHER,
    ),
    Reason(
        title="A list with a secret in it",
        part="stack",
        type="aws:ec2/securityGroup:SecurityGroup",
        name="many",
        place="properties.ingress",
        theirs=_SECRET,
        programs=_OTHER,
        modes=("update",),
    ),
    Reason(
        title="What is read from the cloud",
        part="*",
        type=_ON_EXISTING,
        name="on-existing",
        place="*.description",
        theirs="'there'",
        programs=_OTHER,
    ),
    Reason(
        title="The id of a read",
        part="*",
        type=_ON_EXISTING,
        name="on-existing",
        place="*.securityGroupId",
        ours="'sg-0123456789abcdef0'",
        programs=_OTHER,
        modes=("preview",),
        before=(3, 272),
    ),
    Reason(
        title="What is imported",
        part="stack",
        type=_ADOPTED,
        name="adopted",
        place="properties.*",
        programs=_OTHER,
    ),
)
