"""A blob as a stream: the length that a registry states."""

from io import BytesIO
from threading import Event

import pytest
from requests import Response

from bot.adapters.registry.resumable_body import ResumableBody
from bot.image.layers.streams import Unreadable


@pytest.mark.parametrize("length", ["4", "6", "05000", "9" * 5000])
def test_a_stated_length_that_is_not_the_manifests_is_refused(length: str) -> None:
    response = Response()
    response.status_code = 200
    response.headers["Content-Length"] = length
    response.raw = BytesIO(b"bytes")  # which the body closes with the connection
    body = ResumableBody(lambda offset: response, 5, Event())
    with pytest.raises(Unreadable, match="bytes where its manifest says 5"):
        body.read(5)
