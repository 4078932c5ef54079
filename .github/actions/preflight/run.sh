#!/usr/bin/env bash
# What action.yml runs. Everything comes by variables and is quoted: no text of an input becomes a command or an option.
set -euo pipefail
preflight="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../preflight" && pwd)/run.sh"
mkdir -p "$REPORTS"
read -ra stacks <<<"$STACKS"
for stack in ${stacks[@]+"${stacks[@]}"}; do
  if [[ $stack == -* ]]; then
    echo "preflight: '$stack' is no name of a stack" >&2
    exit 2
  fi
done
shared=("--program=$PROGRAM")
case "$POLICY" in
  "") ;;
  none) shared+=(--no-policy) ;;
  *) shared+=("--policy=$POLICY") ;;
esac

code=0
"$preflight" check ${stacks[@]+"${stacks[@]}"} "${shared[@]}" --json="$REPORTS/report.json" --sarif="$REPORTS/report.sarif" \
  --junit="$REPORTS/report.junit.xml" || code=$?
if [[ -n $BASE ]]; then
  # What the base is like stops nobody: the exit code is that of the check.
  "$preflight" diff ${stacks[@]+"${stacks[@]}"} "${shared[@]}" --base="$BASE" --markdown="$REPORTS/comment.md" || true
  if [[ -n ${GITHUB_STEP_SUMMARY:-} && -f $REPORTS/comment.md ]]; then cat "$REPORTS/comment.md" >>"$GITHUB_STEP_SUMMARY"; fi
fi
if [[ -n ${GITHUB_OUTPUT:-} ]]; then
  { echo "exit-code=$code"; echo "reports=${REPORTS//$'\n'/}"; } >>"$GITHUB_OUTPUT"
fi
exit "$code"
