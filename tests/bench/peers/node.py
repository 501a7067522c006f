"""What teams write themselves today."""

from paths import HERE
from tokens import ENVIRONMENT

from .base import Peer


class NodeService(Peer):
    """A script beside this file; the token's secret comes through the environment, as usual."""

    algorithm = "HS256"
    script = None
    secret_form = "KeyObject"

    def start(self):
        self.run("node", HERE / "peers" / self.script, PORT=str(self.port), BACKEND_PORT=str(self.place.backend_port),
                 SECRET_FORM=self.secret_form, NODE_ENV="production", ACCESS_LOG=str(self.folder / "access.log"),
                 **ENVIRONMENT)


class ExpressKeyObject(NodeService):
    script = "express.cjs"


class ExpressString(NodeService):
    """The secret as most tutorials pass it, which jsonwebtoken turns into a key for each request."""
    script = "express.cjs"
    secret_form = "string"


class Fastify(NodeService):
    script = "fastify.cjs"
