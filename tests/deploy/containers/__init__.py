"""Images and containers of the tests' own: buildah and podman that keep everything in the build folder."""

from .base import DEBIAN, debian_image
from .container import Container
from .engine import Engine, ROOT
from .probe import why_not

__all__ = ["Container", "DEBIAN", "Engine", "ROOT", "debian_image", "why_not"]
