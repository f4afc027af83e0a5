#!/usr/bin/perl
# The example shop: one small program that is web, api, cache or database, as ROLE says. Perl is on every
# Debian and Ubuntu, so that the images are made without a registry, and the C library resolves the names.
use strict;
use warnings;
use Socket qw(:DEFAULT getaddrinfo);
use IO::Socket;
use IO::Select;
use IO::Handle;
use POSIX ();

my $role    = $ENV{ROLE}    || 'web';
my $version = $ENV{VERSION} || '1';
my $port    = $ENV{PORT}    || 8080;
my $data    = $ENV{DATA}    || '/data';
my ($host)  = (POSIX::uname())[1];

# Says which files of the host the program is made of; the image is built from them.
if (@ARGV && $ARGV[0] eq 'files') {
    print "$_\n" for grep { defined && m{^/} } values(%INC), @DynaLoader::dl_shared_objects;
    exit 0;
}
if (@ARGV && $ARGV[0] eq 'check') {
    my ($status) = ask("http://127.0.0.1:$port/healthz", 'GET', '', 2);
    exit($status == 200 ? 0 : 1);
}

my %cache;
my $stopping = 0;
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1 };
$SIG{PIPE} = 'IGNORE';
STDOUT->autoflush(1);

my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 128, ReuseAddr => 1, Proto => 'tcp')
    or die "cannot listen on port $port: $!\n";
my $waiting = IO::Select->new($server);
print "$role $version listens on $port\n";

# No request that has come is turned away: after the signal those that wait are still answered.
until ($stopping && !$waiting->can_read(0)) {
    1 while waitpid(-1, POSIX::WNOHANG()) > 0;
    next unless $waiting->can_read($stopping ? 0 : 0.5);
    my $client = $server->accept or next;
    # Cache and database answer at once from what they hold; the others wait for someone, each in a child.
    my $child = $role eq 'web' || $role eq 'api' ? fork : undef;
    if (!$child) { serve($client) }
    POSIX::_exit(0) if defined $child && $child == 0;
    close $client;
}
close $server;
1 while waitpid(-1, 0) > 0;
print "$role $version stops\n";
exit 0;

sub serve {
    my ($client) = @_;
    limit($client, 10);
    my ($method, $path, $body) = read_request($client) or return;
    my ($status, $type, $answer) = respond($method, $path, $body);
    print $client "HTTP/1.1 $status\r\nContent-Type: $type\r\nContent-Length: "
        . length($answer) . "\r\nConnection: close\r\n\r\n$answer";
    $client->flush;
    print "$method $path " . substr($status, 0, 3) . "\n" unless $path eq '/healthz';
}

sub limit {
    my ($socket, $seconds) = @_;
    setsockopt($socket, SOL_SOCKET, $_, pack('l!l!', $seconds, 0)) for SO_RCVTIMEO, SO_SNDTIMEO;
}

sub read_request {
    my ($client) = @_;
    my $first = <$client>;
    return unless defined $first;
    my ($method, $path) = $first =~ m{^([A-Z]{1,10}) (/[^ ]{0,200}) } or return;
    my $length = 0;
    while (my $line = <$client>) {
        last if $line =~ /^\r?\n$/;
        $length = $1 if $line =~ /^content-length:\s*(\d{1,5})/i;
    }
    my $body = '';
    read($client, $body, $length) if $length;
    return ($method, $path, $body);
}

sub respond {
    my ($method, $path, $body) = @_;
    if ($path eq '/healthz') {
        my $healthy = $version ne 'bad' && ($role ne 'database' || -w $data);
        return ($healthy ? '200 OK' : '503 Service Unavailable', 'application/json', "{\"healthy\":" . ($healthy ? 'true' : 'false') . "}\n");
    }
    return web($method, $path)          if $role eq 'web';
    return api($method, $path)          if $role eq 'api';
    return cache($method, $path, $body) if $role eq 'cache';
    return database($method, $path);
}

# --- web: the page, and the same as JSON under /status

sub web {
    my ($method, $path) = @_;
    if ($method eq 'POST' && $path eq '/orders') {
        my ($status, $said) = ask("$ENV{API}/orders", 'POST', '', 5);
        return ("303 See Other\r\nLocation: /", 'text/plain', "ordered\n") if $status == 200;
        return ('502 Bad Gateway', 'text/plain', 'No order was placed: ' . ($status ? $said : "the api does not answer\n"));
    }
    return ('404 Not Found', 'text/plain', "not here\n") unless $path eq '/' || $path eq '/status';
    my ($status, $api) = ask("$ENV{API}/orders", 'GET', '', 5);
    chomp $api;
    $api = 'null' unless $status == 200;
    my $about = about(qq("api":$api));
    return ('200 OK', 'application/json', $about) if $path eq '/status';
    return ('200 OK', 'text/html; charset=utf-8', page($api));
}

sub page {
    my ($api) = @_;
    my %of = $api =~ /"(\w+)":"?([\w.-]+)"?/g;
    my $orders = defined $of{orders} ? "$of{orders} " . ($of{orders} == 1 ? 'order' : 'orders') . ", from the $of{source}" : 'the api does not answer';
    my $served = defined $of{hostname} ? "api $of{version} on $of{hostname}" : 'no api';
    my $colour = $version eq '1' ? '#06c' : '#3e8635';
    return <<"HTML";
<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop $version</title>
<style>body{font:16px/1.5 system-ui;margin:4rem auto;max-width:32rem}h1{color:$colour}button{font:inherit}</style>
<h1>Shop, version $version</h1>
<p>Served by <b>$host</b>, with $served.</p>
<p>$orders.</p>
<form method="post" action="/orders"><button>Order one</button></form>
</html>
HTML
}

# --- api: counts orders, from the cache when it knows

sub api {
    my ($method, $path) = @_;
    return ('404 Not Found', 'text/plain', "not here\n") unless $path eq '/orders';
    if ($method eq 'POST') {
        my ($status, $count) = ask("$ENV{DATABASE}/orders", 'POST', '', 3);
        return ('502 Bad Gateway', 'text/plain', "the database does not answer\n") unless $status == 200;
        ask("$ENV{CACHE}/orders", 'PUT', $count, 1);
        return counted('database', $count);
    }
    my ($hit, $known) = ask("$ENV{CACHE}/orders", 'GET', '', 1);
    return counted('cache', $known) if $hit == 200;
    my ($status, $count) = ask("$ENV{DATABASE}/orders", 'GET', '', 3);
    return ('502 Bad Gateway', 'text/plain', "the database does not answer\n") unless $status == 200;
    ask("$ENV{CACHE}/orders", 'PUT', $count, 1);
    return counted('database', $count);
}

sub counted {
    my ($source, $count) = @_;
    $count =~ s/\D//g;
    return ('200 OK', 'application/json', about(qq("orders":$count,"source":"$source")));
}

# --- cache: what was put, for five seconds

sub cache {
    my ($method, $path, $body) = @_;
    if ($method eq 'PUT') {
        $cache{$path} = { value => $body, until => time + 5 };
        return ('200 OK', 'text/plain', '');
    }
    my $entry = $cache{$path};
    return ('404 Not Found', 'text/plain', '') unless $entry && $entry->{until} > time;
    return ('200 OK', 'text/plain', $entry->{value});
}

# --- database: one line per order in a file of its volume

sub database {
    my ($method, $path) = @_;
    return ('404 Not Found', 'text/plain', "not here\n") unless $path eq '/orders';
    if ($method eq 'POST') {
        open my $file, '>>', "$data/orders" or return ('500 Internal Server Error', 'text/plain', "cannot write: $!\n");
        print $file time, " $host\n";
        $file->flush;
        $file->sync;
        close $file;
    }
    my $count = 0;
    if (open my $file, '<', "$data/orders") { $count++ while <$file> }
    return ('200 OK', 'text/plain', "$count\n");
}

sub about {
    my ($more) = @_;
    return qq({"role":"$role","version":"$version","hostname":"$host",$more}\n);
}

# One HTTP request; asks the addresses of the name, in an order of chance, until one answers.
sub ask {
    my ($url, $method, $body, $seconds) = @_;
    my ($name, $to, $path) = $url =~ m{^http://([^:/]+):(\d+)(/.*)$} or return (0, '');
    my ($failure, @addresses) = getaddrinfo($name, $to, { family => AF_INET, socktype => SOCK_STREAM });
    while (@addresses) {
        my $address = splice @addresses, rand @addresses, 1;
        socket(my $socket, AF_INET, SOCK_STREAM, 0) or next;
        limit($socket, $seconds);
        connect($socket, $address->{addr}) or next;
        $socket->autoflush(1);
        print $socket "$method $path HTTP/1.1\r\nHost: $name\r\nConnection: close\r\nContent-Length: "
            . length($body) . "\r\n\r\n$body";
        my $text = join '', <$socket>;
        return ($1, $2) if $text =~ m{^HTTP/1\.[01] (\d{3}).*?\r\n\r\n(.*)$}s;
    }
    return (0, '');
}
