"""Answers of credential helpers that are installed on another machine than this program's.

The form of the action that runs on the host starts a container, which has no helper of the
machine. So `host/run` asks them there, about what is listed here, and hands the answers on in a
variable; they become part of DOCKER_AUTH_CONFIG, behind what is there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.docker.client_config import find_config_path, parse_config_document
from bot.adapters.registry.client_logins import AUTH_VARIABLE
from bot.adapters.registry.credential_helpers import parse_answer
from bot.adapters.registry.login_entries import HUB_SERVER, make_entry
from bot.errors import InputError

# Its prefix is one that no program gets that is started here.
ANSWERS_VARIABLE = "INPUT_HELPER_ANSWERS"


def list_questions(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return what to ask helpers: `get HELPER SERVER`, and `list HELPER` for all it has.

    A file that cannot be read is reported by the review, where its logins are needed.
    """
    document = _read_config(environment)
    helpers, auths = (_get_object(document, name) for name in ("credHelpers", "auths"))
    store = document.get("credsStore")
    pairs = [(helper, server) for server, helper in helpers.items()]
    if store:
        # With `credsStore`, docker leaves an empty entry in `auths` for each login that the store
        # has.
        pairs += [(store, server) for server in {HUB_SERVER, *auths} - {*helpers}]
    lines = [f"get {helper} {server}" for helper, server in pairs if helper]
    lines += [f"list {store}"] if store else []
    return tuple(sorted(line for line in lines if _has_plain_words(line)))


def add_answers(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return an environment with the logins that helpers have answered.

    InputError if the variable DOCKER_AUTH_CONFIG is there and cannot be read.
    """
    answers = dict(_read_answers(environment.get(ANSWERS_VARIABLE, "")))
    if not answers:
        return environment
    text = environment.get(AUTH_VARIABLE, "").strip()
    try:
        document = dict(parse_config_document(text.encode())) if text else {}
        # What the user has set by hand wins over a helper.
        auths = {**answers, **_get_object(document, "auths")}
    except ValueError as problem:
        what = f"The variable {AUTH_VARIABLE} cannot be read."
        raise InputError(what, str(problem), "correct it, or unset it") from None
    return {**environment, AUTH_VARIABLE: json.dumps({**document, "auths": auths})}


def _read_answers(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield server and entry of each line `SERVER ANSWER`; what is no answer holds no login."""
    for line in text.splitlines():
        server, _, answer = line.partition(" ")
        try:
            yield server, make_entry(parse_answer(answer))
        except ValueError:
            continue


def _read_config(environment: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        return parse_config_document(find_config_path(environment).read_bytes())
    except (OSError, ValueError):
        return {}


def _has_plain_words(line: str) -> bool:
    """Return True if a shell reads the words of a line as they are meant."""
    return re.fullmatch(r"(get [\w.-]+ [!-~]+|list [\w.-]+)", line) is not None


def _get_object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name) or {}
    return value if isinstance(value, dict) else {}
