
# Files of tasks are mounted by the agent, over TLS and by the role of the task, with the helper of EFS. Right after boot
# the repository may be out of reach. An instance without the helper signs in nowhere, for its tasks would never start.
for attempt in 1 2 3 4 5 6; do
  if dnf install -y -q amazon-efs-utils; then break; fi
  sleep 10
done
if ! command -v mount.efs >/dev/null; then
  echo "capacity: amazon-efs-utils cannot be installed, attempt $attempt" >&2
  sed -i '/^ECS_CLUSTER=/d' /etc/ecs/ecs.config
  exit 1
fi
echo 'ECS_VOLUME_PLUGIN_CAPABILITIES=["efsAuth"]' >>/etc/ecs/ecs.config
