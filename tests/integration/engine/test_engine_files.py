"""Looks into the engine's folders: whole or in part, one after the other, and never in each other's way."""

import gc
from collections.abc import Iterator

import pytest

from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_files import EngineFiles, EngineFilesUnavailable, open_engine_files
from tests.support.engine import PrivateEngine

LARGE = "/usr/bin/python3.11"


@pytest.fixture
def hole(overlay2_engine: PrivateEngine) -> Iterator[EngineFiles]:
    overlay2_engine.ensure("python:3.12-slim")
    engine = DockerEngine(overlay2_engine.environment)
    gc.disable()  # as the program does: nothing may hang on when garbage is collected
    try:
        with open_engine_files(
            engine, str(engine.get_image("python:3.12-slim").id), [{}]
        ) as opened:
            yield opened
    finally:
        gc.enable()


def test_an_interrupted_read_does_not_block_the_next(hole: EngineFiles) -> None:
    for _ in range(20):
        for file in hole.iter_files(LARGE):
            assert file.content.read(4) == b"\x7fELF"
            break
    unfinished = [next(hole.iter_files("/usr/bin")) for _ in range(1)]
    assert unfinished
    hole.close()
    assert hole.read_file("/etc/debian_version")


def test_an_interrupted_read_leaves_no_container(overlay2_engine: PrivateEngine) -> None:
    overlay2_engine.ensure("python:3.12-slim")
    engine = DockerEngine(overlay2_engine.environment)
    image = str(engine.get_image("python:3.12-slim").id)
    with pytest.raises(KeyboardInterrupt), open_engine_files(engine, image, [{}]) as hole:  # noqa: PT012
        iterator = hole.iter_files("/usr")
        next(iterator)
        raise KeyboardInterrupt
    assert (
        engine.client.containers.list(all=True, filters={"label": "image-size-review.engine-files"})
        == []
    )


def test_the_engine_sends_files_uncompressed(hole: EngineFiles) -> None:
    looking = hole.iter_files(LARGE)
    next(looking)
    (answer,) = hole._open_responses
    assert "Content-Encoding" not in answer.headers
    looking.close()


def test_a_missing_file_is_an_error(hole: EngineFiles) -> None:
    with pytest.raises(FileNotFoundError):
        hole.read_file("/no/such/file")
    with pytest.raises(OSError, match="more than 10"):
        hole.read_file(LARGE, 10)


def test_missing_folders_give_no_container(overlay2_engine: PrivateEngine) -> None:
    engine = DockerEngine(overlay2_engine.environment)
    image = str(engine.get_image("python:3.12-slim").id)
    with (
        pytest.raises(EngineFilesUnavailable),
        open_engine_files(engine, image, [{"x": "/no/such/folder"}]),
    ):
        pass
