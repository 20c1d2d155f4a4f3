"""Refusals of registries, with and without a login."""

import pytest

from bot.adapters.docker.login_failures import explain_login
from bot.adapters.registry.client_logins import Login
from bot.adapters.registry.login_entries import Credentials
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure

ANN = Credentials("ann", "x")


@pytest.mark.parametrize(
    ("login", "kind", "words"),
    [
        (Login(), FailureKind.LOGIN, "no login for ghcr.io is known here"),
        (Login(problem="it is empty"), FailureKind.LOGIN, "it is empty"),
        (Login(ANN, "the input"), FailureKind.LOGIN_REFUSED, "it refuses the login from the input"),
    ],
)
def test_a_refusal_says_which_login_there_was(login: Login, kind: FailureKind, words: str) -> None:
    failure = BuildFailure("401 Unauthorized", kind=FailureKind.LOGIN, subject="ghcr.io")
    explained = explain_login(failure, lambda host: login)
    assert (explained.kind, explained.reason) == (kind, f"401 Unauthorized ({words})")


@pytest.mark.parametrize(
    "failure",
    [
        BuildFailure("npm error code E401", kind=FailureKind.LOGIN),
        BuildFailure("no such file", kind=FailureKind.MISSING_FILE, subject="x"),
    ],
)
def test_other_failures_stay(failure: BuildFailure) -> None:
    assert explain_login(failure, lambda host: Login(ANN, "x")) is failure
