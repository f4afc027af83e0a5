import { SERVER_NAME } from '../platform/ca/certificates.ts';

type JoinCommand = {
  /** `https://host:7401`, reachable from the host that joins. */
  serverUrl: string;
  /** SHA-256 of the CA certificate's DER, hexadecimal. */
  caSha256: string;
  token: string;
};

/**
 * What a person pastes on a host, as root. The whole of it is read from a here-document, so that the token is in no
 * argument and no process list. Nothing is trusted before the CA certificate has the fingerprint that stands here;
 * from then on TLS is checked against that CA alone, by the name every server's certificate carries, whatever the
 * address. The agent is fetched to where programs may run, which temporary folders often forbid.
 */
export const joinCommand = ({ serverUrl, caSha256, token }: JoinCommand): string => {
  const { hostname, port } = new URL(serverUrl);
  return `sh <<'PORTREEVE'
set -eu
fail() { echo "$1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "Run this as root: sudo -i first, then paste it again."
for tool in curl base64 sha256sum; do command -v $tool >/dev/null || fail "This needs $tool, which is not installed here."; done
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
  *) fail "There is no agent for $(uname -s) on $(uname -m)." ;;
esac
umask 077
work=$(mktemp -d /usr/local/lib/portreeve-join.XXXXXX)
trap 'rm -rf "$work"' EXIT
curl -fsSk '${serverUrl}/ca.pem' -o "$work/ca.pem" || fail "${serverUrl} does not answer from here."
seen=$(sed '/-----/d' "$work/ca.pem" | base64 -d | sha256sum | cut -d ' ' -f 1)
[ "$seen" = '${caSha256}' ] || fail "The CA certificate at ${serverUrl} is not the one in your command: somebody is in between. Nothing was sent to it."
curl -fsS --cacert "$work/ca.pem" --connect-to '${SERVER_NAME}:${port}:${hostname}:${port}' "https://${SERVER_NAME}:${port}/agent/$platform" -o "$work/portreeve-agent" || fail "The server has no agent for $platform."
chmod 0755 "$work/portreeve-agent"
"$work/portreeve-agent" join --server '${serverUrl}' --ca-sha256 '${caSha256}' <<'TOKEN'
${token}
TOKEN
"$work/portreeve-agent" install
PORTREEVE
`;
};
