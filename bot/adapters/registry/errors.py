"""What a registry's refusal means, and what can be done about it."""

import json
import re
from typing import TypeVar

from requests import Response
from urllib3.exceptions import HTTPError

from bot.errors import RegistryError
from bot.image.archives.reference import ImageReference

_MAX_MESSAGE_BYTES = 64 * 1024

ErrorType = TypeVar("ErrorType", bound=RegistryError)


def make_registry_error(
    error_type: type[ErrorType],
    response: Response,
    reference: ImageReference,
    *,
    has_credentials: bool,
) -> ErrorType:
    """The error for an answer that is none; `known` says whether we had credentials."""
    what, fix = _explain_status(response, reference, has_credentials=has_credentials)
    return error_type(what, _read_reason(response), fix)


def _explain_status(
    response: Response, reference: ImageReference, *, has_credentials: bool
) -> tuple[str, str]:
    """What happened, and what to do."""
    host, status = reference.domain, response.status_code
    login = f"run `docker login {host}`, or check the name: what is private looks like this too"
    if status == 401 and has_credentials:
        return f"{host} does not accept the credentials for {reference.path}.", login
    if status == 401:
        return f"{host} shows {reference.path} to nobody without credentials.", login
    if status == 403:
        fix = "ask its owner for the right to pull it"
        return f"{host} does not allow us to read {reference.path}.", fix
    if status == 404:
        fix = "check the name and the tag; what is private may look absent without `docker login`"
        return f"{host} has no image {reference}.", fix
    if status == 429:
        fix = (
            f"try again {_format_retry_after(response)}; `docker login {host}` may raise the limit"
        )
        return f"{host} has been asked too often.", fix
    return f"{host} answers with status {status}.", "try again later"


def _read_reason(response: Response) -> str:
    """In the registry's words, if it has any; its limit where that was reached."""
    limit = response.headers.get("RateLimit-Limit", "")
    match = re.fullmatch(r"(\d+);w=(\d+)", limit)
    if match:
        return f"its limit is {match[1]} requests in {int(match[2]) / 3600:g} hours"
    return _read_message(response) or response.reason or ""


def _read_message(response: Response) -> str:
    try:
        document = json.loads(response.raw.read(_MAX_MESSAGE_BYTES, decode_content=True))
        words = [error.get("message") or error["code"] for error in document["errors"]]
    except (HTTPError, OSError, ValueError, LookupError, TypeError, AttributeError):
        return ""
    return "; ".join(map(str, words))[:500]


def _format_retry_after(response: Response) -> str:
    wait = response.headers.get("Retry-After", "")
    return f"in {wait} s" if wait.isdecimal() else f"after {wait}" if wait else "later"
