"""A function and a fleet as stack files have them, with nothing that they could do without."""

from collections.abc import Mapping
from typing import Any

FUNCTION: Mapping[str, Any] = {
    "kind": "function",
    "build": "services/receipt",
    "runtime": "python3.13",
    "handler": "receipt.handler",
    "size": {"memory": 128, "architecture": "arm64"},
    "timeoutSeconds": 30,
    "environment": {},
    "uses": {},
}
FLEET: Mapping[str, Any] = {
    "kind": "fleet",
    "image": "crccheck/hello-world:v1.0.0",
    "port": 8000,
    "health": "/health",
    "machine": {"type": "t4g.small"},
    "scale": {"min": 2, "max": 6},
    "route": {"path": "/legacy/*", "priority": 100},
    "environment": {},
    "uses": {},
}
