"""Bodies of gigabytes stream through; the gateway's memory does not notice."""

import contextlib
import threading
import time

import pytest

from harness.waiting import pause

GIB = 1 << 30
MIB = 1 << 20
SIZE = 2 * GIB
ALLOWED_GROWTH = 8 * MIB
PIECE = b"\0" * MIB
SLOW_BYTES_PER_SECOND = 64 * 1024
SLOW_SECONDS = 20


def discard(sock, count):
    """Reads and drops `count` bytes."""
    buffer = bytearray(MIB)
    while count:
        got = sock.recv_into(buffer, min(count, len(buffer)))
        assert got, f"the connection ended {count} bytes too early"
        count -= got


def take_slowly(sock, seconds):
    """Takes 64 KiB a second for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(TimeoutError):
            sock.recv(SLOW_BYTES_PER_SECOND // 10)
        pause(0.1)


def send_all(sock, count):
    for _ in range(count // len(PIECE)):
        sock.sendall(PIECE)


def send_until_refused(sock):
    """Sends for as long as the other side takes anything; how much it took."""
    sent = 0
    with contextlib.suppress(OSError):
        while True:
            sent += sock.send(PIECE)
    return sent


def taking_uploads(exchange):
    """Reads uploads of any size and answers with how much came."""
    while True:
        request = exchange.read_request_head()
        length = int(request.all("Content-Length")[0]) if request.all("Content-Length") else 0
        already, exchange._buffer = exchange._buffer[:length], exchange._buffer[length:]
        discard(exchange.socket, length - len(already))
        exchange.respond(str(length).encode())


def giving_downloads(exchange):
    while True:
        exchange.read_request_head()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
        send_all(exchange.socket, SIZE)


@pytest.fixture
def flat_memory(start_gateway, backend):
    """A warm gateway; at the end its resident memory, at its highest, is what it was."""
    # Without idle connections upstream, so that each behaviour counts from the next request on.
    gateway = start_gateway(backend, limits={"upstream_idle": 0})
    with gateway.connect() as client:
        for _ in range(20):
            assert client.exchange("GET", "/public/warm").status == 200
    before = gateway.resident_bytes()
    gateway.highest = before
    yield gateway
    grown = max(gateway.highest, gateway.resident_bytes()) - before
    print(f"resident memory: {before / MIB:.1f} MiB at the start, {grown / MIB:+.1f} MiB")
    assert grown <= ALLOWED_GROWTH, f"resident memory grew by {grown / MIB:.1f} MiB"


class Peak:
    """Watches resident memory while a block runs."""

    def __init__(self, gateway):
        self._gateway = gateway
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._over.wait(0.05):
            self._gateway.highest = max(self._gateway.highest, self._gateway.resident_bytes())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


@pytest.mark.big
@pytest.mark.xdist_group("big")
def test_upload_of_two_gigabytes_at_full_speed(flat_memory, backend):
    backend.behaviour = taking_uploads
    with flat_memory.connect(timeout=120) as client, Peak(flat_memory):
        client.send(b"POST /public/up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % SIZE)
        send_all(client.socket, SIZE)
        assert client.read_response().body == str(SIZE).encode()


@pytest.mark.big
@pytest.mark.xdist_group("big")
def test_download_of_two_gigabytes_at_full_speed(flat_memory, backend):
    backend.behaviour = giving_downloads
    with flat_memory.connect(timeout=120) as client, Peak(flat_memory):
        client.request("GET", "/public/down")
        assert client.read_head()["Content-Length"] == str(SIZE)
        discard(client.socket, SIZE - len(client._buffer))


@pytest.mark.big
def test_upload_to_a_slow_backend_that_is_then_cut(flat_memory, backend):
    def taking_slowly(exchange):
        exchange.read_request_head()
        take_slowly(exchange.socket, SLOW_SECONDS)
        # Returning closes the connection in the middle of the upload.

    backend.behaviour = taking_slowly
    with flat_memory.connect(timeout=120) as client, Peak(flat_memory):
        client.send(b"POST /public/up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % SIZE)
        sent = send_until_refused(client.socket)
        assert sent < 64 * MIB, "the gateway took what the backend did not"


@pytest.mark.big
def test_download_by_a_slow_client_that_is_then_cut(flat_memory, backend):
    backend.behaviour = giving_downloads
    with flat_memory.connect(timeout=120, receive_buffer=64 * 1024) as client, Peak(flat_memory):
        client.request("GET", "/public/down")
        client.read_head()
        take_slowly(client.socket, SLOW_SECONDS)
        client.reset()
    assert backend.exchanges[-1].ended.wait(20), "the download upstream goes on"
