#!/bin/bash
# Makes a NAT of a fresh Amazon Linux 2023: forwards what comes from the VPC, under the address of this instance, and
# tells the Auto Scaling group when it does. Until then the group waits (lifecycle hook); if a step fails, it throws the
# instance away and starts another. Values between @ signs come from components/network/nat_instance.py.
set -euo pipefail

readonly VPC_CIDR="@VPC_CIDR@"
readonly REGION="@REGION@"
readonly GROUP="@GROUP@"
readonly HOOK="@HOOK@"
readonly ROOT="${ROOT:-}" # empty on an instance; a folder in the test of this file
readonly METADATA="http://169.254.169.254/latest"
readonly ATTEMPTS=6

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
    echo "nat: set-up failed with status $status, this instance is given up" >&2
    tell_group ABANDON || true # the hook's time-out gives it up as well
  fi
}
trap at_the_end EXIT

# The image has no packet filter. Right after boot the repository may be out of reach for some seconds.
installed=""
for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
  if dnf install -y -q nftables; then
    installed=yes
    break
  fi
  sleep 10
done
[[ $installed ]] || { echo "nat: nftables cannot be installed" >&2; exit 1; }

# Redirects would tell clients to go around us: what we forward leaves by the interface that it came in.
cat >"$ROOT/etc/sysctl.d/90-nat.conf" <<END
net.ipv4.ip_forward = 1
net.ipv4.conf.*.send_redirects = 0
net.netfilter.nf_conntrack_max = 131072
END
echo nf_conntrack >"$ROOT/etc/modules-load.d/nat.conf"
modprobe nf_conntrack
systemctl restart systemd-sysctl

cat >"$ROOT/etc/sysconfig/nftables.conf" <<END
flush ruleset
table ip nat_instance {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr $VPC_CIDR ip daddr != { $VPC_CIDR, 169.254.0.0/16 } accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr $VPC_CIDR ip daddr != $VPC_CIDR masquerade
  }
}
END
systemctl enable nftables
systemctl restart nftables

# What counts is what the kernel does, not what was written down.
[[ $(sysctl -n net.ipv4.ip_forward) == 1 ]] || { echo "nat: the kernel does not forward" >&2; exit 1; }
nft list chain ip nat_instance postrouting | grep -q masquerade || { echo "nat: no masquerading" >&2; exit 1; }
tell_group CONTINUE
