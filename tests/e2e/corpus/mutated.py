"""Requests that were good before somebody tampered with them, and what may be said of those that arrive."""

import contextlib
import random
import re
import socket
from collections import Counter

IDENTITIES = {"x-user-id", "x-session-id", "x-user-roles"}
OWN_ANSWERS = {200, 400, 401, 404, 405, 413, 414, 417, 431, 501}

NASTY_LINES = [
    b"X-User-Id: root", b"x_user_id: root", b"X.User.Id: root", b"X-USER-ID : root", b"X-User-Id:root\r\n root",
    b"X-Session-Id: root", b"X-User-Roles: root", b"Connection: X-User-Id", b"Connection: close, x-user-id, host",
    b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: 5, 5", b"Content-Length: +5", b"Content-Length: 0x5",
    b"Content-Length : 5", b"Content-Length:\t5", b"Content-Length: 99999999999999999999", b"Content_Length: 5",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding:\x0bchunked", b"Transfer-Encoding : chunked",
    b"Transfer_Encoding: chunked", b"Transfer-Encoding:\r\n chunked", b"transfer-encoding: CHUNKED",
    b"Host: y", b"Host:", b"Host: a b", b"Expect: 100-continue", b"Expect: x", b"Upgrade: h2c", b"Connection: Upgrade",
    b"Authorization: Bearer x", b"Authorization:", b"Proxy-Authorization: x", b"TE: trailers", b"Trailer: X-User-Id",
    b": empty", b"nocolon", b" folded", b"\tX-User-Id: root", b"X: a\rX-User-Id: root", b"X: a\nX-User-Id: root",
    b"X: \0", b"X-Original-URL: /public/a", b"X-Forwarded-Prefix: /public", b"X-HTTP-Method-Override: GET",
]
PATH_TRICKS = [b"//", b"/./", b"/../", b"/..;/", b"%2e%2e/", b"%2f", b"%5c", b"\\", b"%00", b"%252e", b";x=1", b"#a",
               b"%", b"%zz", b"\xc3\xa9", b"*", b"/public/../private/", b"/private/../public/", b"http://y/private/"]
BYTES = [b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"%", b"/", b".", b"_", b"-", b"\x80", b"\xff",
         b"0", b"5", b"a", b"\x7f", b"\x0b", b"\""]
SMUGGLED = b"GET /private/smuggled HTTP/1.1\r\nHost: x\r\nX-User-Id: root\r\n\r\n"


class Forge:
    """Makes requests and tampers with them."""

    def __init__(self, seed, users):
        self.random = random.Random(seed)
        self.users = users

    def good_request(self, number):
        """Bytes of a request, its tag, and the user whose token it carries (or None). A tag is too long
        for tampering to make one of another."""
        tag = f"{self.random.getrandbits(128):032x}"
        pick = self.random.choice
        user = pick([None, *self.users])
        lines = [b"%s /%s/%d?n=%d HTTP/1.1" % (pick([b"GET", b"POST", b"PUT", b"DELETE", b"BREW"]),
                                              pick([b"public", b"optional", b"private"]), number, number),
                 b"Host: x", b"X-Tag: " + tag.encode(), b"Accept: */*"]
        if user:
            lines.insert(self.random.randrange(1, 4), b"Authorization: Bearer " + user.access.encode())
        body = pick([b"", b"", b"hello", SMUGGLED])
        framing = pick([b"length", b"chunked"]) if body else b""
        if framing == b"length":
            lines.append(b"Content-Length: %d" % len(body))
        elif framing == b"chunked":
            lines.append(b"Transfer-Encoding: chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        return b"\r\n".join(lines) + b"\r\n\r\n" + body, tag, user

    def tampered(self, request):
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            request = self.random.choice([
                self._flip, self._delete, self._insert, self._insert, self._nasty_line, self._nasty_line,
                self._nasty_line, self._twice, self._swap, self._path, self._path, self._cut, self._chunk,
                self._append])(request)
        return request

    def pieces(self, request):
        """As it is sent: mostly at once, sometimes in two."""
        if self.random.random() < 0.8 or len(request) < 2:
            return [request]
        at = self.random.randrange(1, len(request))
        return [request[:at], request[at:]]

    def _at(self, data):
        return self.random.randrange(len(data)) if data else 0

    def _flip(self, data):
        at = self._at(data)
        return data[:at] + bytes([data[at] ^ (1 << self.random.randrange(8))]) + data[at + 1:] if data else data

    def _delete(self, data):
        at = self._at(data)
        return data[:at] + data[at + self.random.choice([1, 1, 2, 10]):]

    def _insert(self, data):
        at = self._at(data)
        return data[:at] + self.random.choice(BYTES) + data[at:]

    def _lines(self, data):
        return data.split(b"\r\n")

    def _nasty_line(self, data):
        lines = self._lines(data)
        lines.insert(self.random.randrange(1, max(2, len(lines) - 1)), self.random.choice(NASTY_LINES))
        return b"\r\n".join(lines)

    def _twice(self, data):
        lines = self._lines(data)
        line = self.random.choice(lines)
        lines.insert(self.random.randrange(len(lines)), line)
        return b"\r\n".join(lines)

    def _swap(self, data):
        lines = self._lines(data)
        one, two = self._at(lines), self._at(lines)
        lines[one], lines[two] = lines[two], lines[one]
        return b"\r\n".join(lines)

    def _path(self, data):
        line, separator, rest = data.partition(b"\r\n")
        at = self.random.randrange(max(1, len(line)))
        return line[:at] + self.random.choice(PATH_TRICKS) + line[at:] + separator + rest

    def _cut(self, data):
        return data[:self._at(data)]

    def _chunk(self, data):
        head, separator, body = data.partition(b"\r\n\r\n")
        tricks = [b"0x5\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n", b"5;a\nb\r\nhello\r\n0\r\n\r\n",
                  b"5\r\nhello0\r\n\r\n", b"0\r\nX-User-Id: root\r\n\r\n", b"0\r\n\r\n" + SMUGGLED, b"-1\r\n\r\n",
                  b"00000000000000000005\r\nhello\r\n0\r\n\r\n", b"fffffffffffffffff\r\n", b"5\r\nhel"]
        return head + separator + self.random.choice(tricks)

    def _append(self, data):
        return data + self.random.choice([SMUGGLED, b"\r\n" + SMUGGLED, b"0\r\n\r\n", b"GET /public/b HTTP/1.1\r\nHost: x\r\n\r\n"])


class Witness:
    """What may be said about a request that arrived."""

    def __init__(self, users):
        self.proved_by = {}  # tag -> user id that the request's only token proves, or None
        self.ids = {user.user_id for user in users}
        self.seen = Counter()

    def check(self, target, fields):
        claims = [(name, value) for name, value in fields if re.sub(r"[^a-z0-9]", "-", name) in IDENTITIES]
        assert len(claims) <= 1, f"{target}: {claims}"
        assert all(name == "x-user-id" and value in self.ids for name, value in claims), f"{target}: {claims}"
        path = target.split("?")[0]
        if path.startswith("/public/"):
            assert not claims, f"{target}: {claims}"
        if path.startswith("/private/"):
            assert claims, f"{target} arrived without an identity"
        tags = [value for name, value in fields if name == "x-tag"]
        if claims and len(set(tags)) == 1 and tags[0] in self.proved_by:
            assert claims[0][1] == self.proved_by[tags[0]], f"{target}: {claims} of another user"
        self.seen["with identity" if claims else "without"] += 1


def statuses(answers):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def send(gateway, pieces):
    """Everything that comes back until the gateway closes."""
    with gateway.connect(timeout=10) as client, contextlib.suppress(ConnectionResetError, BrokenPipeError):
        for piece in pieces:
            client.send(piece)
        with contextlib.suppress(OSError):
            client.socket.shutdown(socket.SHUT_WR)
        return client.read_to_end()
    return b""
