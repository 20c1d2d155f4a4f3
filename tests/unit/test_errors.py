"""Reasons of errors, as a person reads them."""

import errno
import http.client
import os
import re
from collections.abc import Callable

import docker.errors
import pytest
import requests
import urllib3.exceptions
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import describe_cause
from bot.image.layers.streams import Unreadable

NUMBERS = st.sampled_from(sorted(errno.errorcode))
Wrapper = Callable[[Exception], Exception]
WRAPPERS: tuple[Wrapper, ...] = (
    lambda cause: urllib3.exceptions.ProtocolError("Connection aborted.", cause),
    lambda cause: urllib3.exceptions.MaxRetryError(None, "/", cause),  # type: ignore[arg-type]
    requests.ConnectionError,
    lambda cause: _raise_from(docker.errors.DockerException(f"failed: {cause!r}"), cause),
)


def _raise_from(problem: Exception, cause: Exception) -> Exception:
    problem.__cause__ = cause
    return problem


@given(number=NUMBERS, path=st.none() | st.text(min_size=1))
def test_an_error_of_the_system_is_words_and_a_path(number: int, path: str | None) -> None:
    words = os.strerror(number)
    problem = OSError(number, words, path)
    assert describe_cause(problem) == (f"{path!r}: {words}" if path else words)


@given(number=NUMBERS, wrappers=st.lists(st.sampled_from(WRAPPERS)))
def test_what_libraries_wrap_around_it_is_left_out(number: int, wrappers: list[Wrapper]) -> None:
    problem: Exception = OSError(number, os.strerror(number))
    for wrap in wrappers:
        problem = wrap(problem)
    assert describe_cause(problem) == os.strerror(number)
    assert not re.search(r"Errno|Error\(|object at 0x", describe_cause(problem))


@pytest.mark.parametrize(
    "problem", [ValueError("too long"), OSError("too long"), http.client.HTTPException("too long")]
)
def test_other_errors_keep_their_words(problem: Exception) -> None:
    assert describe_cause(problem) == "too long"


def test_words_of_our_own_stay() -> None:
    problem = _raise_from(
        Unreadable("the layer ends early"), OSError(errno.EIO, "Input/output error")
    )
    assert describe_cause(problem) == "the layer ends early"


def test_an_error_that_is_its_own_cause_ends() -> None:
    problem = ValueError("odd")
    problem.__cause__ = problem
    assert describe_cause(problem) == "odd"
