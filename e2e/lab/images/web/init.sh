#!/bin/sh
# Process 1 of the test application. MODE says how it behaves; see e2e/lab/README.md.
read -r started _ < /proc/uptime
export STARTED="${started%.*}"

nc -ll -p "${PORT:-8080}" -e /app/handle &
server=$!
echo "web $VERSION ($MODE) listens on ${PORT:-8080}"

# No new requests, finish those that run, go.
finish() {
  echo "web $VERSION stops"
  kill "$server"
  while pidof handle > /dev/null; do sleep 0.05; done
  exit 0
}

# In process 1 itself, so that the kernel's choice ends the container. It stops at 1.5 GiB, in case
# somebody runs it without a limit.
allocate() {
  megabyte=$(printf '%1048576s')
  i=0
  while [ "$i" -lt 1536 ]; do
    eval "hog$i=\$megabyte"
    i=$((i + 1))
  done
}

if [ "$MODE" = ignore-term ]; then trap '' TERM; else trap finish TERM INT; fi

case $MODE in
  crash)
    sleep "${EXIT_AFTER:-3}" &
    wait $!
    echo "web $VERSION crashes" >&2
    exit "${EXIT_CODE:-7}" ;;
  oom)
    sleep "${OOM_AFTER:-2}" &
    wait $!
    allocate ;;
esac

wait "$server"
echo "web $VERSION: the server ended" >&2
exit 1
