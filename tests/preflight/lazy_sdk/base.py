"""Pulumi as the loader has it imported, and nothing yet of an SDK that is generated: what both have in common is loaded
once, in a process from which those are forked that install the loader (see warm.py)."""

import sys

from preflight.lazy_sdk.deferred import Deferred

sys.meta_path.insert(0, Deferred())

import google.protobuf.json_format  # noqa: E402, F401
import pulumi.runtime.mocks  # noqa: E402, F401
