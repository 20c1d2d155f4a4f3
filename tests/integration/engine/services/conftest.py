"""An engine in which no service is left behind, and the application of a module beside services."""

from collections.abc import Iterator

import pytest

from bot.adapters.docker.caged_containers import RUN_LABEL
from tests.support.engine import PrivateEngine
from tests.support.verifier_bench import Bench


@pytest.fixture(scope="module")
def engine(
    overlay2_engine: PrivateEngine, request: pytest.FixtureRequest
) -> Iterator[PrivateEngine]:
    """Yield an engine with the base of a module's `SHOP` and the images of its `SERVICES`."""
    overlay2_engine.ensure(request.module.SHOP.base, *request.module.SERVICES)
    volumes = overlay2_engine.docker("volume", "ls", "--quiet")
    yield overlay2_engine
    filters = ("--filter", f"label={RUN_LABEL}")
    assert overlay2_engine.docker("ps", "--all", "--quiet", *filters) == ""
    assert overlay2_engine.docker("volume", "ls", "--quiet") == volumes


@pytest.fixture(scope="module")
def bench(
    engine: PrivateEngine,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bench]:
    bench = Bench(engine, request.module.SHOP, tmp_path_factory.mktemp("shop"))
    yield bench
    bench.close()
