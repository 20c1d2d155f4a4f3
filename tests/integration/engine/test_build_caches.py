"""Caches of builds with BuildKit: from one engine to another, and what a build sees of GitHub's."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from rich.console import Console

from bot.adapters.docker.build_caches import CacheRules
from bot.adapters.docker.buildx import BuildOptions, BuildxBuilder
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.terminal_progress import TerminalProgress
from bot.line.pins import Pins
from bot.model.build_cache import CacheWriter
from bot.model.image import BuiltImage
from bot.model.spec import BuildNeeds, ImageSpec
from bot.project.cache_forms import parse_cache_source, parse_cache_target
from tests.support.engine import PrivateEngine

RULES = CacheRules(writer=CacheWriter.DEFAULT_BRANCH)
GITHUB = {
    "ACTIONS_RUNTIME_TOKEN": "runtime-token-of-the-job",
    "ACTIONS_RESULTS_URL": "https://results.example/",
    "ACTIONS_CACHE_SERVICE_V2": "True",
}
# A stand-in of the docker command: it writes down what buildx gets for GitHub's cache, which nobody
# has here, and starts the real one without it.
RECORDING_DOCKER = """#!/bin/bash
case "$*" in *type=gha*)
  printf '%s\\n' "$@" >"$RECORD_FOLDER/arguments"
  env | grep ^ACTIONS_ >"$RECORD_FOLDER/variables";;
*) env | grep ^ACTIONS_ >>"$RECORD_FOLDER/variables-of-others";;
esac
unset ACTIONS_RUNTIME_TOKEN
for word; do
  shift
  case $word in --cache-from|--cache-to|type=gha*) ;; *) set -- "$@" "$word";; esac
done
exec {docker} "$@"
"""
BuilderMaker = Callable[..., BuildxBuilder]


@pytest.fixture
def make_builder() -> Iterator[BuilderMaker]:
    with ExitStack() as stack:

        def make(engine: PrivateEngine, **variables: str) -> BuildxBuilder:
            engine.ensure("busybox")
            environment = {**os.environ, **engine.environment, **variables}
            screen = TerminalProgress(Console(quiet=True))
            options = BuildOptions(600, caches=RULES)
            builder = BuildxBuilder(EngineHandle(environment), environment, screen, options)
            stack.callback(builder.close)
            return builder

        yield make


def build(
    builder: BuildxBuilder, folder: Path, dockerfile: str, sources: list[str], targets: list[str]
) -> str:
    (folder / "Dockerfile").write_text(dockerfile)
    needs = BuildNeeds(
        cache_from=tuple(map(parse_cache_source, sources)),
        cache_to=tuple(map(parse_cache_target, targets)),
    )
    built = builder.build(ImageSpec("app", "Dockerfile", ".", needs=needs), folder, Pins(), "app")
    assert isinstance(built, BuiltImage), built
    return built.reference


def list_layers(engine: PrivateEngine, reference: str) -> str:
    return engine.docker("inspect", "--format", "{{json .RootFS.Layers}}", reference)


def test_a_step_is_taken_from_the_cache_that_another_engine_wrote(
    make_builder: BuilderMaker,
    containerd_engine: PrivateEngine,
    overlay2_engine: PrivateEngine,
    tmp_path: Path,
) -> None:
    """The step has another result each time that it runs, and no engine has it in its own cache."""
    cache, folder = tmp_path / "cache", tmp_path / "context"
    folder.mkdir()
    dockerfile = f"FROM busybox\nRUN cat /proc/sys/kernel/random/uuid >/{secrets.token_hex(8)}\n"
    targets, sources = [f"type=local,dest={cache},mode=max"], [f"type=local,src={cache}"]
    first = build(make_builder(containerd_engine), folder, dockerfile, sources, targets)
    assert (cache / "index.json").is_file()
    second = build(make_builder(overlay2_engine), folder, dockerfile, sources, targets)
    assert list_layers(containerd_engine, first) == list_layers(overlay2_engine, second)


def test_githubs_token_is_for_buildx_alone(
    make_builder: BuilderMaker, containerd_engine: PrivateEngine, tmp_path: Path
) -> None:
    """Buildx is a stand-in that records: nobody has GitHub's cache here."""
    docker = tmp_path / "docker"
    programs = containerd_engine.environment["PATH"]  # the machine may have no docker of its own
    real = shutil.which("docker", path=programs)
    assert real
    docker.write_text(RECORDING_DOCKER.replace("{docker}", real))
    docker.chmod(0o755)
    folder = tmp_path / "context"
    folder.mkdir()
    path = f"{tmp_path}:{programs}"
    builder = make_builder(containerd_engine, **GITHUB, PATH=path, RECORD_FOLDER=str(tmp_path))
    dockerfile = f"FROM busybox\nRUN ! env | grep -q ACTIONS_ # {secrets.token_hex(8)}\n"
    build(builder, folder, dockerfile, ["type=gha,scope={image}"], ["type=gha,mode=max"])
    words = (tmp_path / "arguments").read_text().split("\n")
    assert [words[n + 1] for n, word in enumerate(words) if word.startswith("--cache-")] == [
        "type=gha,scope=app",
        "type=gha,ignore-error=true,mode=max",
    ]
    assert "runtime-token" not in " ".join(words)
    variables = dict(x.split("=", 1) for x in (tmp_path / "variables").read_text().splitlines())
    assert variables == GITHUB
    assert (tmp_path / "variables-of-others").read_text() == ""
