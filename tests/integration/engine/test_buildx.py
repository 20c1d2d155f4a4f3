"""BuildKit through buildx: its arguments, and its output."""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.adapters.docker.buildx import (
    BuildOptions,
    BuildxBuilder,
)
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.handed_images import HandedImages
from bot.adapters.terminal_progress import TerminalProgress
from bot.dockerfile.dockerignore import parse_dockerignore
from bot.errors import EngineUnavailableError
from bot.line.pins import Pins
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure, BuiltImage
from bot.model.spec import ImageSpec
from tests.support.engine import PrivateEngine

SPEC = ImageSpec("x", "Dockerfile", ".")


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox", "alpine:latest")
    return overlay2_engine


def make_builder(engine: PrivateEngine, timeout: float = 600) -> BuildxBuilder:
    environment = {**os.environ, **engine.environment}
    return BuildxBuilder(
        EngineHandle(environment),
        environment,
        TerminalProgress(Console(quiet=True)),
        BuildOptions(timeout),
    )


@pytest.fixture
def builder(engine: PrivateEngine) -> Iterator[BuildxBuilder]:
    builder = make_builder(engine)
    yield builder
    builder.close()


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
    return folder


def test_the_builder_reports_its_version(builder: BuildxBuilder) -> None:
    # `library-import` is an engine that `go install` built: only Docker's own script sets a number.
    assert re.fullmatch(
        r"BuildKit of Docker Engine (\d+\.\d\S*|library-import), builder 'default' "
        r"\(docker driver\)",
        builder.description,
    )


def test_a_built_image_is_a_context_of_its_own_engine(
    builder: BuildxBuilder, tmp_path: Path
) -> None:
    folder = write(tmp_path, Dockerfile="FROM scratch\nCOPY Dockerfile /\n")
    built = builder.build(SPEC, folder, Pins(), "x")
    assert isinstance(built, BuiltImage)
    assert builder.make_context(built) == f"docker-image://{built.reference}"


@pytest.mark.parametrize("store", ["overlay2", "containerd"])
def test_an_image_for_another_builder_is_a_layout_until_it_is_removed(
    request: pytest.FixtureRequest, tmp_path: Path, store: str
) -> None:
    engine: PrivateEngine = request.getfixturevalue(f"{store}_engine")
    handle = EngineHandle({**os.environ, **engine.environment})
    folder = write(tmp_path, Dockerfile="FROM scratch\nCOPY Dockerfile /\n")
    engine.docker("buildx", "build", "--load", "--tag", "handed:1", str(folder))
    handed = HandedImages(handle, lambda: False)
    address, _, digest = handed.make_context("handed:1").partition("@")
    layout = Path(address.removeprefix("oci-layout://"))
    manifest = (layout / "blobs" / digest.replace(":", "/")).read_bytes()
    assert f"sha256:{hashlib.sha256(manifest).hexdigest()}" == digest
    assert (layout / "oci-layout").is_file()
    handed.close()
    assert not layout.exists()
    engine.docker("image", "rm", "handed:1")
    handle.close()


def test_a_builder_that_is_not_there_is_named(engine: PrivateEngine) -> None:
    environment = {**os.environ, **engine.environment, "BUILDX_BUILDER": "nosuch"}
    screen = TerminalProgress(Console(quiet=True))
    builder = BuildxBuilder(EngineHandle(environment), environment, screen)
    with pytest.raises(EngineUnavailableError) as raised:
        assert builder.description
    assert raised.value.what == "The builder 'nosuch' cannot be used."
    assert "no builder" in raised.value.why
    assert "plug-in" not in raised.value.fix


def test_a_pinned_name_keeps_its_image(
    engine: PrivateEngine, builder: BuildxBuilder, tmp_path: Path
) -> None:
    """Another image is pulled under the same name between the two builds."""
    engine.docker("tag", "busybox", "moving:1")
    write(
        tmp_path,
        Dockerfile="FROM moving:1\nRUN test -e /bin/busybox && ! test -e /etc/alpine-release\n",
    )
    pins = builder.pin_images(["moving:1"], None)
    try:
        assert isinstance(builder.build(SPEC, tmp_path, pins, "x"), BuiltImage)
        engine.docker("tag", "alpine:latest", "moving:1")
        assert isinstance(builder.build(SPEC, tmp_path, pins, "x"), BuiltImage)
        assert builder.pin_images(["moving:1"], None) == pins
        # The test itself can fail: without the pin the name has moved.
        assert isinstance(builder.build(SPEC, tmp_path, Pins(), "x"), BuildFailure)
    finally:
        engine.docker("rmi", "moving:1")


def test_a_pin_has_the_layers_of_its_image(engine: PrivateEngine, builder: BuildxBuilder) -> None:
    layers = engine.docker("image", "inspect", "--format", '{{join .RootFS.Layers " "}}', "busybox")
    assert builder.pin_images(["busybox"], None).diff_ids["busybox"] == tuple(layers.split())


def test_a_name_is_pinned_at_an_image_that_it_had_before(
    builder: BuildxBuilder, tmp_path: Path
) -> None:
    earlier = builder.pin_images(["busybox"], None)
    write(tmp_path, Dockerfile="FROM alpine:latest\nRUN ! test -e /etc/alpine-release\n")
    pins = builder.pin_digests({"alpine:latest": earlier.digests["busybox"]}, None)
    assert pins.digests["alpine:latest"] == earlier.digests["busybox"]
    assert pins.base_images["alpine:latest"].diff_ids == earlier.diff_ids["busybox"]
    assert isinstance(builder.build(SPEC, tmp_path, pins, "x"), BuiltImage)
    same = builder.pin_digests(earlier.digests, None)
    assert (same.resolved, same.base_images) == (earlier.resolved, {})


def test_an_unresolvable_name_is_an_error(builder: BuildxBuilder) -> None:
    pins = builder.pin_images(["registry.invalid/x:1"], None)
    assert pins.resolved == {}
    assert pins.unresolved["registry.invalid/x:1"]


def test_a_platform_missing_in_the_store_is_not_taken_from_it(builder: BuildxBuilder) -> None:
    assert "busybox" not in builder.pin_images(["busybox"], "linux/s390x").diff_ids


def test_a_failing_step_is_reported_with_its_output(builder: BuildxBuilder, tmp_path: Path) -> None:
    write(tmp_path, Dockerfile="FROM busybox\nRUN echo words of the step; exit 7\n")
    failed = builder.build(SPEC, tmp_path, Pins(), "x")
    assert isinstance(failed, BuildFailure)
    assert "exit code: 7" in failed.reason
    assert any("words of the step" in line for line in failed.log)
    assert len(failed.log) <= 20


@pytest.mark.parametrize(
    ("dockerfile", "words"),
    [
        ("FORM busybox\n", "unknown instruction"),
        ("FROM busybox\nCOPY nothing /\n", "COPY nothing: it is not in the build context"),
        ("", "empty"),
    ],
)
def test_an_invalid_dockerfile_is_an_error(
    builder: BuildxBuilder, tmp_path: Path, dockerfile: str, words: str
) -> None:
    write(tmp_path, Dockerfile=dockerfile)
    failed = builder.build(SPEC, tmp_path, Pins(), "x")
    assert isinstance(failed, BuildFailure)
    assert words in failed.reason


def test_a_dockerfile_or_context_outside_of_the_checkout_is_not_followed(
    builder: BuildxBuilder, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").symlink_to("/etc/passwd")
    failed = builder.build(SPEC, tmp_path, Pins(), "x")
    reason = "the Dockerfile 'Dockerfile' leads out of the repository"
    assert failed == BuildFailure(reason, kind=FailureKind.MISSING_FILE)


def test_a_build_that_takes_too_long_is_stopped(engine: PrivateEngine, tmp_path: Path) -> None:
    write(tmp_path, Dockerfile="FROM busybox\nRUN sleep 300\n")
    builder = make_builder(engine, timeout=3)
    started = time.monotonic()
    failed = builder.build(SPEC, tmp_path, Pins(), "x")
    assert isinstance(failed, BuildFailure)
    assert "stopped after 0.05 minutes" in failed.reason
    assert time.monotonic() - started < 60


IGNORES = [
    "*\n!a\n",
    "**/*.md\n!keep.md\n",
    "a\n",
    "/a/\n",
    "a/*\n!a/b\n",
    "*/c\n",
    "# no\n\n  b/  \n",
    "[ab]\n",
    "?\n",
    "**\n!a/b/c\n",
    "a/b/../c\n",
    "**/b\n",
    "READ*\n",
    "*.MD\n",
]


@pytest.mark.parametrize("patterns", IGNORES)
def test_buildkit_ignores_the_same_files_as_we_do(
    engine: PrivateEngine, tmp_path: Path, patterns: str
) -> None:
    context, out = tmp_path / "context", tmp_path / "out"
    names = [
        "a/b/c",
        "a/c",
        "a/x.md",
        "b/c",
        "c",
        "keep.md",
        "readme",
        "README.md",
        "a/keep.md",
        "b.md",
    ]
    for name in names:
        path = context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1", "utf-8")
    write(context, **{".dockerignore": patterns})
    write(tmp_path, Dockerfile="FROM scratch\nCOPY . /\n")
    output = f"type=local,dest={out}"
    engine.docker(
        "buildx", "build", "-f", str(tmp_path / "Dockerfile"), "--output", output, str(context)
    )
    sent = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    rules = parse_dockerignore(patterns.encode())
    assert sent - {".dockerignore"} == {name for name in names if not rules.is_ignored(name)}


def test_another_text_can_replace_the_dockerfile(
    engine: PrivateEngine, builder: BuildxBuilder, tmp_path: Path
) -> None:
    """It sees the same context, less what the ignore file of the Dockerfile's own name leaves out."""
    write(tmp_path, a="a", b="b", c="c", **{"x.Dockerfile": "FROM busybox\nCOPY a /\n"})
    write(tmp_path, **{"x.Dockerfile.dockerignore": "b\n", ".dockerignore": "c\n"})
    spec = ImageSpec("x", "x.Dockerfile", ".")
    text = b"FROM busybox\nCOPY . /here\nRUN ls /here > /names\n"
    built = builder.build(spec, tmp_path, Pins(), "x", text)
    assert isinstance(built, BuiltImage), built
    names = engine.docker("run", "--rm", built.reference, "cat", "/names").split()
    assert names == ["a", "c", "x.Dockerfile", "x.Dockerfile.dockerignore"]
    assert (tmp_path / "x.Dockerfile").read_text("utf-8") == "FROM busybox\nCOPY a /\n"
    builder.remove(built)


def test_the_checks_of_buildkit_are_those_that_this_buildx_has(
    engine: PrivateEngine, builder: BuildxBuilder, tmp_path: Path
) -> None:
    """Debian 13's has none, Debian 14's has; an old one is not asked."""
    write(tmp_path, Dockerfile="FROM busybox AS Final\n")
    has_checks = engine.has_build_checks
    warning = "StageNameCasing: Stage name 'Final' should be lowercase"
    expected = (warning,) if has_checks else None
    assert builder.check_dockerfile(SPEC, tmp_path, Pins()) == expected
    write(tmp_path, Dockerfile="FROM busybox\n")
    assert builder.check_dockerfile(SPEC, tmp_path, Pins()) == (() if has_checks else None)
