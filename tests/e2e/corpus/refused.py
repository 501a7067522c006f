"""Bytes that two readers could read differently: nothing of them may go upstream."""

# What an attacker wants the backend to take for a request of its own.
SMUGGLED = b"GET /public/smuggled HTTP/1.1\r\nHost: x\r\nX-User-Id: root\r\n\r\n"


def post(fields, body=b""):
    return b"POST /public/a HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n" + body + SMUGGLED


def get(line=b"GET /public/a HTTP/1.1", fields=b"Host: x\r\n"):
    return line + b"\r\n" + fields + b"\r\n" + SMUGGLED


def chunked(body):
    return post(b"Transfer-Encoding: chunked\r\n", body)


def encoded(value):
    return post(b"Transfer-Encoding:" + value + b"\r\n", b"0\r\n\r\n")


def length(value):
    return post(b"Content-Length:" + value + b"\r\n", b"hello")


def field(line):
    return get(fields=b"Host: x\r\n" + line + b"\r\n")


def host(value):
    return get(fields=b"Host:" + value + b"\r\n")


# Each must be answered with this status and the end of the connection.
REFUSED = {
    "R1: a length and an encoding": [
        (400, post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
        (400, post(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n")),
        (400, post(b"Content-Length: 0\r\ntransfer-encoding: chunked\r\n", b"0\r\n\r\n")),
        (400, post(b"Content-Length: 5\r\nTransfer-Encoding: identity\r\n", b"hello")),
        (400, post(b"Content-Length: 5\r\nTransfer-Encoding:\r\n", b"hello")),
    ],
    "R2: an encoding that is not exactly one chunked": [
        (501, encoded(b" xchunked")),
        (501, encoded(b" gzip, chunked")),
        (501, post(b"Transfer-Encoding: identity\r\n")),
        (400, encoded(b" chunked, chunked")),
        (400, post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n")),
        (400, post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", b"0\r\n\r\n")),
        (400, encoded(b" chunked,")),
        (400, encoded(b" \"chunked\"")),
        (400, encoded(b" chunked;a=1")),
        (400, encoded(b"\r\n chunked")),
        (400, post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n")),
        (400, encoded(b" \x0bchunked")),
        (400, get(b"POST /public/a HTTP/1.0", b"Host: x\r\nTransfer-Encoding: chunked\r\n")),
    ],
    "R3: a length that is not one plain number": [
        (400, post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello")),
        (400, length(b" 5, 6")),
        (400, length(b" +5")),
        (400, length(b" -5")),
        (400, length(b" 0x5")),
        (400, length(b" 5 5")),
        (400, length(b" 5.0")),
        (400, length(b"")),
        (400, length(b" 9223372036854775813")),
        (400, length(b" 18446744073709551621")),
        (400, length(b" 99999999999999999999999999")),
        (400, post(b"Content-Length : 5\r\n", b"hello")),
        (400, length(b" \xd9\xa5")),
    ],
    "R4: chunks that are none": [
        (400, chunked(b"0x5\r\nhello\r\n0\r\n\r\n")),
        (400, chunked(b"+5\r\nhello\r\n0\r\n\r\n")),
        (400, chunked(b"-1\r\n")),
        (400, chunked(b"\r\n")),
        (400, chunked(b" 5\r\nhello\r\n0\r\n\r\n")),
        (400, chunked(b"5\nhello\r\n0\r\n\r\n")),               # CVE-2025-22871
        (400, chunked(b"5\r\nhello\n0\r\n\r\n")),
        (400, chunked(b"5;a\nGET / HTTP/1.1\r\n")),             # CVE-2025-55315
        (400, chunked(b"5;a=\rb\r\nhello\r\n0\r\n\r\n")),
        (400, chunked(b"5\r\nhelloX0\r\n\r\n")),
        (400, chunked(b"10000000000000005\r\nhello\r\n0\r\n\r\n")),
        (400, chunked(b"fffffffffffffffff\r\n")),
        (400, chunked(b"5;" + b"e" * 20000 + b"\r\nhello\r\n0\r\n\r\n")),
        (400, chunked(b"0\r\nX y: z\r\n\r\n")),
        (400, chunked(b"0\r\nX: a\n\r\n")),
        (400, chunked(b"0\r\nX: y\r\n folded\r\n\r\n")),
    ],
    "R6: heads with other line ends, control bytes, folds and broken fields": [
        (400, get(fields=b"Host: x\nX: 1\r\n")),
        (400, field(b"X: a\rContent-Length: 5")),
        (400, field(b"X: a\0b")),
        (400, field(b"X: a\x7fb")),
        (400, field(b"X: 1\r\n Content-Length: 5")),  # CVE-2024-27982
        (400, field(b"X : 1")),
        (400, field(b"nocolon")),
        (400, field(b": empty")),                     # CVE-2023-25725
        (400, field(b"X(1): 1")),
        (400, field(b"\xc3\xa9: 1")),
        (400, get(b"GET /public/a\0 HTTP/1.1")),
        (400, get(b"GET  /public/a HTTP/1.1")),
        (400, get(b"GET /public/a  HTTP/1.1")),
        (400, get(b"GET /public/a HTTP/1.1 ")),
        (400, get(b"GET /public/a HTTP/1.2")),
        (400, get(b"GET /public/a HTTP/2.0")),
        (400, get(b"GET /public/a http/1.1")),
        (400, get(b"GET /public/a")),
        (400, get(b"G@T /public/a HTTP/1.1")),
    ],
    "R7: hosts and forms of the target": [
        (400, get(fields=b"")),
        (400, field(b"Host: x")),
        (400, field(b"Host: y")),
        (400, host(b"")),
        (400, host(b" a b")),
        (400, host(b" a/b")),
        (400, host(b" user@a")),
        (400, host(b" a, b")),
        (400, get(b"GET http:///public/a HTTP/1.1")),
        (400, get(b"GET https://x/public/a HTTP/1.1")),
        (400, get(b"GET public/a HTTP/1.1")),
        (400, get(b"GET x:80 HTTP/1.1")),
        (400, get(b"OPTIONS * HTTP/1.1")),
        (501, get(b"CONNECT x:80 HTTP/1.1")),
        (501, get(b"TRACE /public/a HTTP/1.1")),
        (400, get(b"GET /public/a#b HTTP/1.1")),
        (400, get(b"GET /public/\xc3\xa9 HTTP/1.1")),
    ],
    "R12: expectations nobody knows": [
        (400, post(b"Expect: 200-ok\r\nContent-Length: 0\r\n")),
        (400, post(b"Expect: 100-continue, x\r\nContent-Length: 0\r\n")),
    ],
    "R17: heads and trailers without end": [
        (431, get(fields=b"Host: x\r\n" + b"X: 1\r\n" * 200)),
        (431, get(fields=b"Host: x\r\nX: " + b"a" * 70000 + b"\r\n")),
        (414, get(b"GET /public/" + b"a" * 10000 + b" HTTP/1.1")),
        (400, chunked(b"0\r\n" + b"X-T: 1\r\n" * 5000 + b"\r\n")),
    ],
}
