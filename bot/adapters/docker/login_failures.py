"""Builds that a registry refuses: whether there was a login, and where it is from."""

from collections.abc import Callable
from dataclasses import replace

from bot.adapters.registry.client_logins import Login
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure


def explain_login(failure: BuildFailure, find_login: Callable[[str], Login]) -> BuildFailure:
    """Return the refusal of a registry with the login that the build had for it.

    A build with a login needs another one, and not the same advice as a build without.
    """
    if failure.kind is not FailureKind.LOGIN or not failure.subject:
        return failure
    login = find_login(failure.subject)
    if login.credentials:
        words = f"it refuses the login from {login.origin}"
        return replace(
            failure, kind=FailureKind.LOGIN_REFUSED, reason=f"{failure.reason} ({words})"
        )
    words = login.problem or f"no login for {failure.subject} is known here"
    return replace(failure, reason=f"{failure.reason} ({words})")
