"""Formats of credentials: each is found in a text, and what merely looks like one is not."""

from guardrails.credentials import _FORMATS, format_of

from tests.gathered import for_each

_A = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
# Put together here, so that no scanner takes them for credentials of this repository.
EXAMPLES = [
    ("an AWS access key", "key " + "AKIA" + "A1B2C3D4E5F6G7H8"),
    ("an AWS access key", "ASIA" + "A1B2C3D4E5F6G7H8"),
    ("a private key", "x\n-----BEGIN " + "RSA PRIVATE KEY-----\nx"),
    ("a private key", "-----BEGIN " + "PRIVATE KEY-----"),
    *(("a GitHub token", f"{kind}_{_A}") for kind in ("ghp", "gho", "ghu", "ghs", "ghr")),
    ("a GitHub token", "github_" + "pat_" + _A * 2),
    ("a GitLab token", "glp" + f"at-{_A}"),
    *(("a Slack token", f"xo{kind}-1234567890-x") for kind in ("xa", "xb", "xe", "xo", "xp", "xr", "xs")),
    ("a Slack token", "https://hooks.slack" + ".com/services/T1/B2/x3"),
    ("a Stripe key", "sk_li" + f"ve_{_A}"),
    ("a Stripe key", "rk_li" + f"ve_{_A}"),
    ("a Google API key", "AIz" + f"a{_A[:35]}"),
    ("an npm token", "npm" + f"_{_A}"),
    ("a Pulumi token", "pul" + "-" + "0a1b2c3d4e" * 4),
    ("a SendGrid key", "SG" + f".{_A[:22]}.{_A}{_A[:7]}"),
    ("a JSON web token", "ey" + f"J{_A}.eyJ{_A}.{_A}"),
    ("a password in a URL", "postgres://user:pass" + "word@host/db"),
]
NONE = [
    "arn:aws:s3:::assets-AKIA", "https://example.com/a:b", "npm_config_registry", "SG.short.short", "eyJhbGciOiJub25lIn0",
    "glpat-short", "xoxb-short", "AIzaShort", "pul-not-hexadecimal-0123456789012345678901234", "the PRIVATE KEY of it",
]  # fmt: skip


@for_each("what, text", EXAMPLES, name=[f"{index}" for index in range(len(EXAMPLES))])
def test_each_format_is_found_in_a_text(what: str, text: str) -> None:
    assert format_of(text) == what
    assert format_of(f"before {text}") == what


def test_every_format_has_an_example() -> None:
    assert {what for what, _ in EXAMPLES} == {name for name, _ in _FORMATS}


@for_each("text", NONE)
def test_what_looks_like_one_is_none(text: str) -> None:
    assert format_of(text) is None
