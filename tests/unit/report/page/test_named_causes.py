from dataclasses import replace

import pytest

from bot.model.comparison import Comparison
from bot.model.failures import FailureCause, FailureKind
from bot.model.report import ImageReport, ImageState, Outcome
from bot.model.spec import ImageSpec
from bot.report.page.build_failures import explain_failure
from bot.report.page.named_causes import describe_cause, name_fix
from bot.report.page.page_model import Phrase, Untrusted


def read(phrase: Phrase) -> str:
    return "".join(part.text if isinstance(part, Untrusted) else str(part) for part in phrase)


def make_image(failure: FailureCause | None, reason: str = "a reason") -> ImageReport:
    spec = ImageSpec("api", "api/Dockerfile", "api")
    state, nothing = ImageState.HEAD_BUILD_FAILED, Comparison(None, None)
    return ImageReport(spec, state, Outcome.ERROR, nothing, reason=reason, failure=failure)


@pytest.mark.parametrize(
    ("kind", "subject", "cause", "fix"),
    [
        (
            FailureKind.SECRET,
            "npm-token",
            "needs the secret npm-token",
            "pass the secret: secret-envs: npm-token=NPM_TOKEN in the workflow, or "
            "--secret id=npm-token,env=NPM_TOKEN",
        ),
        (FailureKind.SECRET, "", "needs a secret", ""),
        (
            FailureKind.SSH,
            "default",
            "needs the SSH key default",
            "pass a key or an agent: ssh: default in the workflow, or --ssh default",
        ),
        (
            FailureKind.ARGUMENT,
            "REGISTRY, TAG",
            "needs the build arguments REGISTRY, TAG",
            "set build-args: REGISTRY=…, TAG=… (--build-arg REGISTRY=… --build-arg TAG=…), or a "
            "default in the Dockerfile",
        ),
        (FailureKind.IGNORED_FILE, "target/a.jar", "git ignores target/a.jar", ""),
        (FailureKind.MISSING_FILE, "a", "a is not in its context api", ""),
        (FailureKind.DISK, "", "the disk is full", ""),
        (FailureKind.INSTRUCTION, "", "a reason", ""),
    ],
)
def test_a_cause_says_what_is_missing_and_what_to_write(
    kind: FailureKind, subject: str, cause: str, fix: str
) -> None:
    failure = FailureCause(kind, subject=subject)
    assert read(describe_cause(make_image(failure))) == cause
    assert read(name_fix(failure)) == fix


def test_the_right_context_is_named() -> None:
    failure = FailureCause(FailureKind.CONTEXT, subject="libs", folder=".")
    assert read(describe_cause(make_image(failure))) == "libs is not in its context api"
    expected = "set context: . of this image in .github/image-size.yml, or --context ."
    assert read(name_fix(failure)) == expected


def test_a_private_base_names_its_registry() -> None:
    failure = FailureCause(FailureKind.LOGIN, subject="ghcr.io")
    assert read(name_fix(failure)).startswith("log in to ghcr.io: add the lines below")


def test_a_refused_login_needs_no_other_lines() -> None:
    failure = FailureCause(FailureKind.LOGIN_REFUSED, subject="ghcr.io")
    assert read(describe_cause(make_image(failure))) == "its login to ghcr.io is refused"
    assert read(name_fix(failure)).startswith("the login for ghcr.io is refused: renew it")


def test_a_command_that_fails_is_shown_by_its_status() -> None:
    reason = 'process "/bin/sh -c make" did not complete successfully: exit code: 2'
    image = make_image(FailureCause(FailureKind.INSTRUCTION), reason)
    assert read(describe_cause(image)) == "a command ends with status 2"


def test_the_reason_of_a_failed_command_is_its_status() -> None:
    """The line that failed and the log have the command, which may be long."""
    reason = 'process "/bin/sh -c make" did not complete successfully: exit code: 2'
    image = replace(
        make_image(FailureCause(FailureKind.INSTRUCTION), reason), log=("#9 1.2 error: no rule",)
    )
    assert read(explain_failure(image, ())).endswith("fails: error: no rule (exit status 2)")
    assert read(explain_failure(replace(image, log=()), ())).endswith("fails: exit status 2")
