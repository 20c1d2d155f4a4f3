"""Looks into real images: settings, files behind links, folders; nothing is left in the engine."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.image_files import DockerImageInspector, ImageFiles
from bot.errors import InputError
from bot.model.container_config import HealthCheck
from tests.support.engine import PrivateEngine

DOCKERFILE = """\
FROM debian:bookworm-slim
RUN mkdir -p /data/deep && echo content > /data/deep/file && ln -s /data/deep/file /data/link \\
    && ln -s ../data /etc/data && mkdir /data/empty
ENV PORT=80 EMPTY=
USER 7:8
WORKDIR /data
VOLUME /data/empty
EXPOSE 80 9/udp
LABEL a=b
HEALTHCHECK --interval=3s --retries=2 CMD true
STOPSIGNAL SIGINT
SHELL ["/bin/bash", "-c"]
ONBUILD RUN true
ENTRYPOINT ["/bin/cat"]
CMD ["/data/link"]
"""


@pytest.fixture
def looks(overlay2_engine: PrivateEngine, tmp_path: Path) -> DockerImageInspector:
    overlay2_engine.ensure("debian:bookworm-slim")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    overlay2_engine.docker("build", "--quiet", "--tag", "looked-at", ".", folder=tmp_path)
    return DockerImageInspector(EngineHandle({**os.environ, **overlay2_engine.environment}))


@pytest.fixture
def files(looks: DockerImageInspector) -> Iterator[ImageFiles]:
    with looks.open_files("looked-at") as opened:
        yield opened


def test_the_config_follows_the_instructions(looks: DockerImageInspector) -> None:
    config = looks.read_config("looked-at")
    assert (config.env["PORT"], config.env["EMPTY"]) == ("80", "")
    assert (config.user, config.workdir) == ("7:8", "/data")
    assert config.command_line == ("/bin/cat", "/data/link")
    assert (config.exposed_ports, config.volumes) == (("80/tcp", "9/udp"), ("/data/empty",))
    assert config.labels["a"] == "b"
    assert config.health_check == HealthCheck(
        ("CMD-SHELL", "true"), interval_ns=3_000_000_000, retries=2
    )
    assert (config.stop_signal, config.shell) == ("SIGINT", ("/bin/bash", "-c"))
    assert config.onbuild == ("RUN true",)
    with pytest.raises(InputError):
        looks.read_config("no-such-image")


def test_files_are_read_through_links(files: ImageFiles) -> None:
    assert files.read("data/deep/file") == b"content\n"
    assert files.read("/data/link") == b"content\n"
    assert files.read("etc/data/link") == b"content\n"
    assert (files.read("lib64/ld-linux-x86-64.so.2") or b"").startswith(b"\x7fELF")
    assert files.read("no/such/file") is None
    assert files.read("data/deep/file/below") is None
    assert files.read("data") is None


def test_folders_are_read_in_one_request(files: ImageFiles) -> None:
    everything = list(files.read_below("data", lambda path, size: True))
    assert everything == [("data/deep/file", b"content\n")]
    assert dict(files.read_below("etc/data", lambda path, size: size == 8)) == {
        "etc/data/deep/file": b"content\n"
    }
    assert dict(files.read_below("", lambda path, size: path == "data/deep/file"))
    assert list(files.read_below("data/deep/file", lambda path, size: True)) == everything
    assert list(files.read_below("no/such/folder", lambda path, size: True)) == []


def test_no_container_is_left_behind(
    looks: DockerImageInspector, overlay2_engine: PrivateEngine
) -> None:
    before = overlay2_engine.docker("ps", "--all", "--quiet")
    with pytest.raises(KeyboardInterrupt), looks.open_files("looked-at") as files:  # noqa: PT012
        next(iter(files.read_below("usr", lambda path, size: True)))
        raise KeyboardInterrupt
    assert overlay2_engine.docker("ps", "--all", "--quiet") == before
