"""A raw client that speaks TLS."""

import ssl

from .raw_client import RawClient


def trusting(certificate, oldest=None, newest=None, alpn=("http/1.1",), own=None):
    """How a client comes: whom it trusts, what it speaks, which certificate it shows."""
    context = ssl.create_default_context(cafile=certificate)
    if oldest:
        context.minimum_version = oldest
    if newest:
        context.maximum_version = newest
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if own:
        context.load_cert_chain(*own)
    return context


class TlsClient(RawClient):
    """A connection that was cut off without a word raises ssl.SSLEOFError, where one that was ended
    in order looks as it does over TCP."""

    def __init__(self, port, context, name="localhost", session=None, **options):
        super().__init__(port, **options)
        self.socket = context.wrap_socket(self.socket, server_hostname=name, session=session,
                                          suppress_ragged_eofs=False)

    @property
    def shown(self):
        """The names in the server's certificate."""
        return [value for _, value in self.socket.getpeercert()["subjectAltName"]]
