"""WebSockets byte by byte, as RFC 6455 has them, from both ends."""

import base64
import hashlib
import os

from .raw_client import RawClient

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(payload, opcode=BINARY, masked=False, first=None):
    head = bytes([first if first is not None else 0x80 | opcode])
    mask_bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask_bit | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([mask_bit | 126]) + len(payload).to_bytes(2, "big")
    else:
        head += bytes([mask_bit | 127]) + len(payload).to_bytes(8, "big")
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + unmask(payload, key)


def unmask(payload, key):
    keys = (key * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(len(payload), "big")


def read_frame(stream):
    """Opcode and payload of the next frame; of a close frame (code, reason) as payload."""
    first, second = stream.read_exactly(2)
    size = second & 0x7f
    if size >= 126:
        size = int.from_bytes(stream.read_exactly(2 if size == 126 else 8), "big")
    key = stream.read_exactly(4) if second & 0x80 else None
    payload = stream.read_exactly(size)
    if key:
        payload = unmask(payload, key)
    opcode = first & 0x0f
    if opcode == CLOSE and payload:
        return opcode, (int.from_bytes(payload[:2], "big"), payload[2:].decode())
    return opcode, payload


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()


class WebSocketClient(RawClient):
    """A client that masks what it says."""

    def shake(self, target, fields=()):
        """Sends a handshake; the head of what answers it."""
        pairs = list(fields.items() if isinstance(fields, dict) else fields)
        self.key = base64.b64encode(os.urandom(16)).decode()
        self.request("GET", target, [("Connection", "Upgrade"), ("Upgrade", "websocket"),
                                     ("Sec-WebSocket-Key", self.key), ("Sec-WebSocket-Version", "13"), *pairs])
        return self.read_head()

    def open(self, target, fields=()):
        head = self.shake(target, fields)
        assert head.status == 101, head
        assert head["Sec-WebSocket-Accept"] == accept_of(self.key)
        assert (head["Upgrade"], head["Connection"]) == ("websocket", "Upgrade")
        return head

    def say(self, payload, opcode=BINARY):
        self.send(frame(payload, opcode, masked=True))

    def hear(self):
        return read_frame(self)


def connect(gateway, **options):
    return WebSocketClient(gateway.port, **options)


def opened(gateway, pair, target="/ws", **options):
    client = connect(gateway, **options)
    client.open(target, pair.bearer)
    return client


def switching(exchange, fields=()):
    """The backend's half of the handshake."""
    request = exchange.read_request()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Accept: {accept_of(request.all('Sec-WebSocket-Key')[0])}"]
    lines += [f"{name}: {value}" for name, value in dict(fields).items()]
    exchange.send("\r\n".join(lines).encode() + b"\r\n\r\n")
    return request


def echoing(fields=()):
    """A backend that says every message once more, and answers a close with a close."""
    def behave(exchange):
        switching(exchange, fields)
        exchange.closed_with = None
        while True:
            opcode, payload = read_frame(exchange)
            if opcode == CLOSE:
                exchange.closed_with = payload
                exchange.send(frame(b"", CLOSE))
                return
            exchange.send(frame(payload, opcode))
    return behave
