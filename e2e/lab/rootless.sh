#!/bin/sh
# Becomes Debian's dockerd without root, inside a lab host: what dockerd-rootless.sh does, with the lab's own places.
set -eu
user=rootless uid=4242
own=/run/user/$uid

if ! id "$user" > /dev/null 2>&1; then
  useradd --create-home --uid "$uid" "$user"
  grep -q "^$user:" /etc/subuid || echo "$user:300000:65536" >> /etc/subuid
  grep -q "^$user:" /etc/subgid || echo "$user:300000:65536" >> /etc/subgid
fi
mkdir -p "$own" "/var/lib/docker/$user"
chown "$user:" "$own" "/var/lib/docker/$user"
chmod 700 "$own"
chmod 711 /var/lib/docker
# For everybody on most hosts, and perhaps not on this machine, whose devices these are.
if [ ! -e /run/tun ]; then
  mknod -m 666 /run/tun c 10 200
  mount --bind /run/tun /dev/net/tun
fi
# Followed from outside too, where the host's root is another folder: so it says no absolute path.
ln -sfn "user/$uid/docker.sock" /run/docker.sock

exec setpriv --reuid "$uid" --regid "$uid" --init-groups env XDG_RUNTIME_DIR="$own" HOME="/home/$user" \
  rootlesskit --net=slirp4netns --mtu=65520 --disable-host-loopback --port-driver=builtin \
  --copy-up=/etc --copy-up=/run --propagation=rslave \
  sh -c 'rm -f /run/docker /run/containerd /run/xtables.lock; exec "$@"' sh \
  dockerd --rootless --host "unix://$own/docker.sock" --config-file /etc/docker/daemon.json \
  --data-root "/var/lib/docker/$user" --exec-root "$own/docker" --pidfile "$own/docker.pid"
