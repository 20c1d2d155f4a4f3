"""A private Docker engine for tests, and base images for it.

Tests, the demo and the benchmarks build real images with a real engine. They must not depend on
the engine that a machine happens to have, and must never touch its images. So this package
unpacks an engine from Debian packages into a cache folder, starts it with separate folders,
sockets and a bridge, and stops it without a trace. No registry is needed either: the base images
that real Dockerfiles name are built here as stand-ins (see `stand_ins/`).
"""

from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.private_engine import PrivateEngine

__all__ = ["EngineUnavailable", "PrivateEngine"]
