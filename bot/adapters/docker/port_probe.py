"""Port probe: a container's network seen from a second container that shares it.

The HTTP client is any that the second container has; the first needs none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPException

import docker
from docker.errors import APIError
from requests import RequestException
from urllib3.exceptions import HTTPError

from bot.adapters.docker.container_output import read_command_output
from bot.adapters.docker.engine_errors import describe_refusal
from bot.model.container_run import PortResponse
from bot.model.start_settings import LOCAL_NAME

# TCP_LISTEN of the kernel (include/net/tcp_states.h), in hexadecimal.
_LISTEN_STATE = "0A"
# With the shell's own `read` and `echo`: an image with a shell need not have `cat`.
_READ_TABLES_COMMAND = (
    "for table in /proc/net/tcp /proc/net/tcp6; do"
    ' [ ! -r $table ] || while read -r line; do echo "$line"; done < $table; done'
)
_TABLE_HEADER, _NO_TOOL_STATUS = "local_address", 9
# What the tables and an answer are read from is the image's own shell, which may print anything.
_PORT = re.compile(r"[0-9A-F]{4}")
_STATUS = re.compile(r"[0-9]{3}")
_REQUEST_TIMEOUT_S = 3
_MAX_RESPONSE_BYTES = 4 << 20
_MAX_BODY_BYTES = 64 << 10  # bytes of a body that are compared
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/-]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9.-]+")
# Sent with the first tool that exists: all of them print the raw answer. HTTP/1.0 has no chunks.
_HTTP_REQUEST = r"GET {path} HTTP/{version}\r\nHost: {name}\r\nAccept: */*\r\nUser-Agent: probe\r\n"
_ENDS_OF_REQUESTS = {"1.0": r"\r\n", "1.1": r"Connection: close\r\n\r\n"}
_PERL_CLIENT = (
    "use IO::Socket::INET;$SIG{ALRM}=sub{exit};alarm %(wait)d;$|=1;"
    '$s=IO::Socket::INET->new(PeerAddr=>"%(host)s",PeerPort=>%(port)d,Timeout=>%(wait)d) or exit 7;'
    'print $s "%(request)s";while(sysread($s,$b,65536)){print $b}'
)
_PYTHON_CLIENT = (
    "import socket,sys\n"
    'try: s=socket.create_connection(("%(host)s",%(port)d),%(wait)d)\n'
    "except OSError: sys.exit(7)\n"
    's.sendall(b"%(request)s")\n'
    "try:\n"
    " while True:\n"
    "  d=s.recv(65536)\n"
    "  if not d: break\n"
    "  sys.stdout.buffer.write(d)\n"
    "except OSError: pass"
)
_NODE_CLIENT = (
    'const s=require("net").connect(%(port)d,"%(host)s");'
    "s.setTimeout(%(wait)d000,()=>process.exit());"
    's.on("error",()=>process.exit(7));s.on("data",d=>process.stdout.write(d));'
    's.on("close",()=>process.exit());s.write("%(request)s")'
)
_PHP_CLIENT = (
    '$s=@fsockopen("%(host)s",%(port)d,$n,$t,%(wait)d) or exit(7);stream_set_timeout($s,%(wait)d);'
    'fwrite($s,"%(request)s");'
    'while(!feof($s)){$d=fread($s,65536);if($d===false||$d==="")break;echo $d;}'
)
_RUBY_CLIENT = (
    'require "socket";require "timeout";begin;Timeout.timeout(%(wait)d){'
    's=TCPSocket.new("%(host)s",%(port)d);s.write("%(request)s");'
    "loop{print s.readpartial(65536)}};rescue EOFError,Timeout::Error;"
    "rescue SystemCallError;exit 7;end"
)
_REQUEST_SCRIPT = r"""
have() { command -v "$1" >/dev/null 2>&1; }
if have perl && perl -MIO::Socket::INET -e 1 2>/dev/null; then perl -e '%(perl)s'
elif have python3; then python3 -c '%(python)s'
elif have node; then node -e '%(node)s'
elif have bash && have timeout; then
  timeout %(wait)d bash -c \
    'exec 3<>/dev/tcp/%(host)s/%(port)d || exit 7; printf "%(request)s" >&3; cat <&3'
elif have curl; then curl -s -i -H "Host: %(name)s" --http%(version)s --max-time %(wait)d http://%(url)s:%(port)d%(path)s
elif have php; then php -r '%(php)s'
elif have ruby; then ruby -e '%(ruby)s'
elif have nc; then printf '%(request)s' | nc -w %(wait)d %(host)s %(port)d
elif have busybox; then printf '%(request)s' | busybox nc -w %(wait)d %(host)s %(port)d
else exit 9
fi
"""
_SHAPE_ERRORS = (KeyError, TypeError, ValueError)  # an answer that is none of the API's
# 127.0.0.1, ::1 and ::ffff:127.0.0.1, in words of four bytes in the machine's (little-endian)
# order, as the kernel prints them.
_LOOPBACK_ADDRESSES = (
    "0100007F",
    "00000000000000000000000001000000",
    "0000000000000000FFFF00000100007F",
)

PortObservation = tuple[Sequence[int], Sequence[int], Mapping[int, PortResponse]]


class CannotProbe(OSError):
    """A container that cannot be probed; the message has the reason."""


class ProbeRefused(CannotProbe):
    """A probe that failed this time, which says nothing about the next."""


class PortProbe:
    """A running container from which ports are probed."""

    def __init__(self, client: docker.DockerClient, container_id: str) -> None:
        """Take a container that has a shell."""
        self._client, self._container_id = client, container_id

    @property
    def container_id(self) -> str:
        """The container from which ports are requested."""
        return self._container_id

    def list_ports(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the listening TCP ports, and those on loopback alone.

        Raises ProbeRefused where the kernel's tables cannot be read.
        """
        tables, _ = self._run_command(_READ_TABLES_COMMAND)
        text = tables.decode(errors="replace")
        if _TABLE_HEADER not in text:
            raise ProbeRefused("its ports cannot be read from a second container")
        return parse_listening_ports(text)

    def http_get(self, port: int, path: str = "/", name: str = LOCAL_NAME) -> PortResponse:
        """Return a port's response to a GET request, which calls the server by a name.

        Raises CannotProbe if there is no client, ProbeRefused if it could not be started.
        """
        response = self._request(port, path, name, "1.0")
        # As servers do that speak only WebSockets.
        is_refused = response.status == HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
        return self._request(port, path, name, "1.1") if is_refused else response

    def _request(self, port: int, path: str, name: str, version: str) -> PortResponse:
        # A server may listen on IPv6 alone.
        scripts = [
            make_request_script(port, host, path, version, name) for host in ("127.0.0.1", "::1")
        ]
        output, status = self._run_command(scripts[0])
        if status == _NO_TOOL_STATUS:
            raise CannotProbe("the image has no HTTP client to probe a port with")
        return parse_response(output or self._run_command(scripts[1])[0])

    def _run_command(self, command: str) -> tuple[bytes, int]:
        """Return a command's output and exit status; raise ProbeRefused if it cannot be run.

        An engine under load refuses an `exec` now and then. That is no answer of the container.
        """
        api = self._client.api
        try:
            exec_instance = api.exec_create(
                self._container_id, ["/bin/sh", "-c", command], user="0", stderr=False
            )
            output = read_command_output(api, exec_instance["Id"], _MAX_RESPONSE_BYTES)
            return output, int(api.exec_inspect(exec_instance["Id"]).get("ExitCode") or 0)
        except (APIError, RequestException, HTTPError, HTTPException, *_SHAPE_ERRORS) as problem:
            reason = describe_refusal(problem)
            raise ProbeRefused(f"the engine runs no command beside it: {reason}") from problem


def make_request_script(
    port: int, host: str, path: str = "/", version: str = "1.0", name: str = LOCAL_NAME
) -> str:
    """Return the shell script that requests a path of a port in a version of HTTP.

    Port and host need no quotes: both are ours. The path and the server's name are what an
    application's sources say, so they must be of letters that no shell, program or format string
    takes for anything else.
    """
    if not _PLAIN_PATH.fullmatch(path):
        raise ValueError(f"{path!r} is not a plain path")
    if not _PLAIN_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a plain name of a host")
    first_lines = _HTTP_REQUEST.format(path=path, name=name, version=version)
    request = first_lines + _ENDS_OF_REQUESTS[version]
    values = {"port": port, "host": host, "wait": _REQUEST_TIMEOUT_S, "request": request}
    values |= {"version": version, "name": name}
    values |= {"url": f"[{host}]" if ":" in host else host, "path": path}
    parts = {
        "perl": _PERL_CLIENT,
        "python": _PYTHON_CLIENT,
        "node": _NODE_CLIENT,
        "php": _PHP_CLIENT,
        "ruby": _RUBY_CLIENT,
    }
    return _REQUEST_SCRIPT % {**values, **{name: part % values for name, part in parts.items()}}


def parse_listening_ports(tables: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Parse /proc/net/tcp and tcp6: listening ports, and those on loopback alone."""
    open_ports, loopback_ports = set[int](), set[int]()
    for line in tables.splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[3] == _LISTEN_STATE and ":" in fields[1]:
            address, _, port = fields[1].rpartition(":")
            if _PORT.fullmatch(port):
                ports = loopback_ports if address in _LOOPBACK_ADDRESSES else open_ports
                ports.add(int(port, 16))
    return tuple(sorted(open_ports)), tuple(sorted(loopback_ports - open_ports))


def parse_response(response: bytes) -> PortResponse:
    """Parse status, content type, length and location of an HTTP response."""
    head, _, body = response.partition(b"\r\n\r\n")
    lines = head.decode(errors="replace").split("\r\n")
    words = lines[0].split()
    if not lines[0].startswith("HTTP/") or len(words) < 2 or not _STATUS.fullmatch(words[1]):
        return PortResponse(None, body_bytes=len(response))
    fields = (line.partition(":") for line in lines[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    text = body[:_MAX_BODY_BYTES].decode(errors="replace")
    return PortResponse(
        int(words[1]),
        headers.get("content-type", ""),
        len(body),
        body=text,
        location=headers.get("location", ""),
    )


def mark_varying(previous: PortResponse | None, current: PortResponse) -> PortResponse:
    """Return a response that knows whether its length varies."""
    if previous is None or previous.status != current.status:
        return current
    return replace(current, varies=previous.varies or previous.body_bytes != current.body_bytes)


def is_stable(previous: PortObservation, current: PortObservation) -> bool:
    """Return True if two observations agree, apart from the length of responses."""
    return previous[:2] == current[:2] and _list_statuses(previous) == _list_statuses(current)


def _list_statuses(observation: PortObservation) -> dict[int, int | None]:
    return {key: answer.status for key, answer in observation[2].items()}
