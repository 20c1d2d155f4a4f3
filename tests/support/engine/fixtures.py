"""Engines for tests: import these into the root conftest.

Each is started once for a whole test session, and only when a test asks for it; where none can be
had, those tests fail with the reason. Tests name the base images they need, as in
`overlay2_engine.ensure("golang:1.16")`.

IMAGE_SIZE_STORE=containerd puts an engine of that store in the place of overlay2's, so that what
most tests hold of one store is held of the other as well.

Where pytest-xdist runs several processes, each has engines of its own: tests look at all that an
engine has, and would meet each other's images and containers.
"""

import os
from collections.abc import Iterator

import pytest

from tests.support.engine.engine_paths import Store
from tests.support.engine.private_engine import PrivateEngine

STORES: tuple[Store, ...] = ("overlay2", "containerd")
# pytest-xdist names its processes gw0, gw1, …; there is none without it.
PURPOSE = "-".join(filter(None, ("tests", os.environ.get("PYTEST_XDIST_WORKER"))))


@pytest.fixture(scope="session")
def overlay2_engine(request: pytest.FixtureRequest) -> Iterator[PrivateEngine]:
    if os.environ.get("IMAGE_SIZE_STORE") == "containerd":
        yield request.getfixturevalue("containerd_engine")
        return
    with PrivateEngine("overlay2", PURPOSE) as engine:
        yield engine


@pytest.fixture(scope="session")
def containerd_engine() -> Iterator[PrivateEngine]:
    with PrivateEngine("containerd", PURPOSE) as engine:
        yield engine


@pytest.fixture(scope="session", params=STORES)
def each_engine(request: pytest.FixtureRequest) -> PrivateEngine:
    """Return an engine of each store: the test runs twice."""
    engine: PrivateEngine = request.getfixturevalue(f"{request.param}_engine")
    return engine
