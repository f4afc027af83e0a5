/** Frames as a forger would make them, and the programs that send and see them inside a network of a lab host. */

const bytesOfMac = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');
const bytesOfAddress = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

const checksum = (header: Buffer): number => {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
};

export type End = { mac: string; address: string };

/** An Ethernet frame with a UDP packet from one end to the other. */
export const udpFrame = (from: End, to: End, text: string): Buffer => {
  const payload = Buffer.from(text);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(5_555, 0);
  udp.writeUInt16BE(9_999, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(28 + payload.length, 2);
  ip[8] = 64;
  ip[9] = 17;
  bytesOfAddress(from.address).copy(ip, 12);
  bytesOfAddress(to.address).copy(ip, 16);
  ip.writeUInt16BE(checksum(ip), 10);
  return Buffer.concat([bytesOfMac(to.mac), bytesOfMac(from.mac), Buffer.from([8, 0]), ip, udp, payload]);
};

/** An ARP answer that says `claimed.address` is at `claimed.mac`, told to one end. */
export const arpReply = (claimed: End, to: End, text: string): Buffer =>
  Buffer.concat([
    bytesOfMac(to.mac),
    bytesOfMac(claimed.mac),
    Buffer.from([8, 6, 0, 1, 8, 0, 6, 4, 0, 2]),
    bytesOfMac(claimed.mac),
    bytesOfAddress(claimed.address),
    bytesOfMac(to.mac),
    bytesOfAddress(to.address),
    // Padding, so that it is found among others.
    Buffer.from(text),
  ]);

/** What a VXLAN packet carries after its UDP header. */
export const vxlanPayload = (vni: number, frame: Buffer): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = 0x08;
  header.writeUIntBE(vni, 4, 3);
  return Buffer.concat([header, frame]);
};

/** Sends a frame as it is: `perl -e SEND_FRAME <hex> <interface>`. */
export const SEND_FRAME = `
  socket(my $s, 17, 3, 0x0300) or die "no socket: $!";
  my $request = pack('a16 x24', $ARGV[1]);
  ioctl($s, 0x8933, $request) or die "no interface: $!";
  my $index = (unpack('a16 i', $request))[1];
  my $to = pack('S n i S C C a8', 17, 0x0800, $index, 0, 0, 6, '');
  send($s, pack('H*', $ARGV[0]), 0, $to) or die "refused: $!";
`;

/** Sends a datagram from an ordinary socket: `perl -e SEND_UDP <address> <port> <hex>`. */
export const SEND_UDP = `
  use IO::Socket::INET;
  my $s = IO::Socket::INET->new(Proto => 'udp', PeerAddr => $ARGV[0], PeerPort => $ARGV[1]) or die "no socket: $!";
  $s->send(pack('H*', $ARGV[2])) or die "refused: $!";
`;

/** Prints the marker of every frame seen that has one, received ones only: `perl -e SEE_FRAMES`. */
export const SEE_FRAMES = `
  $| = 1;
  socket(my $s, 17, 3, 0x0300) or die "no socket: $!";
  print "ready\\n";
  while (defined(my $from = recv($s, my $frame, 65535, 0))) {
    next if (unpack('S n i S C', $from))[4] == 4;
    print "$1\\n" if $frame =~ /<([a-z0-9 -]+)>/;
  }
`;
