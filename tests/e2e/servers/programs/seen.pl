#!/usr/bin/perl
# Tells what a CGI program saw of the request, and answers as its path asks.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);

sub quoted {
    my $text = shift // '';
    $text =~ s/([^ !#-\[\]-~])/sprintf '\u%04x', ord $1/ge;
    return "\"$text\"";
}

binmode STDIN;
binmode STDOUT;
my $body = do { local $/; <STDIN> } // '';
exit 1 if $ENV{CONTENT_LENGTH} && $ENV{CONTENT_LENGTH} != length $body; # its client left: half a request is none
my $path = ($ENV{SCRIPT_NAME} // '') . ($ENV{PATH_INFO} // '');
my @fields = map { '[' . quoted($_) . ',' . quoted($ENV{$_}) . ']' } grep { /^HTTP_/ } sort keys %ENV;
open my $seen, '>>', $ENV{SEEN} or die "$ENV{SEEN}: $!";
syswrite $seen, sprintf qq({"method":%s,"target":%s,"path":%s,"area":%s,"fields":[%s],"length":%d,"sha256":"%s"}\n),
    quoted($ENV{REQUEST_METHOD}), quoted($ENV{REQUEST_URI}), quoted($path), quoted($ENV{AREA}), join(',', @fields),
    length $body, sha256_hex($body);

$| = 1;
my ($asked) = $path =~ m{([^/]*)$};
if ($asked eq 'status-204') {
    print "Status: 204 No Content\r\n\r\n";
} elsif ($asked eq 'status-304') {
    print "Status: 304 Not Modified\r\nETag: \"1\"\r\n\r\n";
} elsif ($asked eq 'pieces') {
    print "Content-Type: text/plain\r\n\r\n";
    print for 'one ', 'two ', 'three';
} elsif ($asked eq 'large-head') {
    print "Content-Type: text/plain\r\n", map("X-Large-$_: " . 'v' x 400 . "\r\n", 0 .. 39), "\r\nlarge";
} elsif ($asked =~ /^bytes-(\d+)$/) {
    print "Content-Type: text/plain\r\nContent-Length: $1\r\n\r\n", substr(join('', map chr, 0 .. 255) x (int($1 / 256) + 1), 0, $1);
} else {
    print "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nseen";
}
