"""Images that the package managers themselves filled: what is left to directories is known by name."""

from pathlib import Path

import pytest

from bot.image.archives.archive import read_archive
from tests.integration.engine.support.test_stand_ins import build
from tests.support.engine import PrivateEngine
from tests.support.packages.layers import owned

PYTHON = """
FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends jq && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir --no-compile markupsafe==2.1.4 idna==3.6
RUN pip install --no-cache-dir markupsafe==2.1.5 && python -m compileall -q /usr/local/lib
RUN apt-get purge -y --autoremove jq && echo by hand > /usr/bin/jq
"""

NODE = """
FROM node:22
ENV NODE_DISABLE_COMPILE_CACHE=1
WORKDIR /srv/npm
RUN npm install --no-fund --no-audit express@4.18.2 && rm -rf ~/.npm
RUN npm install -g --force --no-fund --no-audit pnpm@9.15.9 @yarnpkg/cli-dist@4.5.0 && rm -rf ~/.npm /tmp/*
WORKDIR /srv/pnpm
RUN echo '{}' > package.json && pnpm add --silent @babel/code-frame@7.24.7 && rm -rf ~/.cache
WORKDIR /srv/yarn
RUN echo '{"name": "x"}' > package.json && touch yarn.lock \\
    && echo 'enableGlobalCache: false' > .yarnrc.yml \\
    && export YARN_NPM_REGISTRY_SERVER="$(npm config get registry)" \\
    && yarn add @types/node@20.14.0 lodash@4.17.21 && rm -rf ~/.yarn ~/.npm /tmp/*
"""


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("python:3.12-slim", "node:22")
    return overlay2_engine


def list_owners(engine: PrivateEngine, dockerfile: str, folder: Path) -> list[dict[str, int]]:
    """Build an image and return the owners of each layer that has bytes."""
    (folder / "Dockerfile").write_text(dockerfile)
    build(engine, "packages-test", folder)
    engine.docker("save", "--output", str(folder / "image.tar"), "packages-test")
    with (folder / "image.tar").open("rb") as stream:
        archive = read_archive(stream)
    return [sizes for sizes in owned(*(blob.layer for blob in archive.blobs)) if sizes]


def list_unowned(sizes: dict[str, int]) -> set[str]:
    """Return the directories that no package owns."""
    return {label.removeprefix("directory ") for label in sizes if label.startswith("directory ")}


def test_apt_and_pip(engine: PrivateEngine, tmp_path: Path) -> None:
    *_, system, first, second, last = list_owners(engine, PYTHON, tmp_path)
    assert any(label.startswith("deb libjq1 1.6-") for label in system)
    assert all(folder.startswith(("/var/", "/etc")) for folder in list_unowned(system))
    assert {"pypi markupsafe 2.1.4", "pypi idna 3.6"} <= first.keys()
    assert {"pypi markupsafe 2.1.5", "pypi idna 3.6"} <= second.keys()
    assert list_unowned(first) | list_unowned(second) == set()
    assert last["directory /usr/bin"] == len("by hand\n")


def test_npm_pnpm_and_yarn(engine: PrivateEngine, tmp_path: Path) -> None:
    *_, npm, tools, pnpm, yarn = list_owners(engine, NODE, tmp_path)
    assert {"npm express 4.18.2", "npm debug 2.6.9"} <= npm.keys()
    assert list_unowned(npm) == {"/srv/npm", "/srv/npm/node_modules"}
    assert {"npm pnpm 9.15.9", "npm @yarnpkg/cli-dist 4.5.0"} <= tools.keys()
    assert list_unowned(tools) == set()
    assert "npm @babel/code-frame 7.24.7" in pnpm
    assert all(size < 5_000 for label, size in pnpm.items() if label.startswith("directory "))
    assert {"npm @types/node 20.14.0", "npm lodash 4.17.21"} <= yarn.keys()
    assert all(folder.startswith("/srv/yarn") for folder in list_unowned(yarn))
