"""A TCP proxy between a client and a server that fails as a test tells it, while it runs."""

import asyncio
import contextlib
import enum
import socket
import struct
import threading

from .ports import free_port
from .waiting import wait_until

HOST = "127.0.0.1"
CHUNK, CHUNKS_ON_THE_WAY = 1 << 16, 64


class Way(enum.Enum):
    """Which bytes of a connection."""
    TO_SERVER = "to the server"
    TO_CLIENT = "to the client"


class End(enum.Enum):
    """How both sides see the end of a cut connection."""
    RESET = "reset"
    FIN = "fin"


TO_SERVER, TO_CLIENT = Way
RESET, FIN = End


class FaultProxy:
    """Listens on a port of its own and passes everything on, until it is told otherwise. What a
    method says holds for all connections, old and new, when it returns; several faults may hold at
    once, and `heal` ends them all."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.port = free_port()
        self.accepted = 0
        self.failures = []
        self._connections = set()
        self._delays = dict.fromkeys(Way, 0.0)
        self._traps = []
        self._loop = asyncio.new_event_loop()
        self._open = {way: asyncio.Event() for way in Way}
        self._accepting = None
        self._listener = socket.socket()
        self._listener.setblocking(False)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # accepted ones are no obstacle
        self._listener.bind((HOST, self.port))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.heal()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- what a test says ----

    def heal(self):
        """From now on everything passes at once; also what was held back."""
        self._do(self._heal)

    def delay(self, seconds, *ways):
        """What comes from now on takes so long, in these directions (both when none is named).
        Latency, not bandwidth: bytes that come together arrive together."""
        self._do(lambda: self._delays.update(dict.fromkeys(ways or Way, seconds)))

    def blackhole(self, *ways):
        """Connections stay and are accepted, and nothing passes, not even their end."""
        self._do(lambda: [self._open[way].clear() for way in ways or Way])

    def refuse(self):
        """New connections are refused. Those that exist are not touched; see `cut`."""
        self._do(self._stop_listening)

    def cut(self, end=RESET):
        """Ends all connections now. What was on the way is lost; new connections are welcome."""
        async def cut():
            cut_now = [connection for connection in self._connections if connection.cut(end)]
            if end is RESET:  # a socket sends it when it is closed
                await asyncio.gather(*(connection.task for connection in cut_now))
        self._do(cut)

    def cut_after(self, count, way, end=RESET):
        """Of one connection `count` more bytes pass in this direction, then it is cut: the first
        that gets so far."""
        return self._set(_Count(count, way, end))

    def cut_at(self, pattern, end=RESET, after=b"", past=b""):
        """Cuts the first connection whose client sends `pattern`: the server never sees it. With
        `after`: what it sent since it last sent that has to say `past`."""
        return self._set(_Request(pattern, end, after, past))

    def cut_answer_to(self, pattern, end=RESET, after=b"", past=b""):
        """Passes `pattern` on to the server, waits for what it answers, and cuts the connection
        instead of passing that on: it was done, and the client does not know."""
        return self._set(_Answer(pattern, end, after, past))

    # ---- what a test asks ----

    @property
    def open_connections(self):
        return len(self._connections)

    def wait_for_connections(self, count):
        """Until so many were accepted since the proxy began."""
        wait_until(lambda: self.accepted >= count, f"{count} connections")

    def close(self):
        self._do(self._stop_listening)
        self.cut()
        wait_until(lambda: not self._connections, "the proxy's connections to end")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._listener.close()
        assert not self.failures, self.failures

    # ---- inside its own thread ----

    def _do(self, action):
        """Runs it between two steps of the connections."""
        async def act():
            result = action()
            if asyncio.iscoroutine(result):
                await result
        asyncio.run_coroutine_threadsafe(act(), self._loop).result(10)

    def _set(self, trap):
        self._do(lambda: self._traps.append(trap))
        return trap

    def _heal(self):
        self._delays = dict.fromkeys(Way, 0.0)
        self._traps.clear()
        for gate in self._open.values():
            gate.set()
        if self._accepting is None:
            self._listener.listen(512)
            self._accepting = self._loop.create_task(self._accept())

    def _stop_listening(self):
        """The port stays bound, so that nobody else gets it; but nobody listens."""
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
            self._listener.shutdown(socket.SHUT_RDWR)

    async def _accept(self):
        while True:
            client, _ = await self._loop.sock_accept(self._listener)
            self.accepted += 1
            connection = _Connection(self, client)
            self._connections.add(connection)
            connection.task = self._loop.create_task(connection.serve())

    def _cut_here(self, connection, way, data):
        """How many bytes of `data` still pass, and the trap that cuts the connection after them."""
        for trap in self._traps:
            passing = trap.passing(connection, way, data)
            if passing is not None:
                self._traps.remove(trap)
                return passing, trap
        return len(data), None


class _Connection:
    """A client's connection and ours to the server."""

    def __init__(self, proxy, client):
        self._proxy = proxy
        self._loop = proxy._loop
        self._client, self._server = client, socket.socket()
        self._work = []
        self._end = None
        for side in (self._client, self._server):
            side.setblocking(False)
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def serve(self):
        await self._run(self._connect())
        if self._end is None:
            await self._run(*self._pump(TO_SERVER, self._client, self._server),
                            *self._pump(TO_CLIENT, self._server, self._client))
        if self._end is FIN:
            await self._see_the_others_off()
        self._client.close()
        self._server.close()
        self._proxy._connections.discard(self)

    def cut(self, end):
        """True if this call did it."""
        if self._end is not None:
            return False
        self._end = end
        for side in (self._client, self._server):
            if end is RESET:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_WR)
        for task in self._work:
            task.cancel()
        return True

    async def _run(self, *jobs):
        """Until all have ended well, or one has not, or the connection is cut."""
        self._work = [self._loop.create_task(job) for job in jobs]
        await asyncio.wait(self._work, return_when=asyncio.FIRST_EXCEPTION)
        for task in self._work:
            task.cancel()
        for outcome in await asyncio.gather(*self._work, return_exceptions=True):
            if isinstance(outcome, OSError):
                self.cut(RESET)  # one side is gone: the other shall not take it for a clean end
            elif isinstance(outcome, Exception):
                self._proxy.failures.append(outcome)
                self.cut(RESET)

    async def _connect(self):
        for gate in self._proxy._open.values():
            await gate.wait()
        await self._loop.sock_connect(self._server, (HOST, self._proxy.server_port))

    def _pump(self, way, source, sink):
        on_the_way = asyncio.Queue(CHUNKS_ON_THE_WAY)
        return self._read(way, source, on_the_way), self._write(way, sink, on_the_way)

    async def _read(self, way, source, on_the_way):
        data = True
        while data:
            data = await self._loop.sock_recv(source, CHUNK)
            await on_the_way.put((self._loop.time() + self._proxy._delays[way], data))

    async def _write(self, way, sink, on_the_way):
        while True:
            due, data = await on_the_way.get()
            await asyncio.sleep(due - self._loop.time())
            await self._proxy._open[way].wait()
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            passing, trap = self._proxy._cut_here(self, way, data)
            await self._loop.sock_sendall(sink, data[:passing])
            if trap is not None:
                trap.sprung.set()
                self.cut(trap.end)

    async def _see_the_others_off(self):
        """Closing with unread bytes would turn our FIN into a reset."""
        async def drain(side):
            with contextlib.suppress(OSError):
                while await self._loop.sock_recv(side, CHUNK):
                    pass
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(drain(self._client), drain(self._server)), 5)


# ---- traps: each springs once, for one connection ---------------------------------------------


class _Trap:
    def __init__(self, end):
        self.end = end
        self.sprung = threading.Event()

    def wait(self, timeout=30.0):
        assert self.sprung.wait(timeout), "no connection came so far as to be cut"


class _Count(_Trap):
    def __init__(self, count, way, end):
        super().__init__(end)
        self._count, self._way = count, way
        self._passed = {}

    def passing(self, connection, way, data):
        if way is not self._way:
            return None
        left = self._count - self._passed.get(connection, 0)
        self._passed[connection] = self._passed.get(connection, 0) + len(data)
        return left if len(data) >= left else None


class _Request(_Trap):
    def __init__(self, pattern, end, after, past):
        super().__init__(end)
        self._pattern, self._after, self._past = pattern, after, past
        self._texts = {}  # of each connection: what a pattern may begin in

    def passing(self, connection, way, data):
        return 0 if way is TO_SERVER and self._seen(connection, data) else None

    def _seen(self, connection, data):
        text = self._texts.get(connection, b"") + data
        begun = text.rfind(self._after) if self._after else 0
        before, found, _ = text[max(begun, 0):].partition(self._pattern)
        seen = begun >= 0 and found and self._past in before
        if self._after and begun >= 0 and not found:
            self._texts[connection] = text[begun:]
        else:
            longest = max(len(self._pattern), len(self._after))
            self._texts[connection] = text[-longest + 1:] if longest > 1 else b""
        return bool(seen)


class _Answer(_Request):
    def __init__(self, *what):
        super().__init__(*what)
        self._asked = set()

    def passing(self, connection, way, data):
        if way is TO_SERVER and self._seen(connection, data):
            self._asked.add(connection)
        return 0 if way is TO_CLIENT and connection in self._asked else None
