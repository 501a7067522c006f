"""The proxy that fails on purpose, between a client and a server that sends everything back."""

import contextlib
import socket
import time

import pytest

from harness import wait_until
from harness.fault_proxy import FIN, RESET, TO_CLIENT, TO_SERVER, FaultProxy
from harness.ports import free_port
from harness.raw_backend import RawBackend
from harness.raw_client import RawClient


def echoing(exchange):
    """Sends everything back, and ends when the other side does."""
    while data := exchange.socket.recv(1 << 16):
        exchange.received += data
        exchange.send(data)


@pytest.fixture
def echo():
    server = RawBackend(echoing)
    yield server
    server.stop()


@pytest.fixture
def proxy(echo):
    with FaultProxy(echo.port) as running:
        yield running


@pytest.fixture
def connect(proxy):
    """A function that connects through the proxy; what it connected is closed at the end."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(RawClient(proxy.port, **options))


def echoes(client, data):
    return client.send(data).read_exactly(len(data)) == data


def ends_with(client):
    """How the client sees the end: what came before it, and whether it was a reset."""
    came = b""
    try:
        while data := client.socket.recv(1 << 16):
            came += data
        return came, FIN
    except ConnectionResetError:
        return came, RESET


def says_nothing(client, seconds=0.3):
    client.socket.settimeout(seconds)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    client.socket.settimeout(15)
    return True


def test_it_passes_everything_on_also_much_and_on_many_connections(connect):
    much = bytes(range(256)) * 4096
    clients = [connect() for _ in range(50)]
    for number, client in enumerate(clients):
        assert echoes(client, b"client %d" % number)
    client = clients[0]
    received = b""
    for begin in range(0, len(much), 65536):  # nobody sends and reads at once here
        client.send(much[begin:begin + 65536])
        received += client.read_exactly(65536)
    assert received == much


def test_it_passes_the_end_of_one_direction_on_and_the_other_stays(connect):
    client = connect()
    client.send(b"last words")
    client.finish_sending()
    assert ends_with(client) == (b"last words", FIN)


def test_a_reset_of_the_client_reaches_the_server(proxy, echo, connect):
    client = connect()
    assert echoes(client, b"a")
    client.reset()
    assert echo.exchanges[0].ended.wait(20)
    wait_until(lambda: proxy.open_connections == 0, "the connection to be forgotten")


@pytest.mark.parametrize("ways, least", [([TO_SERVER], 0.2), ([TO_CLIENT], 0.2), ([], 0.4)])
def test_a_delay_is_added_to_its_direction(proxy, connect, ways, least):
    client = connect()
    assert echoes(client, b"at once")
    proxy.delay(0.2, *ways)
    began = time.monotonic()
    assert echoes(client, b"late")
    assert time.monotonic() - began >= least
    proxy.heal()

    def at_once_again():
        began = time.monotonic()
        return echoes(client, b"at once again") and time.monotonic() - began < least
    wait_until(at_once_again, "an echo without a delay")


def test_a_delay_is_latency_and_no_queue(proxy, connect):
    client = connect()
    proxy.delay(0.5, TO_SERVER)
    began = time.monotonic()
    for _ in range(20):
        client.send(b"x")
    assert client.read_exactly(20) == b"x" * 20
    assert time.monotonic() - began < 7, "each of 20 bytes waited for those before it"


@pytest.mark.parametrize("end", [RESET, FIN])
def test_a_cut_ends_all_connections_on_both_sides_and_welcomes_new_ones(proxy, echo, connect, end):
    clients = [connect() for _ in range(3)]
    for client in clients:
        assert echoes(client, b"a")
    proxy.cut(end)
    for client in clients:
        assert ends_with(client) == (b"", end)
    for exchange in echo.exchanges:
        assert exchange.ended.wait(20)
    assert echoes(connect(), b"new")


@pytest.mark.parametrize("end", [RESET, FIN])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_it_cuts_after_so_many_bytes_for_the_server(proxy, echo, connect, end, count):
    client, other = connect(), connect()
    assert echoes(client, b"before") and echoes(other, b"before")
    trap = proxy.cut_after(count, TO_SERVER, end)
    assert not trap.sprung.is_set()
    client.send(b"0123456789")
    trap.wait()
    came, how = ends_with(client)
    assert how == end and b"0123456789"[:count].startswith(came)
    assert echo.exchanges[0].ended.wait(20)
    if end is FIN:  # a reset may overtake what was sent before it
        assert echo.exchanges[0].received == b"before" + b"0123456789"[:count]
    assert echoes(other, b"one connection and no other")


def test_it_counts_over_many_pieces_and_for_the_client_too(proxy, echo, connect):
    client = connect()
    trap = proxy.cut_after(5, TO_CLIENT, FIN)
    for piece in (b"ab", b"cd"):
        assert echoes(client, piece)
    client.send(b"ef")
    trap.wait()
    assert ends_with(client) == (b"e", FIN)
    assert echo.exchanges[0].received == b"abcdef"


@pytest.mark.parametrize("end", [RESET, FIN])
def test_a_request_can_be_cut_before_the_server_sees_it(proxy, echo, connect, end):
    client = connect()
    trap = proxy.cut_at(b"COMMIT", end)
    assert echoes(client, b"UPDATE; COMM")  # the pattern comes in two pieces
    client.send(b"IT")
    trap.wait()
    assert ends_with(client) == (b"", end)
    assert echo.exchanges[0].ended.wait(20)
    assert echo.exchanges[0].received == b"UPDATE; COMM"


@pytest.mark.parametrize("end", [RESET, FIN])
def test_an_answer_can_be_cut_when_the_server_has_done_its_work(proxy, echo, connect, end):
    client, other = connect(), connect()
    trap = proxy.cut_answer_to(b"COMMIT", end)
    assert echoes(client, b"UPDATE; COMM")
    client.send(b"IT")
    trap.wait()
    assert ends_with(client) == (b"", end)
    assert echo.exchanges[0].received == b"UPDATE; COMMIT"
    assert echoes(other, b"COMMIT"), "a trap springs once"


def test_a_request_can_be_one_of_many_that_end_alike(proxy, echo, connect):
    """What the client sends in other pieces than a transaction consists of."""
    idle, busy = connect(), connect()
    trap = proxy.cut_at(b"COMMIT", RESET, after=b"BEGIN write", past=b"ada")
    assert echoes(idle, b"BEGIN write; others; COMMIT; BEGIN read; ada; COMMIT")
    assert echoes(busy, b"BEGIN read; ada; COMMIT; BEGIN wri")
    assert echoes(busy, b"te; a")
    assert echoes(busy, b"da; COMM")
    assert not trap.sprung.is_set()
    busy.send(b"IT")
    trap.wait()
    assert ends_with(busy) == (b"", RESET)
    assert echoes(idle, b"BEGIN write; ada; COMMIT"), "a trap springs once"


def test_healing_takes_traps_away(proxy, connect):
    trap = proxy.cut_at(b"x")
    proxy.heal()
    assert echoes(connect(), b"x")
    assert not trap.sprung.is_set()


def test_a_black_hole_accepts_and_holds_everything_until_it_ends(proxy, echo, connect):
    old = connect()
    assert echoes(old, b"before")
    proxy.blackhole()
    new = connect()
    for client in (old, new):
        client.send(b"lost?")
        assert says_nothing(client)
    assert echo.exchanges[0].received == b"before" and len(echo.exchanges) == 1
    proxy.heal()
    for client in (old, new):
        assert client.read_exactly(5) == b"lost?"


def test_a_black_hole_hides_also_the_end_of_a_connection(proxy, echo, connect):
    client = connect()
    assert echoes(client, b"before")
    proxy.blackhole()
    client.close()
    assert not echo.exchanges[0].ended.wait(0.3)
    proxy.heal()
    assert echo.exchanges[0].ended.wait(20)


def test_a_black_hole_in_one_direction_lets_the_other_pass(proxy, echo, connect):
    client = connect()
    assert echoes(client, b"before")
    proxy.blackhole(TO_CLIENT)
    client.send(b"heard")
    wait_until(lambda: echo.exchanges[0].received == b"beforeheard", "the server to hear it")
    assert says_nothing(client)
    proxy.heal()
    assert client.read_exactly(5) == b"heard"


def test_it_refuses_and_accepts_again_on_the_same_port(proxy, connect):
    old = connect()
    assert echoes(old, b"before")
    for _ in range(3):
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            connect()
        assert echoes(old, b"during")
        proxy.heal()
        assert echoes(connect(), b"after")
    assert proxy.accepted == 4


def test_connections_are_reset_when_there_is_no_server():
    with FaultProxy(free_port()) as proxy:
        try:
            client = RawClient(proxy.port)
        except ConnectionResetError:
            return  # it was quicker than connect() was to return
        with client:
            assert ends_with(client) == (b"", RESET)


def test_it_ends_while_connections_wait_in_it(echo):
    with FaultProxy(echo.port) as proxy:
        client = socket.create_connection(("127.0.0.1", proxy.port))
        proxy.wait_for_connections(1)
        proxy.blackhole()
        client.sendall(b"a")
    with client, pytest.raises(ConnectionResetError):
        client.recv(1)
