#!/bin/bash
# Makes an instance a member of the cluster. Values between @ signs come from components/compute/capacity.py.
set -euo pipefail

cat >>/etc/ecs/ecs.config <<'END'
ECS_CLUSTER=@CLUSTER@
# Tasks have network interfaces and roles of their own: the metadata service, and with it the instance's, is not theirs.
ECS_AWSVPC_BLOCK_IMDS=true
# The log driver and the fetching of secrets go by the execution role of the task, as on Fargate.
ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true
# No task gets at the machine.
ECS_DISABLE_PRIVILEGED=true
END
