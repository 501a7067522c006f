"""A client that sends exactly the bytes it is told and reads answers strictly."""

import socket
from dataclasses import dataclass, field


@dataclass
class Response:
    """One answer as it came: `fields` keeps order, case and duplicates."""
    status: int
    reason: str
    fields: list
    body: bytes = b""
    trailers: list = field(default_factory=list)
    complete: bool = True  # False: the connection ended before the message did
    raw_head: bytes = b""

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name):
        values = self.all(name)
        assert len(values) == 1, f"{name} is there {len(values)} times in {self.fields}"
        return values[0]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def json(self):
        import json
        return json.loads(self.body)

    def error_code(self):
        return self.json()["error"]["code"]


class ConnectionEnded(Exception):
    """The other side closed or reset; `received` is what had come before."""

    def __init__(self, received):
        super().__init__(f"the connection ended after {received[:200]!r}")
        self.received = received


def parse_fields(block):
    return [tuple(part.strip() for part in line.decode("latin-1").split(":", 1))
            for line in block.split(b"\r\n") if line]


class RawClient:
    """One TCP connection. Every read fails after `timeout` seconds instead of hanging."""

    def __init__(self, port, host="127.0.0.1", timeout=15.0, source=None, receive_buffer=None):
        self._buffer = b""
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.settimeout(timeout)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        import struct
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def finish_sending(self):
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        return self

    def request(self, method, target, fields=(), body=None, version="HTTP/1.1", host="gateway.test"):
        """Sends a well-formed request; `fields` is a dict or a list of pairs."""
        pairs = list(fields.items() if isinstance(fields, dict) else fields)
        names = {name.lower() for name, _ in pairs}
        if host is not None and "host" not in names:
            pairs.insert(0, ("Host", host))
        if body is not None and not names & {"content-length", "transfer-encoding"}:
            pairs.append(("Content-Length", str(len(body))))
        lines = [f"{method} {target} {version}"] + [f"{name}: {value}" for name, value in pairs]
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b""))

    def _more(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        if not data:
            raise ConnectionEnded(self._buffer)
        self._buffer += data

    def read_until(self, mark):
        while mark not in self._buffer:
            self._more()
        taken, self._buffer = self._buffer.split(mark, 1)
        return taken + mark

    def read_exactly(self, count):
        while len(self._buffer) < count:
            self._more()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def read_to_end(self):
        """All bytes until the other side closes or resets."""
        try:
            while True:
                self._more()
        except ConnectionEnded:
            taken, self._buffer = self._buffer, b""
            return taken

    def is_closed_by_peer(self):
        """Waits (to the timeout) for the end of the connection; fails if bytes come instead."""
        rest = self.read_to_end()
        assert rest == b"", f"expected the end of the connection, got {rest[:200]!r}"
        return True

    def read_head(self):
        raw = self.read_until(b"\r\n\r\n")
        line, _, block = raw[:-4].partition(b"\r\n")
        version, status, reason = (line.decode("latin-1").split(" ", 2) + [""])[:3]
        assert version in ("HTTP/1.1", "HTTP/1.0"), f"not an HTTP answer: {raw[:200]!r}"
        return Response(int(status), reason, parse_fields(block), raw_head=raw)

    def read_response(self, method="GET", informational=None):
        """The next final answer with its whole body. 1xx answers before it go to `informational`."""
        while True:
            response = self.read_head()
            if response.status >= 200 or response.status == 101:
                break
            if informational is not None:
                informational.append(response)
        if method == "HEAD" or response.status in (101, 204, 304):
            return response
        self._read_body(response)
        return response

    def _read_body(self, response):
        coding = response.get("Transfer-Encoding")
        length = response.get("Content-Length")
        assert coding is None or length is None, f"two framings: {response.fields}"
        try:
            if coding is not None:
                assert coding.lower() == "chunked", coding
                self._read_chunks(response)
            elif length is not None:
                response.body = self.read_exactly(int(length))
            else:
                response.body = self.read_to_end()
        except ConnectionEnded as ended:
            response.complete = False
            response.body += ended.received

    def _read_chunks(self, response):
        while True:
            size = int(self.read_until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                break
            response.body += self.read_exactly(size)
            assert self.read_exactly(2) == b"\r\n"
        lines = b""
        while not lines.endswith(b"\r\n\r\n") and lines != b"\r\n":
            lines += self.read_until(b"\r\n")
        response.trailers = parse_fields(lines)

    def exchange(self, method, target, fields=(), body=None, **more):
        """Sends a request and reads its answer."""
        self.request(method, target, fields, body, **more)
        return self.read_response(method)
