"""Platforms that the machine cannot run: which are warnings, and which stay errors."""

from dataclasses import replace

import pytest

from bot.line.excused_platforms import excuse_platforms
from bot.model.comparison import Comparison
from bot.model.failures import FailureCause, FailureKind
from bot.model.image import Image, Layer
from bot.model.image_identity import ImageIdentity
from bot.model.report import ImageReport, ImageState, Outcome
from bot.model.spec import ContextSource, ImageSpec
from bot.project.build_file_images import merge_images
from bot.project.declared_builds import BuildFile, DeclaredBuild
from bot.project.image_plan import PlannedImage
from bot.project.overrides import Overrides

FILE = BuildFile(("compose.yaml",), ContextSource.COMPOSE, (".",))
PLATFORMS = ("linux/amd64", "linux/arm64")
AMD, ARM = merge_images(
    (), (DeclaredBuild(FILE, ImageSpec("api", "api/Dockerfile", "api"), PLATFORMS),)
)
CONFIGURED = replace(ARM, is_platform_of_file=False)
LAYER = Layer(0, "sha256:a", 1, 1, 1, "RUN x")
IMAGE = Image(
    "x", "id", "linux/amd64", (LAYER,), compressed_exact=True, filesystem_bytes=1, files=1
)
FAILURE = FailureCause(FailureKind.PLATFORM, fails_at_base=True)
BUILT = ImageReport(AMD, ImageState.CHANGED, Outcome.PASS, Comparison(None, IMAGE))
FAILED = ImageReport(
    ARM, ImageState.HEAD_BUILD_FAILED, Outcome.ERROR, Comparison(None, None), failure=FAILURE
)


def judge(
    base: ImageSpec | None,
    head: ImageSpec,
    failed: ImageReport = FAILED,
    other: ImageReport = BUILT,
) -> Outcome:
    planned = (
        PlannedImage(AMD, AMD, ImageState.CHANGED),
        PlannedImage(base, head, ImageState.CHANGED),
    )
    return excuse_platforms(planned, (other, failed))[1].verdict


@pytest.mark.parametrize("base", [ARM, None])
def test_a_platform_of_a_file_that_the_machine_cannot_run_warns(base: ImageSpec | None) -> None:
    assert judge(base, ARM) is Outcome.WARN


@pytest.mark.parametrize(
    ("base", "head"), [(CONFIGURED, ARM), (ARM, CONFIGURED), (None, CONFIGURED)]
)
def test_a_platform_that_somebody_configured_is_an_error(
    base: ImageSpec | None, head: ImageSpec
) -> None:
    assert judge(base, head) is Outcome.ERROR


def test_a_change_that_makes_a_platform_fail_is_an_error() -> None:
    failure = replace(FAILURE, fails_at_base=False)
    assert judge(ARM, ARM, replace(FAILED, failure=failure)) is Outcome.ERROR
    moved = replace(FAILED, renamed_from=ImageIdentity("api", "api/Dockerfile", "linux/amd64"))
    assert judge(ARM, ARM, moved) is Outcome.ERROR


def test_another_failure_is_an_error() -> None:
    failure = replace(FAILURE, kind=FailureKind.NETWORK)
    assert judge(ARM, ARM, replace(FAILED, failure=failure)) is Outcome.ERROR


def test_an_image_without_any_platform_that_can_be_built_is_an_error() -> None:
    assert judge(ARM, ARM, other=replace(FAILED, spec=AMD)) is Outcome.ERROR


def test_a_platform_beside_an_unchanged_one_warns() -> None:
    unchanged = ImageReport(AMD, ImageState.UNCHANGED, Outcome.PASS, Comparison(None, None))
    assert judge(None, ARM, other=unchanged) is Outcome.WARN


def test_a_platform_of_an_option_is_no_platform_of_the_file() -> None:
    assert (AMD.is_platform_of_file, ARM.is_platform_of_file) == (True, True)
    (spec,) = Overrides(platforms=("linux/arm64",)).apply_to_specs((AMD, ARM))
    assert not spec.is_platform_of_file
