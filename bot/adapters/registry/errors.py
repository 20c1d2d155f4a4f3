"""Errors for a registry's refusals: what it means, and what to do."""

import re
from typing import TypeVar

from requests import Response
from urllib3.exceptions import HTTPError

from bot.adapters.registry.bounded_answer import AnswerLimits, read_json_answer
from bot.errors import RegistryError
from bot.image.archives.reference import ImageReference

_MESSAGE_LIMITS = AnswerLimits(max_bytes=64 * 1024, time_s=10)

ErrorType = TypeVar("ErrorType", bound=RegistryError)


def make_registry_error(
    error_type: type[ErrorType],
    response: Response,
    reference: ImageReference,
    *,
    has_credentials: bool,
) -> ErrorType:
    """Return the error for a refusal; `has_credentials` if some were sent."""
    what, fix = _explain_status(response, reference, has_credentials=has_credentials)
    error = error_type(what, _read_reason(response), fix)
    error.status = response.status_code
    return error


def _explain_status(
    response: Response, reference: ImageReference, *, has_credentials: bool
) -> tuple[str, str]:
    """Return what happened and what to do."""
    host, status = reference.domain, response.status_code
    login = (
        f"run `docker login {host}` (in a workflow set registry-auth or DOCKER_AUTH_CONFIG), or "
        "check the name: a name that does not exist gets the same answer"
    )
    if status == 401 and has_credentials:
        return f"{host} does not accept the credentials for {reference.path}.", login
    if status == 401:
        return f"{host} requires credentials for {reference.path}.", login
    if status == 403:
        fix = "ask its owner for permission to pull it"
        return f"{host} denies access to {reference.path}.", fix
    if status == 404:
        fix = "check the name and the tag; a private image looks missing without `docker login`"
        return f"{host} has no image {reference}.", fix
    if status == 429:
        fix = (
            f"try again {_format_retry_after(response)}; `docker login {host}` may raise the limit"
        )
        return f"{host} got too many requests.", fix
    return f"{host} answers with status {status}.", "try again later"


def _read_reason(response: Response) -> str:
    """Return the registry's own reason, or its limit where that was reached."""
    limit = response.headers.get("RateLimit-Limit", "")
    # Docker Hub: `RateLimit-Limit: 100;w=21600`, a number and the seconds that it is for.
    match = re.fullmatch(r"([0-9]{1,12});w=([0-9]{1,12})", limit)
    if match:
        return f"its limit is {match[1]} requests in {int(match[2]) / 3600:g} hours"
    return _read_message(response) or response.reason or ""


def _read_message(response: Response) -> str:
    try:
        document = read_json_answer(response, _MESSAGE_LIMITS)
        # The form of errors of the distribution specification: `code` is required, `message` is
        # not.
        words = [error.get("message") or error["code"] for error in document["errors"]]
    except (HTTPError, OSError, ValueError, LookupError, TypeError, AttributeError):
        return ""
    return "; ".join(map(str, words))[:500]


def _format_retry_after(response: Response) -> str:
    wait = response.headers.get("Retry-After", "")
    return f"in {wait} s" if wait.isdecimal() else f"after {wait}" if wait else "later"
