"""Runs in a process of its own, with or without the lazy loader, and prints lines that can be compared.

    python -m tests.preflight.lazy_sdk.probe {plain|lazy} [--cache-dir DIR] {graph|exports|habits} [SERVICE ...]

After raising the version of the SDK, compare all of it (about a minute, 0.5 GB for each process):

    python -m tests.preflight.lazy_sdk.probe plain exports > plain.txt
    python -m tests.preflight.lazy_sdk.probe lazy --cache-dir "$(mktemp -d)" exports > lazy.txt
    cmp plain.txt lazy.txt
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from preflight import lazy_sdk


def main(given: Sequence[str] | None = None) -> None:
    """Print the lines, then on standard error how many SDK modules that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loader", choices=["plain", "lazy"])
    parser.add_argument("--cache-dir", type=Path)
    parser.add_argument("subject", choices=["graph", "exports", "habits"])
    parser.add_argument("services", nargs="*")
    arguments = parser.parse_args(given)
    gc.disable()
    if arguments.loader == "lazy":
        lazy_sdk.install(cache_dir=arguments.cache_dir)
    subject = importlib.import_module(f"tests.preflight.lazy_sdk.{arguments.subject}")
    for line in subject.lines(arguments.services):
        print(line)
    lazy_sdk.save("")
    print(sum(name.startswith("pulumi_aws") for name in sys.modules), file=sys.stderr)
    sys.stdout.flush()
    os._exit(0)  # the collector would spend most of a second on objects that the process takes with it


if __name__ == "__main__":
    main()
