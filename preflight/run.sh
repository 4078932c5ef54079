#!/usr/bin/env bash
# `python -m preflight` of this checkout, for whatever project calls it: a pre-commit hook or a workflow elsewhere.
# Takes the first interpreter that can run it: PREFLIGHT_PYTHON, the project's .venv or venv, python3, python.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
fit='import sys; sys.exit(sys.version_info < (3, 11) or __import__("importlib.util").util.find_spec("yaml") is None)'
tried=()
for python in ${PREFLIGHT_PYTHON:+"$PREFLIGHT_PYTHON"} .venv/bin/python venv/bin/python python3 python; do
  if command -v "$python" >/dev/null && "$python" -c "$fit" 2>/dev/null; then
    PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}" exec "$python" -m preflight "$@"
  fi
  tried+=("$python")
done
echo "preflight: none of ${tried[*]} is Python 3.11 or later with PyYAML, which the Pulumi SDK brings. Install the" \
  "project's requirements, or name its interpreter: PREFLIGHT_PYTHON=/path/to/python" >&2
exit 3
