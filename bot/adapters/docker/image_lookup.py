"""One image of the engine, described without the Docker SDK.

Its own module, since the SDK takes a tenth of a second to import: too long for a run that only has
to learn that it has the report on this image already. Whatever this cannot do (another machine,
TLS, an engine that refuses), the SDK is left to do.
"""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bot.adapters.docker.engine_address import UNIX_SCHEME, find_engine_address
from bot.adapters.docker.engine_shapes import check_image
from bot.errors import EngineUnavailableError
from bot.image.archives.reference import is_reference

_TIMEOUT_S = 20  # as for a sign of life of the engine
_CHUNK_BYTES = 64 << 10
_MAX_ANSWER_BYTES = 8 << 20
# HTTP/1.0: the answer comes in one piece and ends with the connection.
_REQUEST = "GET /images/{}/json HTTP/1.0\r\nHost: docker\r\n\r\n"
_OK = re.compile(rb"HTTP/1\.[01] 200 ")


def look_up_image(environment: Mapping[str, str], reference: str) -> Mapping[str, Any] | None:
    """Return what the engine says of an image (ImageInspect); None if the SDK has to ask."""
    # As in `DockerEngine.find_image`: `../containers` would be another path of the API.
    if not is_reference(reference):
        return None
    try:
        host = find_engine_address(environment).host
        if not host.startswith(UNIX_SCHEME):
            return None
        answer = b"".join(_request(host.removeprefix(UNIX_SCHEME), quote(reference, safe="/:")))
        description = _parse_answer(answer)
        check_image(description)  # an object
    # ValueError and TypeError: an answer of another shape.
    except (EngineUnavailableError, OSError, ValueError, TypeError, RecursionError):
        return None
    return dict(description)


def _request(path: str, image: str) -> Iterator[bytes]:
    """Yield the pieces of the answer, within a bound."""
    remaining_bytes = _MAX_ANSWER_BYTES
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_TIMEOUT_S)
        connection.connect(path)
        connection.sendall(_REQUEST.format(image).encode())
        while remaining_bytes > 0 and (data := connection.recv(_CHUNK_BYTES)):
            remaining_bytes -= len(data)
            yield data


def _parse_answer(answer: bytes) -> Any:
    """Return the document of an answer; raise ValueError if it has none."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if not _OK.match(head):
        raise ValueError("the engine does not describe the image")
    return json.loads(body)
