"""Failed builds by what they are about: the secret, the argument, the path, the server."""

import re
from collections.abc import Callable, Mapping

from bot.model.failures import FailureCause, FailureKind
from bot.model.report import ImageReport, ImageState
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, Untrusted

_MAX_CHARACTERS = 100
_MAX_LINE = 250
_EXIT_STATUS = re.compile(r"^process .* did not complete(?: successfully)?: exit code: (\d{1,3})\b")
_NO_VARIABLE_CHARACTER = re.compile(r"\W", re.ASCII)
_SHORT_TEXT = {
    FailureKind.SECRET: "needs a secret",
    FailureKind.SSH: "needs an SSH key",
    FailureKind.ARGUMENT: "needs build arguments",
    FailureKind.LOGIN: "needs a login",
    FailureKind.LOGIN_REFUSED: "its login is refused",
    FailureKind.BASE_IMAGE: "its base image is not there",
    FailureKind.NETWORK: "a network error",
    FailureKind.DISK: "the disk is full",
    FailureKind.MEMORY: "out of memory",
    FailureKind.TIME: "stopped after its time limit",
    FailureKind.PLATFORM: "not for this platform",
    FailureKind.ENGINE: "an error of the engine",
}

_NAME_TEXT = (
    "correct the name: a registry also denies access to names that do not exist. If this "
    "repository builds the image, set `provides` of it in the configuration"
)
LOGIN_TEXT = f" first (docker login, docker/login-action, registry-auth), or {_NAME_TEXT}"
_LOGIN_LINES_TEXT = (
    ": add the lines below to the workflow (registry-auth; on a machine run docker login), or "
    f"{_NAME_TEXT}"
)
RENEWED_LOGIN_TEXT = (
    "renew it, give its owner the right to pull the image (for GITHUB_TOKEN `packages: read`), or "
    f"{_NAME_TEXT}"
)


def is_stopped_in_time(image: ImageReport) -> bool:
    """Return True for a build of head that was stopped: nobody knows whether it can be built."""
    is_late = image.failure is not None and image.failure.kind is FailureKind.TIME
    return is_late and image.state is ImageState.HEAD_BUILD_FAILED


def describe_cause(image: ImageReport) -> Phrase:
    """Say in a few words why a build failed."""
    failure = image.failure or FailureCause(FailureKind.UNKNOWN)
    if failure.subject and (named := _name_cause(failure, image)):
        return named
    if text := _SHORT_TEXT.get(failure.kind):
        return (text,)
    reason = image.reason or ""
    status = _EXIT_STATUS.search(reason)
    if status:
        return (f"a command ends with status {status[1]}",)
    return image_facts.untrusted_prose(reason, _MAX_CHARACTERS) if reason else ()


def name_fix(failure: FailureCause) -> Phrase:
    """Say what to write where, with the name of what is missing; empty if that is unknown."""
    make = _FIXES.get(failure.kind) if failure.subject else None
    return make(failure) if make else ()


def _fix_secret(failure: FailureCause) -> Phrase:
    variable = _NO_VARIABLE_CHARACTER.sub("_", failure.subject).upper()
    workflow = Untrusted(f"secret-envs: {failure.subject}={variable}", _MAX_LINE)
    option = Untrusted(f"--secret id={failure.subject},env={variable}", _MAX_LINE)
    return ("pass the secret: ", workflow, " in the workflow, or ", option)


def _fix_key(failure: FailureCause) -> Phrase:
    workflow = Untrusted(f"ssh: {failure.subject}", _MAX_LINE)
    option = Untrusted(f"--ssh {failure.subject}", _MAX_LINE)
    return ("pass a key or an agent: ", workflow, " in the workflow, or ", option)


def _fix_context(failure: FailureCause) -> Phrase:
    if not failure.folder:
        return ()
    context = Untrusted(f"context: {failure.folder}", _MAX_LINE)
    option = Untrusted(f"--context {failure.folder}", _MAX_LINE)
    file = Untrusted(".github/image-size.yml")
    return ("set ", context, " of this image in ", file, ", or ", option)


def _fix_login(failure: FailureCause) -> Phrase:
    return ("log in to ", Untrusted(failure.subject, _MAX_CHARACTERS), _LOGIN_LINES_TEXT)


def _fix_refused_login(failure: FailureCause) -> Phrase:
    registry = Untrusted(failure.subject, _MAX_CHARACTERS)
    return ("the login for ", registry, f" is refused: {RENEWED_LOGIN_TEXT}")


def _fix_arguments(failure: FailureCause) -> Phrase:
    names = failure.subject.split(", ")
    lines = Untrusted("build-args: " + ", ".join(f"{name}=…" for name in names), _MAX_LINE)
    options = Untrusted(" ".join(f"--build-arg {name}=…" for name in names), _MAX_LINE)
    return ("set ", lines, " (", options, "), or a default in the Dockerfile")


_FIXES: Mapping[FailureKind, Callable[[FailureCause], Phrase]] = {
    FailureKind.SECRET: _fix_secret,
    FailureKind.SSH: _fix_key,
    FailureKind.ARGUMENT: _fix_arguments,
    FailureKind.CONTEXT: _fix_context,
    FailureKind.LOGIN: _fix_login,
    FailureKind.LOGIN_REFUSED: _fix_refused_login,
}


def _name_cause(failure: FailureCause, image: ImageReport) -> Phrase:
    subject = Untrusted(failure.subject, _MAX_CHARACTERS)
    context = Untrusted(image.spec.context, _MAX_CHARACTERS)
    count = "s" if "," in failure.subject else ""
    texts: dict[FailureKind, Phrase] = {
        FailureKind.SECRET: ("needs the secret ", subject),
        FailureKind.SSH: ("needs the SSH key ", subject),
        FailureKind.ARGUMENT: (f"needs the build argument{count} ", subject),
        FailureKind.LOGIN: ("needs a login to ", subject),
        FailureKind.LOGIN_REFUSED: ("its login to ", subject, " is refused"),
        FailureKind.CONTEXT: (subject, " is not in its context ", context),
        FailureKind.IGNORED_FILE: ("git ignores ", subject),
        FailureKind.MISSING_FILE: (subject, " is not in its context ", context),
    }
    return texts.get(failure.kind, ())
