"""What end-to-end tests are written with: a gateway, services behind it, clients in front of it."""

from .auth_client import AuthClient
from .gateway import Gateway
from .raw_backend import RawBackend
from .raw_client import RawClient
from .services import ExpressService, FileService, NodeService
from .waiting import wait_until

__all__ = ["AuthClient", "ExpressService", "FileService", "Gateway", "NodeService", "RawBackend", "RawClient",
           "wait_until"]
