"""Whole requests in every framing, and what each of them is to a reader."""

from .refused import SMUGGLED


def request(line, *fields, body=b""):
    return "\r\n".join([line, "Host: x", *fields]).encode("latin-1") + b"\r\n\r\n" + body


def with_length(method, target, body, *fields):
    return request(f"{method} {target} HTTP/1.1", f"Content-Length: {len(body)}", *fields, body=body)


def in_chunks(method, target, chunks, *fields):
    return request(f"{method} {target} HTTP/1.1", "Transfer-Encoding: chunked", *fields, body=chunks)


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


EVERY_BYTE = bytes(range(256))
END = b"0\r\n\r\n"

# What is sent; the method and body it is.
FORWARDED = {
    "no body": (request("GET /public/a HTTP/1.1"), "GET", b""),
    "no body, but a length": (request("GET /public/a HTTP/1.1", "Content-Length: 0"), "GET", b""),
    "a GET with a body": (with_length("GET", "/public/a", b"hello"), "GET", b"hello"),
    "a GET with chunks": (in_chunks("GET", "/public/a", chunk(b"hello") + END), "GET", b"hello"),
    "a length": (with_length("POST", "/public/a", b"hello"), "POST", b"hello"),
    "a length of nothing": (with_length("POST", "/public/a", b""), "POST", b""),
    "zeros before a length": (request("POST /public/a HTTP/1.1", "Content-Length:  0005", body=b"hello"), "POST", b"hello"),
    "neither": (request("POST /public/a HTTP/1.1"), "POST", b""),
    "a deletion with a body": (with_length("DELETE", "/public/a", b"hello"), "DELETE", b"hello"),
    "another method": (with_length("PATCH", "/public/a", b"hello"), "PATCH", b"hello"),
    "a question": (request("OPTIONS /public/a HTTP/1.1"), "OPTIONS", b""),
    "a request as body": (with_length("POST", "/public/a", SMUGGLED), "POST", SMUGGLED),
    "a request in a chunk": (in_chunks("POST", "/public/a", chunk(SMUGGLED) + END), "POST", SMUGGLED),
    "an end in a body": (with_length("POST", "/public/a", END + SMUGGLED), "POST", END + SMUGGLED),
    "an end in a chunk": (in_chunks("POST", "/public/a", chunk(END + SMUGGLED) + END), "POST", END + SMUGGLED),
    "every byte": (with_length("PUT", "/public/a", EVERY_BYTE), "PUT", EVERY_BYTE),
    "every byte in chunks": (in_chunks("PUT", "/public/a", b"".join(chunk(EVERY_BYTE[at:at + 1]) for at in range(256)) + END),
                             "PUT", EVERY_BYTE),
    "no chunk": (in_chunks("POST", "/public/a", END), "POST", b""),
    "sizes with zeros and capitals": (in_chunks("POST", "/public/a", b"0005\r\nhello\r\n00A\r\n0123456789\r\n000\r\n\r\n"),
                                      "POST", b"hello0123456789"),
    "extensions": (in_chunks("POST", "/public/a", b"5;a\r\nhello\r\n1;b=c;d=\"e;0\"\r\n!\r\n0;f=g\r\n\r\n"), "POST", b"hello!"),
    "trailers": (in_chunks("POST", "/public/a", chunk(b"hello") + b"0\r\nX-Sum: 7\r\nX-Other: 8\r\n\r\n"), "POST", b"hello"),
    "a coding in capitals": (request("POST /public/a HTTP/1.1", "TRANSFER-ENCODING:\tCHUNKED", body=chunk(b"hello") + END),
                             "POST", b"hello"),
    "lines before it": (b"\r\n" + with_length("POST", "/public/a", b"hello"), "POST", b"hello"),
    "an absolute target": (with_length("POST", "http://Other.example:81/public/a", b"hello"), "POST", b"hello"),
    "a framing that is nominated": (with_length("POST", "/public/a", b"hello", "Connection: content-length, host"),
                                    "POST", b"hello"),
    "an encoding that is nominated": (in_chunks("POST", "/public/a", chunk(b"hello") + END, "Connection: transfer-encoding"),
                                      "POST", b"hello"),
    # Readers that fold names take these for framing.
    "a length with another name": (request("GET /public/a HTTP/1.1", "Content_Length: 30", "Content.Length: 31"), "GET", b""),
    "two names of a length": (with_length("POST", "/public/a", b"hello", "Content_Length: 0", "CONTENT~LENGTH: 9"),
                              "POST", b"hello"),
    "a coding with another name": (with_length("POST", "/public/a", b"hello", "Transfer_Encoding: chunked"), "POST", b"hello"),
    "a length beside chunks": (in_chunks("POST", "/public/a", chunk(b"hello") + END, "Content_Length: 2"), "POST", b"hello"),
    "an upgrade": (request("GET /public/a HTTP/1.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                           "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"), "GET", b""),
    "a handshake to nowhere": (request("GET /public/a HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket",
                                       "Sec-WebSocket-Key: eA=="), "GET", b""),
    "codings that the client takes": (request("GET /public/a HTTP/1.1", "TE: trailers, chunked", "Connection: TE"), "GET", b""),
    "a coding of the body": (with_length("POST", "/public/a", b"no gzip", "Content-Encoding: x-nothing"), "POST", b"no gzip"),
    "a type": (with_length("POST", "/public/a", b"a=1&b=2", "Content-Type: application/x-www-form-urlencoded"),
               "POST", b"a=1&b=2"),
    "a large field": (request("GET /public/a HTTP/1.1", "X-Large: " + "v" * 4000), "GET", b""),
    "many fields": (request("GET /public/a HTTP/1.1", *[f"X-Field-{n}: v" for n in range(60)]), "GET", b""),
}
