#!/usr/bin/perl
# A bad cable: carries Ethernet frames between two interfaces, late, slowly, or not at all.
#   relay.pl LEFT RIGHT DELAY_MS LOSS_PERCENT RATE_KBIT     (a rate of 0 is no limit)
# In place of `tc netem`, which many kernels (this project's build machines among them) lack. Perl is
# part of every Debian. Checksum and segmentation offload must be off on what sends to us.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant { AF_PACKET => 17, SOCK_RAW => 3, ETH_P_ALL => 3, PACKET_OUTGOING => 4 };
use constant { SOL_SOCKET => 1, SO_RCVBUFFORCE => 33, MAX_QUEUE => 2000, BATCH => 64 };

my ($left, $right, $delay_ms, $loss, $rate) = @ARGV;
my @ends = map { { socket => open_on($_), queue => [], free_at => 0 } } $left, $right;
$ends[0]{peer} = $ends[1];
$ends[1]{peer} = $ends[0];
$| = 1;
print "ready\n";

while (1) {
  my $now = clock_gettime(CLOCK_MONOTONIC);
  my $wait = 3600;
  for my $end (@ends) {
    my $due = deliver($end, $now);
    $wait = $due - $now if defined $due && $due - $now < $wait;
  }
  my $ready = '';
  vec($ready, fileno($_->{socket}), 1) = 1 for @ends;
  next unless select($ready, undef, undef, $wait) > 0;
  for my $end (@ends) {
    receive($end) if vec($ready, fileno($end->{socket}), 1);
  }
}

# Sends what is due on this end, and says when the next is.
sub deliver {
  my ($end, $now) = @_;
  my $queue = $end->{queue};
  while (@$queue && $queue->[0][0] <= $now) {
    my $frame = shift @$queue;
    send($end->{socket}, $frame->[1], 0);
  }
  return @$queue ? $queue->[0][0] : undef;
}

# Takes frames that came in at this end and queues them for the other.
sub receive {
  my ($end) = @_;
  for (1 .. BATCH) {
    my $from = recv($end->{socket}, my $frame, 65536, 0x40);    # MSG_DONTWAIT
    return unless defined $from;
    my $type = (unpack 'S n l S C C', $from)[4];
    next if $type == PACKET_OUTGOING || rand(100) < $loss;
    enqueue($end->{peer}, $frame);
  }
}

sub enqueue {
  my ($end, $frame) = @_;
  return if @{ $end->{queue} } >= MAX_QUEUE;
  my $now = clock_gettime(CLOCK_MONOTONIC);
  my $start = $end->{free_at} > $now ? $end->{free_at} : $now;
  $end->{free_at} = $start + ($rate > 0 ? length($frame) * 8 / ($rate * 1000) : 0);
  push @{ $end->{queue} }, [$end->{free_at} + $delay_ms / 1000, $frame];
}

sub open_on {
  my ($name) = @_;
  open(my $file, '<', "/sys/class/net/$name/ifindex") or die "no interface $name\n";
  my $index = <$file> + 0;
  socket(my $socket, AF_PACKET, SOCK_RAW, unpack('S', pack('n', ETH_P_ALL))) or die "socket: $!\n";
  setsockopt($socket, SOL_SOCKET, SO_RCVBUFFORCE, pack('i', 8 << 20));
  bind($socket, pack('S n l S C C a8', AF_PACKET, ETH_P_ALL, $index, 0, 0, 0, '')) or die "bind $name: $!\n";
  return $socket;
}
