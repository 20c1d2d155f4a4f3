"""The reasons why an engine's socket does not answer, and what to do about each."""

from pathlib import Path

from bot.adapters.docker.engine_address import UNIX_SCHEME

_DEFAULT_SOCKET = Path("/var/run/docker.sock")
_START_ENGINE_FIX = "start Docker, or point DOCKER_HOST at an engine (`docker info` must answer)"
_MOUNT_FIX = (
    "mount the engine's socket into the container (the socket of a rootless engine is "
    "$XDG_RUNTIME_DIR/docker.sock on the runner; an action gets only /var/run/docker.sock)"
)


def find_connection_fix(host: str, why: str, default: Path = _DEFAULT_SOCKET) -> str:
    """Return what to do if no engine answers at an address; `why` is the error's text."""
    if not host.startswith(UNIX_SCHEME):
        return _START_ENGINE_FIX
    socket = Path(host.removeprefix(UNIX_SCHEME))
    if socket.is_dir():
        reason = "is a folder, which Docker mounts where the host has no such file"
        return f"{socket} {reason}: {_MOUNT_FIX}"
    if not socket.exists() and default.is_socket():
        return f"{socket} is not there, and {default} is: unset DOCKER_HOST, or {_MOUNT_FIX}"
    if "Permission denied" in why:
        return f"let this user use {socket}: run as its owner, or add the user to its group"
    return _START_ENGINE_FIX
