"""Whether a text is a credential: by a format that only credentials have, or by the name it stands under.

A control says the name of the place, never the text. Sources: the documented formats of the issuers, 2025-11.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from functools import lru_cache

_FORMATS = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/T\w+/B\w+/\w+")),
    ("a Stripe key", re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}\b")),
    ("a Google API key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}\b")),
    ("a Pulumi token", re.compile(r"\bpul-[a-f0-9]{40}\b")),
    ("a SendGrid key", re.compile(r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@${}]*:[^\s/@${}]{3,}@")),
)
_MARKS = (
    "AKIA", "ASIA", "PRIVATE KEY", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "k_live_",
    "hooks.slack", "AIza", "npm_", "pul-", "SG.", "eyJ", "://",
)  # fmt: skip
"""One of them is in whatever has one of the formats: most texts have none, and looking for a word costs little."""
_NAMES = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|APIKEY|(?:^|[_.-])(?:PASS|PWD|SECRET(?:_?ACCESS)?_?KEY(?:_?BASE)?|SECRET|API_?KEY|"
    r"ACCESS_?KEY_?ID|ACCESS_?TOKEN|AUTH_?TOKEN|(?:PRIVATE|ENCRYPTION|SIGNING|MASTER)_?KEY|CLIENT_?SECRET|"
    r"CREDENTIALS?|TOKEN|ENGINE_AUTH_DATA))$"
)
_OF_A_KEY = re.compile(r"(?:ENCRYPTION|SIGNING|MASTER)_?KEY$")
_KEY_ID = re.compile(r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
"""How AWS KMS calls a key, which is no secret, under a name that may as well stand over the key itself."""
_REFERENCE = re.compile(
    r"^(?:arn:|/aws/|\$\{|\$\(|\{\{|ssm:|secretsmanager:|vault:|alias/|https?://[^@]*$|/[\w./-]+$|"
    r"(?-i:[a-z0-9_.-]+(?:/[a-z0-9_.-]+)+$)|[\w.-]+\.(?:json|ya?ml|pem|key|crt|p12|jks|txt|env)$)",
    re.IGNORECASE,
)
"""What names a secret instead of being one: an ARN, a path, a file, a name with slashes, a variable, a template."""
_PLACEHOLDERS = frozenset(
    {"", "true", "false", "yes", "no", "on", "off", "0", "1", "none", "null", "changeme", "disabled", "enabled"}
)
_ASSIGNED = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*)[\"']?[ \t]*(?:=|:(?=[ \t\"']))[ \t]*(?P<quote>[\"']?)(?P<value>[^\s\"';&|,}]{3,})"
    r"|--(?P<option>[A-Za-z][\w-]*)[ \t]+(?P<after>[^\s\"';&|-][^\s\"';&|]{2,})"
)
_SHELL = re.compile(r"^(?:[$`<%@({]|\\)")
"""How the value of an assignment begins that is worked out when the script runs."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LARGEST = 1 << 20
"""Bytes of a decompressed text that are looked at; EC2 takes 16 KB of user data."""
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")


@lru_cache(maxsize=8192)
def format_of(text: str) -> str | None:
    """What the text is by its own format, e.g. `a private key`; None for any other."""
    if len(text) < 12 or not _is_marked(text):
        return None
    return next((name for name, pattern in _FORMATS if pattern.search(text)), None)


def _is_marked(text: str) -> bool:
    for mark in _MARKS:  # noqa: SIM110 - `any` takes twice as long
        if mark in text:
            return True
    return False


def kind_of_secret(name: str, text: str) -> str | None:
    """What stands under the name, if that is a credential: by its format, or because the name says so."""
    found = format_of(text)
    if found is not None:
        return found
    if tells_of_secret(name) and not _REFERENCE.match(text) and text.strip().lower() not in _PLACEHOLDERS:
        return None if _KEY_ID.fullmatch(text) and _OF_A_KEY.search(_spelled(name)) else "a secret by its name"
    return None


@lru_cache(maxsize=2048)
def secret_in(text: str) -> str | None:
    """What a script, a command line or a configuration file holds: a credential, or one assigned to a telling name."""
    found = format_of(text)
    if found is not None:
        return found
    for match in _ASSIGNED.finditer(text):
        name, value = match["name"] or match["option"], match["value"] or match["after"]
        if not _SHELL.match(value) and (kind := kind_of_secret(name, value)) is not None:
            return f"{kind} ({name})"
    return None


def tells_of_secret(name: str) -> bool:
    """Whether what stands under the name should be a credential, whatever it is."""
    return _NAMES.search(_spelled(name)) is not None


def _spelled(name: str) -> str:
    return _CAMEL.sub("_", name).upper().replace("-", "_")


def decoded(text: str) -> str:
    """The text behind base64, gunzipped where it is gzip as cloud-init takes it, or the text itself."""
    if not _BASE64.fullmatch(text):
        return text
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
        if raw.startswith(b"\x1f\x8b"):
            raw = zlib.decompressobj(wbits=31).decompress(raw, _LARGEST)
        return raw.decode()
    except (binascii.Error, UnicodeDecodeError, ValueError, zlib.error):
        return text
