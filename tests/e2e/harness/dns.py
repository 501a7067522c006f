"""A DNS server of the test's own: it answers what it was told last (RFC 1035)."""

import ipaddress
import socket
import struct
import threading

A, AAAA, OPT = 1, 28, 41
NXDOMAIN, SERVFAIL = 3, 2


class DnsServer:
    """Answers on UDP of 127.0.0.1. `zone` maps a name to its addresses; a name that is not in it
    does not exist. `broken`: every question is answered with SERVFAIL. `silent`: with nothing."""

    def __init__(self, ttl=1, **zone):
        self.zone = zone
        self.ttl = ttl
        self.broken = self.silent = False
        self.questions = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def asked(self, name):
        """How often somebody asked for the IPv4 addresses of that name."""
        return sum(question == (name, A) for question in self.questions)

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join(10)
        self._socket.close()

    def _serve(self):
        while True:
            message, sender = self._socket.recvfrom(4096)
            if not message:
                return
            name, kind, question = self._question(message)
            self.questions.append((name, kind))
            if not self.silent:
                self._socket.sendto(self._answer(message[:2], name, kind, question), sender)

    @staticmethod
    def _question(message):
        labels, place = [], 12
        while message[place]:
            size = message[place]
            labels.append(message[place + 1:place + 1 + size].decode())
            place += 1 + size
        kind = struct.unpack("!H", message[place + 1:place + 3])[0]
        return ".".join(labels).lower(), kind, message[12:place + 5]

    def _answer(self, number, name, kind, question):
        known = [ipaddress.ip_address(text) for text in self.zone.get(name, [])]
        wanted = [address for address in known if (kind, address.version) in {(A, 4), (AAAA, 6)}]
        status = SERVFAIL if self.broken else 0 if name in self.zone else NXDOMAIN
        if status:
            wanted = []
        records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, self.ttl, len(address.packed)) + address.packed
                           for address in wanted)
        return number + struct.pack("!HHHHH", 0x8180 | status, 1, len(wanted), 0, 0) + question + records
