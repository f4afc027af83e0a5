import { DomainError } from '@portreeve/domain';
import { SERVER_NAME } from '../platform/ca/certificates.ts';

type JoinCommand = {
  /** `https://host:7401`, reachable from the host that joins. */
  serverUrl: string;
  /** SHA-256 of the CA certificate's DER, hexadecimal. */
  caSha256: string;
  token: string;
};

/** Of what a URL takes as a host, only this: quotes and `$` would be read by the shell. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i;

/**
 * What a person pastes on a host, as root. The whole of it is read from a here-document, so that the token is in no
 * argument and no process list. Nothing is trusted before the CA certificate has the fingerprint that stands here,
 * and then only the bytes that have it; from then on TLS is checked against that CA alone, by the name every server's
 * certificate carries, whatever the address. The agent is fetched to where programs may run, which temporary folders
 * often forbid. Throws `request.invalid` for an address that the shell could read as more than a host.
 */
export const joinCommand = ({ serverUrl, caSha256, token }: JoinCommand): string => {
  const { hostname, port: given } = new URL(serverUrl);
  if (!HOST.test(hostname))
    throw new DomainError('request.invalid', `"${hostname}" is no host name or IP address.`, {
      hint: 'Give the name or address by which the new host reaches this server.',
    });
  const port = given || '443';
  const server = `https://${hostname}:${port}`;
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
curl -fsSk '${server}/ca.pem' -o "$work/ca.pem" || fail "${server} does not answer from here."
sed '/-----/d' "$work/ca.pem" | base64 -d >"$work/ca.der" 2>/dev/null || fail "The CA certificate at ${server} cannot be read."
seen=$(sha256sum <"$work/ca.der" | cut -d ' ' -f 1)
[ "$seen" = '${caSha256}' ] || fail "The CA certificate at ${server} is not the one in your command: somebody is in between. Nothing was sent to it."
{ echo '-----BEGIN CERTIFICATE-----'; base64 "$work/ca.der"; echo '-----END CERTIFICATE-----'; } >"$work/ca.pem"
curl -fsS --cacert "$work/ca.pem" --connect-to '${SERVER_NAME}:${port}:${hostname}:${port}' "https://${SERVER_NAME}:${port}/agent/$platform" -o "$work/portreeve-agent" || fail "The server has no agent for $platform."
chmod 0755 "$work/portreeve-agent"
if ldd "$work/portreeve-agent" 2>/dev/null | grep -q 'libatomic.so.1 => not found'; then
  echo "The agent needs libatomic.so.1, which is not here: installing it."
  if command -v apt-get >/dev/null; then apt-get -q update && apt-get -q install -y --no-install-recommends libatomic1
  elif command -v dnf >/dev/null; then dnf -q install -y libatomic
  else false; fi >/dev/null 2>&1 || fail "libatomic.so.1 could not be installed: install its package (libatomic1, or libatomic) and paste this again."
fi
"$work/portreeve-agent" join --server '${server}' --ca-sha256 '${caSha256}' <<'TOKEN'
${token}
TOKEN
"$work/portreeve-agent" install
PORTREEVE
`;
};
