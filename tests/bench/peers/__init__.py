"""Who is compared. A peer is a running proxy, configured as its users would do it for one core, with
keep-alive on both sides and an access log that is written to a file."""

from .gatehouse import Gatehouse, LoginStorm, MillionEnded, OverTls, SecondWorker, TenThousandRoutes, Unconfined
from .node import ExpressKeyObject, ExpressString, Fastify
from .proxies import (Caddy, Forwarder, HaproxyJwt, HaproxyPlain, NginxAuthRequest, NginxLarge, NginxPlain, NginxTls,
                      NginxWebSocket)

PEERS = {
    "forwarder": Forwarder,
    "nginx plain": NginxPlain,
    "nginx large": NginxLarge,
    "nginx websocket": NginxWebSocket,
    "nginx tls": NginxTls,
    "nginx auth_request": NginxAuthRequest,
    "haproxy plain": HaproxyPlain,
    "haproxy jwt HS256": HaproxyJwt.of("HS256"),
    "haproxy jwt RS256": HaproxyJwt.of("RS256"),
    "haproxy jwt ES256": HaproxyJwt.of("ES256"),
    "caddy": Caddy,
    "express KeyObject": ExpressKeyObject,
    "express string": ExpressString,
    "fastify": Fastify,
    "gatehouse HS256": Gatehouse.of("HS256"),
    "gatehouse RS256": Gatehouse.of("RS256"),
    "gatehouse ES256": Gatehouse.of("ES256"),
    "gatehouse EdDSA": Gatehouse.of("EdDSA"),
    "gatehouse tls": OverTls,
    "gatehouse, 2 workers": SecondWorker,
    "gatehouse, no sandbox": Unconfined,
    "gatehouse, 10,000 routes": TenThousandRoutes,
    "gatehouse, 1,000,000 ended": MillionEnded,
    "gatehouse, login storm": LoginStorm,
}


def line_up(names, place):
    """Starts the peers called so, in this order, and stops them all when one does not start."""
    started = []
    try:
        for name in names:
            started.append(PEERS[name](name, place))
    except BaseException:
        for peer in started:
            peer.stop()
        raise
    return started
