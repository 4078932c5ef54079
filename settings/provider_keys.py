"""Keys of the namespace `aws` other than the region. Pulumi gives them to its default provider; this program has one
of its own, which is told its region, its account and its tags in `__main__.py` and reads nothing else."""

from collections.abc import Collection, Iterator, Mapping

from settings.errors import Doubt, Finding, Mistake, named, unmistakable

_PROFILE = "profile"
_CREDENTIALS = (
    "take it out: credentials are those of whoever deploys (AWS_PROFILE, AWS_ACCESS_KEY_ID); if it ever was in plain"
    " text in a file, have AWS make another"
)
_ROLE = "take it out: name the role (role_arn) in a profile of your own AWS configuration, and set AWS_PROFILE to that"
_ACCOUNTS = "take it out: groundwork:protection.accountId names the one account that the provider allows"
_ELSEWHERE = "take it out: what the provider is told are arguments of aws.Provider in __main__.py"
_INSTEAD: Mapping[str, str] = {
    "defaultTags": "take it out: what every resource is tagged with is default_tags of the provider in __main__.py",
    "allowedAccountIds": _ACCOUNTS,
    "forbiddenAccountIds": _ACCOUNTS,
    "assumeRole": _ROLE,
    "assumeRoles": _ROLE,
    "assumeRoleWithWebIdentity": _ROLE,
    "accessKey": _CREDENTIALS,
    "secretKey": _CREDENTIALS,
    "token": _CREDENTIALS,
}


def findings(names: Collection[str]) -> Iterator[Finding]:
    """What there is to say of the names below `aws:` in a stack file. No value is shown: it may be a credential.

    `aws:profile` decides nothing that is built, and the provider refuses a wrong account: that is a doubt.
    """
    for name in names:
        if name == "region" or ("region" not in names and unmistakable(name, ["region"])):
            continue  # of a misspelt region the missing one tells
        if name == _PROFILE:
            said = "has no effect, the provider of this program takes the credentials of whoever deploys"
            yield Doubt(key=(f"aws:{name}",), text=f"{said}: take it out, and set AWS_PROFILE in your shell instead")
            continue
        meant = unmistakable(name, ["region"])
        change = _INSTEAD.get(name, _ELSEWHERE)
        yield Mistake(
            key=(f"aws:{name}",),
            problem="is not read: the provider of this program takes nothing but its region from the stack file",
            given=f"the key {named(f'aws:{name}')}",
            allowed="aws:region",
            change=f"take it out: aws:{meant} is there as well" if meant else change,
        )
