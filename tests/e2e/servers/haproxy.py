"""haproxy with a service in Lua behind its own rules."""

from .real_server import PRIVATE, RealServerWithAdler


class Haproxy(RealServerWithAdler):
    name = "haproxy"
    program = "seen.lua"

    def prepare(self):
        super().prepare()
        self.configuration = self.write("haproxy.cfg", f"""
global
    maxconn 256
    nbthread 1
    tune.bufsize 65536
    lua-load {self.program_file}
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend all
    bind 127.0.0.1:{self.port}
    http-request set-var(txn.target) url
    http-request set-var(txn.path) path,url_dec
    http-request set-var(txn.area) str(open)
    http-request set-var(txn.area) str(private) if {{ path_reg {PRIVATE} }}
    http-request use-service lua.seen
""")

    def command(self):
        return ["haproxy", "-db", "-f", self.configuration]
