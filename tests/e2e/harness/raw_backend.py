"""A backend that keeps every byte it got and does exactly what a test tells it, good or bad."""

import socket
import struct
import threading
from dataclasses import dataclass

from .raw_client import ConnectionEnded, RawClient, parse_fields
from .waiting import pause


@dataclass
class Request:
    """One request as the backend saw it."""
    raw_head: bytes
    body: bytes = b""
    trailers: tuple = ()

    @property
    def line(self):
        return self.raw_head.split(b"\r\n", 1)[0].decode("latin-1")

    @property
    def method(self):
        return self.line.split(" ")[0]

    @property
    def target(self):
        return self.line.split(" ")[1]

    @property
    def fields(self):
        return parse_fields(self.raw_head.split(b"\r\n", 1)[1])

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def names(self):
        return [name.lower() for name, _ in self.fields]


class Exchange(RawClient):
    """The backend's end of one connection. `received` is every byte that came, in order."""

    def __init__(self, backend, connection):
        self._buffer = b""
        self.socket = connection
        self.backend = backend
        self.received = b""
        self.request_count = 0
        self.ended = threading.Event()
        connection.settimeout(60)
        if connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _more(self):
        before = len(self._buffer)
        super()._more()
        self.received += self._buffer[before:]

    def read_request_head(self):
        """The next head; it is in `backend.requests` from now on."""
        request = Request(self.read_until(b"\r\n\r\n"))
        self.request_count += 1
        self.backend._record(request)
        return request

    def read_request_body(self, request):
        if request.all("Transfer-Encoding"):
            holder = Request(b"")
            self._read_chunks(holder)
            request.body, request.trailers = holder.body, tuple(holder.trailers)
        elif request.all("Content-Length"):
            request.body = self.read_exactly(int(request.all("Content-Length")[0]))
        return request

    def read_request(self):
        return self.read_request_body(self.read_request_head())

    def respond(self, body=b"", status="200 OK", fields=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        pairs = fields.items() if isinstance(fields, dict) else fields
        lines += [f"{name}: {value}" for name, value in pairs]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def hang(self):
        """Neither reads nor answers until the other side gives up or the backend stops."""
        self.socket.settimeout(None)
        while not self.backend.stopping.is_set():
            try:
                self.socket.settimeout(0.05)
                if self.socket.recv(1 << 16) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    def drip(self, data, size, seconds):
        """Sends `data` in pieces of `size`, one each `seconds`."""
        for begin in range(0, len(data), size):
            if self.backend.stopping.is_set():
                return
            self.send(data[begin:begin + size])
            pause(seconds)


class RawBackend:
    """Listens on a port of its own. Each connection is served by `behaviour(exchange)` in a thread;
    assign another function at any time, it counts from the next connection on."""

    def __init__(self, behaviour=None, receive_buffer=None, address=("127.0.0.1", 0)):
        self._address = address
        self.behaviour = behaviour or answering()
        self.requests = []
        self.exchanges = []
        self.failures = []
        self.stopping = threading.Event()
        self._changed = threading.Condition()
        self._listener = self._listen(receive_buffer)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _listen(self, receive_buffer):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        listener.bind(self._address)
        listener.listen(1024)
        self.port = listener.getsockname()[1]
        self.url = f"http://{self._address[0]}:{self.port}"
        return listener

    def _accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            exchange = Exchange(self, connection)
            with self._changed:
                self.exchanges.append(exchange)
                self._changed.notify_all()
            thread = threading.Thread(target=self._serve, args=(exchange,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, exchange):
        try:
            self.behaviour(exchange)
        except (ConnectionEnded, OSError):
            pass  # the other side went away: tests look at what had come
        except Exception as problem:  # a mistake in the test itself must not pass unseen
            self.failures.append(problem)
        finally:
            exchange.socket.close()
            exchange.ended.set()

    def _record(self, request):
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def wait_for_requests(self, count, timeout=30.0):
        """Blocks until `count` request heads have come and returns them."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.requests) >= count, timeout)
        assert came, f"{len(self.requests)} of {count} requests came"
        return list(self.requests)

    def wait_for_connections(self, count, timeout=30.0):
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.exchanges) >= count, timeout)
        assert came, f"{len(self.exchanges)} of {count} connections came"
        return list(self.exchanges)

    @property
    def last(self):
        return self.requests[-1]

    def stop(self):
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for exchange in list(self.exchanges):
            try:
                exchange.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self._threads:
            thread.join(10)
        assert not self.failures, self.failures


class UnixBackend(RawBackend):
    """The same on a unix socket at a path."""

    def _listen(self, receive_buffer):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._address))
        listener.listen(1024)
        self.url = f"unix:{self._address}"
        return listener


# ---- behaviours -------------------------------------------------------------------------------


def answering(body=b"hello from the backend", status="200 OK", fields=()):
    """The good backend: reads each request whole, answers, keeps the connection."""
    def behave(exchange):
        while True:
            exchange.read_request()
            exchange.respond(body, status, fields)
    return behave


def sending(data, close=True):
    """Reads a request and sends these very bytes, then closes or waits for the next request."""
    def behave(exchange):
        while True:
            exchange.read_request()
            exchange.send(data)
            if close:
                return
    return behave


def closing_at_once():
    """Accepts and closes without reading."""
    return lambda exchange: None


def resetting(after_head=True, answer=b""):
    """Sends `answer` (perhaps half of one) and ends the connection with a reset."""
    def behave(exchange):
        if after_head:
            exchange.read_request_head()
        exchange.send(answer)
        exchange.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return behave


def hanging(answer=b"", read_body=True):
    """Reads a request, sends `answer` (perhaps none, perhaps half of one), then nothing more."""
    def behave(exchange):
        request = exchange.read_request_head()
        if read_body:
            exchange.read_request_body(request)
        exchange.send(answer)
        exchange.hang()
    return behave


def reading_nothing():
    """Accepts and leaves everything in the kernel's buffer until the peer gives up."""
    def behave(exchange):
        exchange.backend.stopping.wait()
    return behave


def dripping(data, size=1, seconds=0.01):
    """Sends a prepared answer slowly."""
    def behave(exchange):
        exchange.read_request()
        exchange.drip(data, size, seconds)
    return behave


def in_turn(*behaviours):
    """The first connection gets the first behaviour, and so on; the last one repeats."""
    waiting, lock = list(behaviours), threading.Lock()

    def behave(exchange):
        with lock:
            chosen = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        chosen(exchange)
    return behave
