"""Routes with `compression`: what real decoders read is what the service said."""

import gzip
import subprocess
import threading

import pytest

from harness import RawBackend, wait_until

NODE = "const z=require('zlib'),c=[];process.stdin.on('data',d=>c.push(d)).on('end',()=>process.stdout.write(z.brotliDecompressSync(Buffer.concat(c))))"
DECODERS = {
    "gzip": gzip.decompress,
    "br": lambda packed: subprocess.run(["node", "-e", NODE], input=packed, capture_output=True, check=True).stdout,
    "zstd": lambda packed: subprocess.run(["zstd", "-dc"], input=packed, capture_output=True, check=True).stdout,
}
TEXT = b"".join(b'{"line": %d, "of": "a text that repeats itself"}\n' % (number * 7919) for number in range(40_000))


class Pages:
    """Serves what its paths name; /cut ends too early, /slow waits for `go_on` in its middle."""

    def __init__(self):
        self.go_on = threading.Event()
        self.backend = RawBackend(self._serve)

    def _head(self, exchange, fields, status="200 OK"):
        lines = [f"HTTP/1.1 {status}"] + [f"{name}: {value}" for name, value in fields.items()]
        exchange.send("\r\n".join(lines).encode() + b"\r\n\r\n")

    def _chunk(self, exchange, data):
        exchange.send(b"%x\r\n%s\r\n" % (len(data), data))

    def _serve(self, exchange):
        while True:
            request = exchange.read_request()
            path, head = request.target, {"Content-Type": "application/json", "ETag": '"v1"', "Accept-Ranges": "bytes"}
            if 'W/"v1"' in request.all("If-None-Match"):
                self._head(exchange, {"ETag": '"v1"'}, "304 Not Modified")
            elif request.all("Range"):
                self._head(exchange, head | {"Content-Range": f"bytes 0-1999/{len(TEXT)}", "Content-Length": 2000}, "206 Partial")
                exchange.send(TEXT[:2000])
            elif path in ("/long", "/kept", "/tiny", "/image", "/packed"):
                body = b"{}" if path == "/tiny" else TEXT
                head["Content-Length"] = len(body)
                if path == "/kept":
                    head["Cache-Control"] = "public, max-age=60"
                if path == "/image":
                    head["Content-Type"] = "image/png"
                if path == "/packed":
                    body = gzip.compress(TEXT)
                    head |= {"Content-Length": len(body), "Content-Encoding": "gzip"}
                self._head(exchange, head)
                if request.method != "HEAD":
                    exchange.send(body)
            else:
                self._head(exchange, head | {"Transfer-Encoding": "chunked"})
                self._chunk(exchange, TEXT[:100] if path == "/slow" else TEXT)
                if path == "/cut":
                    return
                if path == "/slow":
                    assert self.go_on.wait(20)
                    self._chunk(exchange, TEXT[100:])
                exchange.send(b"0\r\n\r\n")


@pytest.fixture
def pages():
    running = Pages()
    yield running
    running.go_on.set()
    running.backend.stop()


@pytest.fixture
def gateway(start_gateway, pages):
    route = {"match": "/**", "auth": "none", "to": pages.backend.url, "compression": {}}
    kept = route | {"match": "/kept", "cache": {"max_body": "8MiB"}}
    return start_gateway(pages.backend, routes=[route, kept])


@pytest.mark.parametrize("coding", DECODERS)
@pytest.mark.parametrize("path", ["/long", "/chunks"])
def test_what_is_read_is_what_was_said(gateway, coding, path):
    answer = gateway.ask("GET", path, {"Accept-Encoding": coding})
    assert (answer["Content-Encoding"], answer["Vary"], answer["ETag"]) == (coding, "Accept-Encoding", 'W/"v1"')
    assert not answer.all("Content-Length") and not answer.all("Accept-Ranges")
    assert len(answer.body) < len(TEXT) / 4
    assert DECODERS[coding](answer.body) == TEXT
    head = gateway.ask("HEAD", path, {"Accept-Encoding": coding})
    names = ("Content-Encoding", "Vary", "ETag", "Content-Length", "Accept-Ranges")
    assert [head.all(name) for name in names] == [answer.all(name) for name in names]
    wait_until(lambda: gateway.metric("gatehouse_compressed_answers_total", encoding=coding) == 1, "it is counted")


@pytest.mark.parametrize("path, fields, body", [
    ("/long", {}, TEXT),
    ("/tiny", {"Accept-Encoding": "br"}, b"{}"),
    ("/image", {"Accept-Encoding": "br"}, TEXT),
    ("/packed", {"Accept-Encoding": "br, gzip"}, gzip.compress(TEXT)),
    ("/long", {"Accept-Encoding": "br", "Range": "bytes=0-1999"}, TEXT[:2000]),
], ids=["unasked", "tiny", "image", "packed", "part"])
def test_what_passes_as_it_is(gateway, path, fields, body):
    answer = gateway.ask("GET", path, fields)
    assert (answer["ETag"], answer["Accept-Ranges"], answer["Content-Length"]) == ('"v1"', "bytes", str(len(body)))
    assert answer.body == body or gzip.decompress(answer.body) == TEXT


def test_what_was_said_is_not_held_back(gateway, pages):
    with gateway.connect() as client:
        client.request("GET", "/slow", {"Accept-Encoding": "zstd"})
        assert client.read_head()["Content-Encoding"] == "zstd"
        size = int(client.read_until(b"\r\n"), 16)
        first = client.read_exactly(size)
        shown = subprocess.run(["zstd", "-dc"], input=first, capture_output=True, check=False)
        assert shown.stdout == TEXT[:100]
        pages.go_on.set()


@pytest.mark.parametrize("coding", DECODERS)
def test_what_is_cut_off_looks_so(gateway, coding):
    assert not gateway.ask("GET", "/cut", {"Accept-Encoding": coding}).complete


def test_an_etag_makes_its_round(gateway):
    etag = gateway.ask("GET", "/long", {"Accept-Encoding": "gzip"})["ETag"]
    known = gateway.ask("GET", "/long", {"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert (known.status, known["ETag"], known["Vary"]) == (304, etag, "Accept-Encoding")


@pytest.mark.parametrize("coding", DECODERS)
def test_what_is_kept_is_packed_on_its_way_out(gateway, coding, pages):
    plain = gateway.ask("GET", "/kept")
    assert plain.body == TEXT
    hit = gateway.ask("GET", "/kept", {"Accept-Encoding": coding})
    assert "hit" in hit["Cache-Status"] and hit["Content-Encoding"] == coding
    assert DECODERS[coding](hit.body) == TEXT
    assert len(pages.backend.requests) == 1


def test_what_a_route_says_of_plain_bytes_is_not_said_of_packed_ones(start_gateway, pages):
    said = {"set": {"ETag": '"mine"', "Accept-Ranges": "bytes", "X-Mine": "yes"}}
    gateway = start_gateway(pages.backend, routes=[{"match": "/**", "auth": "none", "to": pages.backend.url,
                                                    "compression": {}, "response_headers": said}])
    plain, packed = gateway.ask("GET", "/long"), gateway.ask("GET", "/long", {"Accept-Encoding": "gzip"})
    told = [[name for name, _ in answer.fields if name in said["set"]] for answer in (plain, packed)]
    assert packed["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
    assert [sorted(names) for names in told] == [["Accept-Ranges", "ETag", "X-Mine"], ["X-Mine"]]
