"""Whole answers of a server that may send without end, or a byte a minute."""

import json
import time
from dataclasses import dataclass
from typing import Any

from requests import Response

_PIECE_BYTES = 16 * 1024  # a piece may unpack to a thousand times its size


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """The bounds of a whole answer, in bytes and in seconds."""

    max_bytes: int
    time_s: float


class AnswerTooLarge(ValueError):
    """An answer that is larger than what was asked for can be."""


def read_answer(response: Response, limits: AnswerLimits) -> bytes:
    """Return the body of an answer.

    AnswerTooLarge or TimeoutError if it exceeds its bounds; OSError or urllib3's HTTPError if the
    connection breaks.
    """
    deadline = time.monotonic() + limits.time_s
    pieces, size = [], 0
    # One piece a system call: `read` would wait until it has all the bytes it asks for.
    while data := response.raw.read1(_PIECE_BYTES, decode_content=True):
        pieces.append(data)
        size += len(data)
        if size > limits.max_bytes:
            raise AnswerTooLarge(f"its answer has more than {limits.max_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError(f"its answer takes longer than {limits.time_s:g} s")
    return b"".join(pieces)


def read_json_answer(response: Response, limits: AnswerLimits) -> Any:
    """Return the JSON document of an answer; ValueError if it is none, or too deep."""
    try:
        return json.loads(read_answer(response, limits))
    except RecursionError as problem:
        raise ValueError("its answer is nested too deeply") from problem
