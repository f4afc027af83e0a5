#!/bin/sh
# Answers one HTTP request: standard input and output are the connection (nc -e), and so is standard
# error, which must therefore be silent.
exec 2> /dev/null
IFS=' ' read -r method target _ || exit 0
while read -r header; do
  header=${header%?}
  [ -n "$header" ] || break
done
path=${target%%\?*}
query=${target#"$path"}

healthy() {
  case $MODE in
    never-healthy) return 1 ;;
    slow)
      read -r now _ < /proc/uptime
      [ $((${now%.*} - STARTED)) -ge "${READY_AFTER:-6}" ] ;;
  esac
}

reply() {
  printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "$1" "${#2}" "$2"
}

about() {
  printf '{"version":"%s","hostname":"%s","task":"%s","mode":"%s","path":"%s"}\n' \
    "$VERSION" "$(hostname)" "${PORTREEVE_TASK:-$TASK}" "$MODE" "$path"
}

case $path in
  /healthz) if healthy; then reply '200 OK' '{"healthy":true}'; else reply '503 Service Unavailable' '{"healthy":false}'; fi ;;
  /stay)
    sleep "${query#\?s=}"
    reply '200 OK' "$(about)" ;;
  /) if healthy; then reply '200 OK' "$(about)"; else reply '503 Service Unavailable' "$(about)"; fi ;;
  *) reply '404 Not Found' "$(about)" ;;
esac
[ "$path" = /healthz ] || echo "$method $target" > /proc/1/fd/1
