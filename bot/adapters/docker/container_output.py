"""The output of containers, and of commands in them, with its response closed.

The SDK's own streams close the socket below a response and never the response, which Python 3.13
reports when it is collected.
"""

from collections.abc import Iterator

import docker
from docker.errors import create_api_error_from_http_exception
from requests import HTTPError, Response

# Of each frame: the stream, three zeros, the length. Containers without a terminal have frames.
# https://docs.docker.com/reference/api/engine/ (attach to a container, stream format)
_HEADER_BYTES = 8
_LENGTH_START = 4
_CHUNK_BYTES = 64 << 10


def read_logs(api: docker.APIClient, container_id: str, max_bytes: int) -> bytes:
    """Return the beginning of what a container has printed, its errors included."""
    url = _make_url(api, f"/containers/{container_id}/logs")
    parameters = {"stdout": 1, "stderr": 1}
    return _read(api.get(url, params=parameters, stream=True, timeout=api.timeout), max_bytes)


def read_command_output(api: docker.APIClient, exec_id: str, max_bytes: int) -> bytes:
    """Run a command that was created in a container; return the beginning of what it prints."""
    url = _make_url(api, f"/exec/{exec_id}/start")
    options = {"Tty": False, "Detach": False}
    return _read(api.post(url, json=options, stream=True, timeout=api.timeout), max_bytes)


def _read(response: Response, max_bytes: int) -> bytes:
    output = bytearray()
    with response:
        try:
            response.raise_for_status()
        except HTTPError as problem:
            create_api_error_from_http_exception(problem)
        for content in _iter_frames(response):
            output += content
            if len(output) >= max_bytes:
                break
    return bytes(output[:max_bytes])


def _make_url(api: docker.APIClient, path: str) -> str:
    return f"{api.base_url}/v{api.api_version}{path}"


def _iter_frames(response: Response) -> Iterator[bytes]:
    """Yield the content of each frame; the last one may be cut."""
    data = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        data += chunk
        while len(data) >= _HEADER_BYTES:
            # The length is of four bytes, big-endian, behind the stream's number and three zeros.
            end = _HEADER_BYTES + int.from_bytes(data[_LENGTH_START:_HEADER_BYTES], "big")
            if len(data) < end:
                break
            yield bytes(data[_HEADER_BYTES:end])
            del data[:end]
    if len(data) > _HEADER_BYTES:
        yield bytes(data[_HEADER_BYTES:])
