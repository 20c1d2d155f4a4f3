"""Credential helpers: programs such as `docker-credential-gcloud`, which know logins by server."""

import json
from collections.abc import Mapping

from docker import auth
from docker.credentials.constants import PROGRAM_PREFIX

from bot.adapters.environment import find_program
from bot.adapters.process import run_program
from bot.adapters.registry.login_entries import Credentials

_TIMEOUT_S = 60
_HAS_NONE = "credentials not found"  # in the message of docker-credential-helpers
_MAX_WORDS = 200  # characters of a helper's message


class HelperMissing(Exception):
    """A helper that is not installed; the message is the name of the program."""


def has_helper(name: str, environment: Mapping[str, str]) -> bool:
    """Return True if a helper is installed."""
    return find_program(f"{PROGRAM_PREFIX}{name}", environment) is not None


def ask_helper(name: str, server: str, environment: Mapping[str, str]) -> Credentials | None:
    """Ask a helper; None if it has no login, HelperMissing if there is no such program.

    ValueError if its answer is none. Not through the Docker SDK, which lets a helper
    write to our standard error, and for ever.
    """
    program = f"{PROGRAM_PREFIX}{name}"
    path = find_program(program, environment)
    if path is None:
        raise HelperMissing(program)
    # The protocol of docker-credential-helpers: the server on standard input, JSON as the answer.
    result = run_program([path, "get"], environment, stdin=server.encode(), timeout_s=_TIMEOUT_S)
    if result.status:
        if _HAS_NONE in result.text:
            return None
        words = result.text[:_MAX_WORDS] or "\n".join(result.stderr_lines[-3:])
        raise ValueError(f"{program} failed: {words or 'it says nothing'}")
    return parse_answer(result.stdout)


def parse_answer(text: str | bytes) -> Credentials:
    """Return the credentials of a helper's answer; ValueError if it has none."""
    try:
        answer = json.loads(text)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, LookupError, TypeError, RecursionError) as problem:
        # Without the words of the problem, which quote the answer.
        raise ValueError("its answer has no Username and Secret") from problem
    # `<token>` in place of a name says that the secret is an identity token.
    if username == auth.TOKEN_USERNAME:
        return Credentials(identity_token=secret)
    return Credentials(username, secret)
