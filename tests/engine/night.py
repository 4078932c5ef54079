"""What takes too long for every change is tried in part by day and in full at night: `make test-engine-nightly`."""

import os

NIGHTLY = os.environ.get("GROUNDWORK_NIGHTLY") == "1"
