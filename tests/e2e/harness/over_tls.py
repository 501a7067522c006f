"""Raw backends that speak TLS, with Python's own implementation."""

import socket
import ssl


def server(certificate, key, clients_by=None, newest=None):
    """A server's context; `clients_by` is the authority whose certificates clients must show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    if clients_by is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients_by)
    if newest is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    return context


def over_tls(context, behaviour):
    """`behaviour` behind a handshake. The exchange then knows `asked_for` (SNI)."""
    def behave(exchange):
        exchange.asked_for = None
        exchange.plain = exchange.socket.recv(1, socket.MSG_PEEK)[:1] not in (b"", b"\x16")

        def note(_, name, __):
            exchange.asked_for = name
        context.sni_callback = note
        exchange.socket = context.wrap_socket(exchange.socket, server_side=True)
        behaviour(exchange)
    return behave


def goodbye(exchange):
    try:
        exchange.socket.unwrap()
    except ValueError as problem:  # the other side has ended it already: the socket is no TLS any more
        raise OSError from problem


def saying_goodbye(behaviour):
    """Ends the stream with close_notify, as a server that is whole does."""
    def behave(exchange):
        behaviour(exchange)
        goodbye(exchange)
    return behave
