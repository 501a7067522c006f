"""Before anything is measured: every peer does what it is compared for."""

import sys

from paths import E2E

sys.path.insert(0, str(E2E))
from harness.raw_client import RawClient, parse_fields  # noqa: E402
from harness.tls_client import TlsClient  # noqa: E402
from measure import whoever_it_is  # noqa: E402


def ask(peer, token):
    fields = {"Authorization": f"Bearer {token}"} if token else {}
    with TlsClient(peer.port, whoever_it_is()) if peer.speaks_tls else RawClient(peer.port) as client:
        return client.exchange("GET", "/echo", fields)


def user_id_seen_by_the_backend(response):
    fields = parse_fields(response.body.split(b"\r\n", 1)[1])
    return [value for name, value in fields if name.lower() == "x-user-id"]


def validate(peers):
    for peer in peers:
        token = peer.tokens.first if peer.tokens else None
        accepted = ask(peer, token)
        assert accepted.status == 200, f"{peer.name}: {accepted.status} {accepted.body[:200]!r}"
        if token is None:
            continue
        assert len(user_id_seen_by_the_backend(accepted)) == 1, f"{peer.name} names no user"
        for bad in (None, "x", forged(token)):
            refused = ask(peer, bad)
            assert refused.status == 401, f"{peer.name} answers {refused.status} to the token {bad}"


def forged(token):
    """The same token with one character of its signature changed."""
    head, dot, signature = token.rpartition(".")
    return head + dot + ("B" if signature[0] == "A" else "A") + signature[1:]
