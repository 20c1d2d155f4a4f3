"""Errors that the SDK and its libraries raise become one of two."""

import http.client

import docker.errors
import pytest
import requests
import urllib3.exceptions

from bot.adapters.docker.engine_errors import EngineFailure, engine_errors
from bot.errors import EngineUnavailableError, InputError


@pytest.mark.parametrize(
    "problem",
    [
        requests.ConnectionError("refused"),
        requests.Timeout("slow"),
        urllib3.exceptions.ProtocolError("broken"),
        http.client.RemoteDisconnected("closed"),
        ConnectionResetError("reset"),
        BrokenPipeError("broken"),
    ],
)
def test_a_broken_connection_is_an_engine_that_is_gone(problem: Exception) -> None:
    with (
        pytest.raises(EngineUnavailableError, match="when it was asked to tag x:1"),
        engine_errors("tag x:1"),
    ):
        raise problem


@pytest.mark.parametrize(
    "problem",
    [
        docker.errors.APIError("500", explanation="out of luck"),
        docker.errors.NotFound("404", explanation="out of luck"),
        docker.errors.DockerException("out of luck"),
    ],
)
def test_a_refusal_keeps_the_words_of_the_engine(problem: Exception) -> None:
    with (
        pytest.raises(EngineFailure, match="could not tag x:1: out of luck"),
        engine_errors("tag x:1"),
    ):
        raise problem


@pytest.mark.parametrize(
    "problem",
    [
        requests.JSONDecodeError("no JSON", "<html>", 0),
        TypeError("list indices must be integers"),
        KeyError("Id"),
        RecursionError("nested too deeply"),
    ],
)
def test_an_answer_of_another_shape_is_a_failure(problem: Exception) -> None:
    with (
        pytest.raises(EngineFailure, match="its answer is not that of a Docker Engine"),
        engine_errors("tag x:1"),
    ):
        raise problem


@pytest.mark.parametrize("problem", [InputError("no such image"), FileNotFoundError("/a")])
def test_errors_of_our_own_pass(problem: Exception) -> None:
    with pytest.raises(type(problem)), engine_errors("tag x:1"):
        raise problem
