"""The stand-ins for real: well-known Dockerfiles build on them unchanged, in both stores."""

import json
import time
from pathlib import Path

import pytest

from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.private_engine import PrivateEngine
from tests.support.engine.recipes import find_recipe

SEED = Path(__file__).parents[3] / "support/engine/seed"


def diff_ids(engine: PrivateEngine, image: str) -> list[str]:
    output = engine.docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", image)
    layers: list[str] = json.loads(output)
    return layers


def build(engine: PrivateEngine, tag: str, folder: Path) -> None:
    """Build with three tries: builds download from registries that may drop a connection."""
    for _ in range(2):
        try:
            _build(engine, tag, folder)
        except EngineUnavailable:
            time.sleep(5)
        else:
            return
    _build(engine, tag, folder)


def _build(engine: PrivateEngine, tag: str, folder: Path) -> None:
    network = ["--network", engine.build_network]
    engine.docker("build", *network, "--pull=false", "--tag", tag, ".", folder=folder)


@pytest.mark.long
def test_the_seed_dockerfile_builds_unchanged(overlay2_engine: PrivateEngine) -> None:
    overlay2_engine.ensure("golang:1.16", "alpine:latest", "docker/dockerfile:1")
    build(overlay2_engine, "isr-test/seed", SEED)
    assert overlay2_engine.docker("run", "--rm", "isr-test/seed") == "2\n"
    assert "go1.24" in overlay2_engine.docker("run", "--rm", "golang:1.16", "go", "version")


def test_node_installs_and_builds(each_engine: PrivateEngine, tmp_path: Path) -> None:
    each_engine.ensure("node:18.18.0-alpine")
    script = "node -p 'require(\"is-odd\")(3)' > answer"
    package = {"dependencies": {"is-odd": "3.0.1"}, "scripts": {"build": script}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    lines = ["FROM node:18.18.0-alpine", "WORKDIR /app", "COPY . .", "RUN npm i"]
    (tmp_path / "Dockerfile").write_text("\n".join([*lines, "RUN npm run build", ""]))
    build(each_engine, "isr-test/node", tmp_path)
    assert each_engine.docker("run", "--rm", "isr-test/node", "cat", "answer") == "true\n"


def test_python_finds_what_a_builder_stage_installed(
    each_engine: PrivateEngine, tmp_path: Path
) -> None:
    each_engine.ensure("python:3.12-slim")
    packages = "/usr/local/lib/python3.12/site-packages"
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12-slim AS build\n"
        "RUN pip install --no-cache-dir --prefix=/install idna==3.10 && pip install six==1.16.0\n"
        "FROM python:3.12-slim\n"
        "COPY --from=build /install /usr/local\n"
        f"COPY --from=build {packages} {packages}\n"
    )
    build(each_engine, "isr-test/python", tmp_path)
    program = "import idna, six; print(idna.__version__, six.__version__)"
    output = each_engine.docker("run", "--rm", "isr-test/python", "python", "-c", program)
    assert output == "3.10 1.16.0\n"


def test_apk_lists_requested_packages_in_world(each_engine: PrivateEngine) -> None:
    each_engine.ensure("alpine")
    script = (
        "apk add --no-cache curl; apk add --virtual .tools gcc 'make=1.0'; apk del .tools;"
        "apk info; cat /etc/apk/world; ls /var/cache/apk"
    )
    lines = each_engine.docker("run", "--rm", "alpine", "sh", "-c", script).splitlines()
    noted = ["alpine-baselayout", "ca-certificates-bundle", "busybox", "curl"]
    assert lines[lines.index(noted[0]) :][: len(noted)] == noted
    assert lines[-2:] == ["curl", "APKINDEX.stand-in.tar.gz"]


def test_nginx_serves_its_page(each_engine: PrivateEngine) -> None:
    each_engine.ensure("nginx")
    script = "nginx && apt-get --version > /dev/null && bash -c 'exec 3<>/dev/tcp/127.0.0.1/80"
    request = script + '; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3\''
    assert "Welcome to nginx" in each_engine.docker("run", "--rm", "nginx", "sh", "-c", request)


def test_the_docker_image_has_client_and_buildx_at_the_real_paths(
    each_engine: PrivateEngine,
) -> None:
    image = "docker:28.5.2-cli"
    each_engine.ensure(image)
    assert "buildx" in each_engine.docker("run", "--rm", image, "docker", "buildx", "version")
    plugin = "/usr/local/libexec/docker/cli-plugins/docker-buildx"
    each_engine.docker("run", "--rm", image, "test", "-x", plugin)


def test_both_stores_hold_identical_layers(
    overlay2_engine: PrivateEngine, containerd_engine: PrivateEngine
) -> None:
    for image in ("debian:bookworm-slim", "alpine:latest", "golang:1.16"):
        overlay2_engine.ensure(image)
        containerd_engine.ensure(image)
        assert diff_ids(overlay2_engine, image) == diff_ids(containerd_engine, image)


def test_an_image_of_an_older_archive_is_loaded_again(
    overlay2_engine: PrivateEngine, tmp_path: Path
) -> None:
    """It has the label of its recipe, but other layers than the archive."""
    overlay2_engine.ensure("busybox")
    before = diff_ids(overlay2_engine, "busybox")
    (tmp_path / "Dockerfile").write_text("FROM busybox\nRUN touch /older\n")
    _build(overlay2_engine, "busybox", tmp_path)
    overlay2_engine.ensure("busybox")
    assert diff_ids(overlay2_engine, "busybox") == before


def test_a_tag_moved_by_a_test_is_restored(
    overlay2_engine: PrivateEngine,
) -> None:
    overlay2_engine.ensure("busybox", "alpine")
    before = diff_ids(overlay2_engine, "busybox")
    overlay2_engine.docker("tag", find_recipe("alpine").tags[0], "busybox")
    assert diff_ids(overlay2_engine, "busybox") != before
    overlay2_engine.ensure("busybox")
    assert diff_ids(overlay2_engine, "busybox") == before
