"""The next step for an image without a size or a growth, by the reason for which it has none."""

from collections.abc import Sequence

from bot.model.failures import FailureCause, FailureKind
from bot.model.report import ImageReport, ImageState, Outcome
from bot.report.page import image_facts
from bot.report.page.named_causes import LOGIN_TEXT, RENEWED_LOGIN_TEXT, name_fix
from bot.report.page.own_bases import join_names
from bot.report.page.page_model import Phrase, Untrusted

_MAX_NAMES, _MAX_FIXES = 3, 2

FIX_TEXT = {
    FailureKind.MISSING_FILE: (
        "correct the path or the context, or commit the file: a build gets only files of the "
        "commit, not those that git ignores or that another step of the job creates"
    ),
    FailureKind.CONTEXT: (
        "set `context` of this image to the folder that its build is started with, in "
        ".github/image-size.yml or as the input context (--context)"
    ),
    FailureKind.IGNORED_FILE: (
        "let `prepare` of this image in .github/image-size.yml build it before each build, or "
        "compare images that were built before (`mode: compare`)"
    ),
    FailureKind.SYNTAX: "correct the Dockerfile",
    FailureKind.REFERENCE: (
        "correct the name; if it is a variable without a value, set it with build-args "
        "(--build-arg)"
    ),
    FailureKind.ARGUMENT: (
        "give the build argument a value with build-args (--build-arg), or a default in the "
        "Dockerfile"
    ),
    FailureKind.TARGET: (
        "name one of the stages that the Dockerfile has (`target`, --target), or none for the last"
    ),
    FailureKind.IGNORE_FILE: "correct the pattern in the ignore file, or remove it",
    FailureKind.SECRET: (
        "pass the secret that the build lacks: `secret-envs: ID=VARIABLE` in the workflow, or "
        "`--secret id=ID,env=VARIABLE`"
    ),
    FailureKind.SSH: "pass a key or an agent: `ssh: default` in the workflow, or --ssh default",
    FailureKind.LOGIN: (
        f"log in to the registry{LOGIN_TEXT}. What a RUN downloads with a login needs a secret: "
        "secret-envs, --secret"
    ),
    FailureKind.LOGIN_REFUSED: f"the login is refused: {RENEWED_LOGIN_TEXT}",
    FailureKind.BASE_IMAGE: (
        "correct the name or the tag of the image; if this repository builds it, set `provides` of "
        "that image in the configuration, and it is built first"
    ),
    FailureKind.NETWORK: (
        "run it again; if it fails again, check the network of the build: proxy, "
        "firewall, network mode (--build-network)"
    ),
    FailureKind.DISK: (
        "free disk space for the engine (docker system df, docker builder prune), then run it again"
    ),
    FailureKind.MEMORY: "give the build more memory, then run it again",
    FailureKind.TIME: (
        "run it again; if it needs more time, allow that with build-timeout (--build-timeout)"
    ),
    FailureKind.PLATFORM: (
        "build for a platform that this machine runs and the base image has, or install emulation "
        "(docker/setup-qemu-action)"
    ),
    FailureKind.PREPARATION: (
        "correct the command of `prepare` (--prepare), or the file that makes it fail"
    ),
    FailureKind.ENGINE: (
        "check the engine and its builder (`docker buildx inspect --bootstrap` must work), "
        "then run it again"
    ),
}
_FIX_BUILD_TEXT = {
    False: "fix the build, or the configuration of this image",
    True: "fix the build; the last lines of its log are below",
}
_OLD_FAILURE_TEXT = "nothing in this change, but no limit is checked until the image builds: "
_FIX_BASE_TEXT = (
    "nothing: the image builds with this change, and its growth is known again once this is merged"
)
_FIX_UNKNOWN_GROWTH_TEXT = {
    ImageState.NEW: (
        "nothing, if it is another image; if it is the same one under a new name, list it in "
        ".github/image-size.yml under its old name, so that both are compared"
    ),
    ImageState.NO_BASELINE: "nothing; the next change will be compared with this one",
    ImageState.CHANGED: "set the limit in bytes: a percentage of an empty image allows nothing",
}
_FIX_UNMEASURED_TEXT = {
    False: "build or save the image again, or name another one: this one cannot be read",
    True: "run the command at the end of this report to reproduce the failure; "
    "if it succeeds, run this job again",
}


def suggest_fix(image: ImageReport, command: str) -> Phrase:
    """Say how to get a size for an image without one; empty for a measured image.

    `command` reproduces the report, if it is not empty.
    """
    if image.state is ImageState.MEASURE_FAILED:
        return (_FIX_UNMEASURED_TEXT[bool(command)],)
    if image.state not in (ImageState.HEAD_BUILD_FAILED, ImageState.BASE_BUILD_FAILED):
        return ()
    failure = image.failure or FailureCause(FailureKind.UNKNOWN)
    is_own = failure.kind.lies_in_own_files
    if image.state is ImageState.BASE_BUILD_FAILED and is_own:
        return (_FIX_BASE_TEXT,)
    general = FIX_TEXT.get(failure.kind, _FIX_BUILD_TEXT[bool(image.log)])
    fix = name_fix(failure) or (general,)
    return (_OLD_FAILURE_TEXT, *fix) if failure.fails_at_base and is_own else fix


def suggest_measuring(images: Sequence[ImageReport], command: str) -> list[Phrase]:
    """Return a sentence for images that could not be measured, and how they can be."""
    unmeasured = [image for image in images if image.verdict is Outcome.ERROR]
    names_by_fix: dict[Phrase, list[Untrusted]] = {}
    for image in unmeasured:
        names_by_fix.setdefault(suggest_fix(image, command), []).append(image_facts.label(image))
    fixes = [(fix, names) for fix, names in names_by_fix.items() if fix]
    return [
        ("to measure ", *join_names(names, _MAX_NAMES), ": ", *fix)
        for fix, names in fixes[:_MAX_FIXES]
    ]


def suggest_for_unknown_growth(image: ImageReport) -> str:
    """Say how to get a growth to judge; empty for an image that warns for another reason."""
    is_unknown = any(
        check.is_about_growth and None in (check.observed, check.limit)
        for check in image_facts.deciding_checks(image)
    )
    return _FIX_UNKNOWN_GROWTH_TEXT.get(image.state, "") if is_unknown else ""
