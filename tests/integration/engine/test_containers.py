"""Containers of ours are gone afterwards, whenever we are interrupted."""

import gc
import signal
import time
from types import FrameType

import pytest

from bot.adapters.docker.containers import temporary_container
from bot.adapters.docker.engine import DockerEngine
from tests.support.engine import PrivateEngine

LABEL = "image-size-review.test-of-interruption"


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def wait_for_interruption() -> None:
    """Wait for the signal; one that arrives in a finalizer is lost, where Python ignores it."""
    time.sleep(5)
    raise KeyboardInterrupt


# An interruption may also leave an answer that was not made to its end: nothing of it can be closed.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupted_creation_leaves_no_container(overlay2_engine: PrivateEngine) -> None:
    overlay2_engine.ensure("busybox")
    engine = DockerEngine(overlay2_engine.environment)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for delay in range(1, 60, 3):
            signal.setitimer(signal.ITIMER_REAL, delay / 1000)
            with (
                pytest.raises(KeyboardInterrupt),
                temporary_container(engine, image="busybox", command=["true"], labels=[LABEL]),
            ):
                wait_for_interruption()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    gc.collect()  # while its warnings are ignored
    assert engine.client.containers.list(all=True, filters={"label": LABEL}) == []
