#!/bin/bash
# Makes a member of a fleet of a fresh Amazon Linux 2023: docker, the container as a systemd unit, the CloudWatch agent.
# Tells the Auto Scaling group when the container answers; until then the group waits (lifecycle hook) and the load
# balancer sends nothing. If a step fails, the group throws the instance away and starts another. Values between @ signs
# come from components/compute/machine.py.
set -euo pipefail

readonly REGION="@REGION@"
readonly GROUP="@GROUP@"
readonly HOOK="@HOOK@"
readonly HEALTH=@HEALTH@
readonly ROOT="${ROOT:-}" # empty on an instance; a folder in the test of this file
readonly METADATA="http://169.254.169.254/latest"
readonly ATTEMPTS=6
readonly CHECKS=60 # five seconds apart

tell_group() {
  local token instance
  token=$(curl -sSf --retry 5 -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 300" "$METADATA/api/token")
  instance=$(curl -sSf --retry 5 -H "X-aws-ec2-metadata-token: $token" "$METADATA/meta-data/instance-id")
  aws autoscaling complete-lifecycle-action --region "$REGION" --auto-scaling-group-name "$GROUP" \
    --lifecycle-hook-name "$HOOK" --instance-id "$instance" --lifecycle-action-result "$1"
}

at_the_end() {
  local status=$?
  if ((status)); then
    echo "fleet: set-up failed with status $status, this instance is given up" >&2
    tell_group ABANDON || true # the hook's time-out gives it up as well
  fi
}
trap at_the_end EXIT

# Right after boot the repository may be out of reach for some seconds.
installed=""
for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
  if dnf install -y -q docker amazon-cloudwatch-agent@PACKAGES@; then
    installed=yes
    break
  fi
  sleep 10
done
[[ $installed ]] || { echo "fleet: docker and the agent cannot be installed" >&2; exit 1; }

install -d -m 755 "$ROOT/etc/groundwork" "$ROOT/usr/local/libexec"
install -m 600 /dev/null "$ROOT/etc/groundwork/app.json"
base64 -d >"$ROOT/etc/groundwork/app.json" <<'END'
@WHAT@
END
cat >"$ROOT/usr/local/libexec/groundwork-run" <<'END'
@RUN@
END
cat >"$ROOT/etc/groundwork/agent.json" <<'END'
@AGENT@
END
cat >"$ROOT/etc/systemd/system/groundwork-app.service" <<'END'
[Unit]
Description=The container of this fleet
Requires=docker.service
After=docker.service network-online.target
Wants=network-online.target@REQUIRES@
StartLimitIntervalSec=0

[Service]
RuntimeDirectory=groundwork
RuntimeDirectoryMode=0700
ExecStart=/usr/bin/python3 /usr/local/libexec/groundwork-run /etc/groundwork/app.json
ExecStop=/usr/bin/docker stop --time @STOP@ app
Restart=always
RestartSec=5
TimeoutStartSec=infinity
TimeoutStopSec=@KILL@

[Install]
WantedBy=multi-user.target
END

@MOUNT@systemctl daemon-reload
systemctl enable --now docker
"$ROOT/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s \
  -c "file:$ROOT/etc/groundwork/agent.json"
systemctl enable --now groundwork-app

# What counts is that it answers, not that it was started.
for ((check = 1; check <= CHECKS; check++)); do
  if curl -sf -o /dev/null --max-time 5 "$HEALTH"; then
    tell_group CONTINUE
    exit 0
  fi
  sleep 5
done
echo "fleet: the container does not answer at $HEALTH" >&2
exit 1
