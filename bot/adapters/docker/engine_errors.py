"""Errors of the connection between this program and an engine, as two kinds of our own.

The SDK lets through what requests, urllib3 and its own parser raise. Callers know only these: an
engine that is gone (EngineUnavailableError), and one that refuses or answers nonsense
(EngineFailure).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from docker.errors import APIError, DockerException
from requests import ConnectionError as RequestConnectionError
from requests import RequestException, Timeout
from urllib3.exceptions import HTTPError

from bot.errors import EngineUnavailableError, ReviewError, describe_cause

ENGINE_GONE_FIX = "`docker info` must answer; see the engine's log, then run this again"
# An answer of another shape than the API's: no JSON, or too deep, a list for an object, a missing
# field.
_SHAPE_ERRORS = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
# All that using an engine raises, by the SDK or as one of ours.
ENGINE_ERRORS = (APIError, DockerException, RequestException, HTTPError, OSError, ReviewError)
_MAX_WORDS = 500  # characters of an answer that is quoted


class EngineFailure(OSError):
    """A request that the engine refused, or answered with nonsense; the message has its words."""


@contextmanager
def engine_errors(action: str) -> Iterator[None]:
    """Turn every error of a request into one of ours; `action` is a verb, as in `tag app:1`."""
    try:
        yield
    # Before the others: EngineFailure is an OSError, and has been explained already.
    except (EngineFailure, EngineUnavailableError, FileNotFoundError):
        raise
    except APIError as problem:
        raise EngineFailure(
            f"the engine could not {action}: {describe_refusal(problem)}"
        ) from problem
    except (RequestConnectionError, Timeout, HTTPError, HTTPException, ConnectionError) as problem:
        raise make_gone_error(action, problem) from problem
    except DockerException as problem:
        raise EngineFailure(
            f"the engine could not {action}: {describe_cause(problem)}"
        ) from problem
    except (RequestException, *_SHAPE_ERRORS) as problem:
        raise EngineFailure(
            f"the engine could not {action}: its answer is not that of a Docker Engine "
            f"({type(problem).__name__})"
        ) from problem


def make_gone_error(action: str, problem: Exception) -> EngineUnavailableError:
    """Return the error for an engine that answered before and does not any more."""
    return EngineUnavailableError(
        f"The Docker Engine stopped answering when it was asked to {action}.",
        describe_cause(problem),
        ENGINE_GONE_FIX,
    )


def describe_refusal(problem: Exception) -> str:
    """Return the engine's own words, or those of the exception."""
    words = str(getattr(problem, "explanation", None) or problem).strip()
    return words[:_MAX_WORDS]
