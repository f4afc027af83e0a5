#!/bin/sh
# Becomes the init of a lab host. Runs as pid 1 of new mount, UTS, IPC, network and pid namespaces:
#   unshare --mount --uts --ipc --net --pid --fork boot.sh DIR NAME ADDRESS BRIDGE_ADDRESS ENGINE_BIN INIT CGROUP
# Every mount lives in its mount namespace only, so a power cut leaves none behind.
set -eu
dir=$1 name=$2 address=$3 bridge_address=$4 engine_bin=$5 init=$6 cgroup=$7

# /proc is still the machine's, so this is our number there. First, so that we can always be found.
read -r stat < /proc/self/stat
echo "$stat" > "$dir/init"

disk=$dir/disk root=$dir/root
# No barriers: a lost machine takes the whole lab with it, a lost host only its processes.
mount -o noatime,barrier=0,discard "$(cat "$dir/loop")" "$disk"
rm -rf "$disk/tmp"
if [ -e "$dir/fresh" ]; then rm -rf "$disk/upper" "$disk/work" "$disk/vartmp"; rm "$dir/fresh"; fi
first=no; [ -d "$disk/upper" ] || first=yes
mkdir -p "$disk/upper" "$disk/work" "$disk/docker" "$disk/tmp" "$disk/vartmp"
chmod 1777 "$disk/tmp" "$disk/vartmp"
mount -t overlay lab -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" "$root"

if [ "$first" = yes ]; then
  # What this machine itself has of a product under test, or of an engine of its own (its key, which
  # would be every host's), must not shine through.
  for path in /etc/docker /root/.docker /var/lib/containerd \
    /var/lib/portreeve /etc/portreeve /opt/portreeve /usr/local/bin/portreeve /usr/local/bin/portreeve-agent; do
    rm -rf "${root:?}$path"
  done
  mkdir -p "$root/etc/docker" "$root/var/lib/docker" "$root/var/log"
  echo "$name" > "$root/etc/hostname"
  printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" > "$root/etc/hosts"
  # See site-dns.ts.
  rm -f "$root/etc/resolv.conf"
  printf 'nameserver %s\nsearch lab\n' "$bridge_address" > "$root/etc/resolv.conf"
  rm -f "$root/etc/machine-id"
  tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
  if [ "$init" = systemd ]; then
    # Units of this machine's packages would act on the machine itself (its devices, its kernel's settings).
    rm -rf "$root"/etc/systemd/system/*.wants "$root"/lib/systemd/system/*.wants "$root/lib/systemd/system-generators"
    mkdir "$root/lib/systemd/system/sockets.target.wants"
    ln -s ../systemd-journald.socket ../systemd-journald-dev-log.socket "$root/lib/systemd/system/sockets.target.wants"
    ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
  fi
  if [ -e "$dir/daemon.json" ]; then cp "$dir/daemon.json" "$root/etc/docker/daemon.json"; fi
  if [ -e "$dir/registries.conf" ]; then
    mkdir -p "$root/etc/containers/registries.conf.d"
    cp "$dir/registries.conf" "$root/etc/containers/registries.conf.d/lab.conf"
  fi
fi

# Of this namespace: shows the host's own interfaces.
mount -t sysfs sysfs "$root/sys"
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
  mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
else
  # A folder of its own around the hierarchies: what a host adds there, as systemd does, would be on all the others.
  mount -t tmpfs -o mode=755 cgroups "$root/sys/fs/cgroup"
  for hierarchy in /sys/fs/cgroup/*; do
    mountpoint -q "$hierarchy" || continue
    mkdir "$root$hierarchy"
    mount --bind "$hierarchy" "$root$hierarchy"
  done
fi
mount --rbind /dev "$root/dev"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t proc proc "$root/proc"
mount --bind "$disk/tmp" "$root/tmp"
mount --bind "$disk/vartmp" "$root/var/tmp"
# The checkout is seen as it is now, wherever it lies: also below /tmp, which is the host's own.
checkout=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$root$checkout"
mount --bind -o ro "$checkout" "$root$checkout"
# Overlay on overlay fails: the engine gets the real file system below.
mount --bind "$disk/docker" "$root/var/lib/docker"
mkdir -p "$root/run/lock" "$root/run/old"
if [ -n "$engine_bin" ]; then
  mkdir -p "$root/run/engine"
  mount --bind "$engine_bin" "$root/run/engine"
fi

hostname "$name"
ip link set lo up
# A container that asks for what is out of reach is told so by this host, every time.
echo 0 > "$root/proc/sys/net/ipv4/icmp_ratelimit"
cd "$root"
pivot_root . run/old
umount -l /run/old
rmdir /run/old
if [ "$init" = tini ]; then exec tini -- sleep infinity < /dev/null; fi

# systemd mounts every controller that the kernel has; one that this machine does not mount would stay bound to what the
# host leaves behind.
while read -r controller rest; do
  case $controller in '#'*) echo "$controller $rest" ;; esac
  if mountpoint -q "/sys/fs/cgroup/$controller"; then echo "$controller $rest"; fi
done < /proc/cgroups > /run/controllers
mount --bind /run/controllers /proc/cgroups
# systemd rules the part of the machine's control groups that its first process is in, and no more.
for hierarchy in systemd unified .; do
  [ -e "/sys/fs/cgroup/$hierarchy/cgroup.procs" ] || continue
  mkdir -p "/sys/fs/cgroup/$hierarchy$cgroup"
  echo 0 > "/sys/fs/cgroup/$hierarchy$cgroup/cgroup.procs"
done
exec env -i container=other PATH="$PATH" /lib/systemd/systemd --system --show-status=no < /dev/null
