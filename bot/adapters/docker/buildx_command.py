"""Calls of `docker buildx`, each in an empty working directory.

Buildx takes a context that it cannot parse as an address for a path, relative to its working
directory: in an empty folder such a path leads to nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.adapters.process import ProcessResult, run_program
from bot.adapters.temporary_folders import temporary_folder

_NOT_STARTED = 126  # as a shell has it
# Folders and files that a caller may name relative to the working directory of this process.
_PATH_VARIABLES = (
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "BUILDX_CONFIG",
    "HOME",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
)


def run_buildx(
    docker: str,
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    timeout_s: float,
    on_line: Callable[[str], None] = lambda line: None,
    on_start: Callable[[Callable[[], None]], object] = lambda kill: None,
) -> ProcessResult:
    """Run buildx to its end; all paths among the arguments are absolute.

    Where the system does not start it, as with too many arguments, the result says so as buildx
    says what fails.
    """
    with temporary_folder() as folder:
        try:
            return run_program(
                [Path(docker).absolute(), "buildx", *arguments],
                _make_absolute(environment),
                timeout_s=timeout_s,
                on_line=on_line,
                on_start=on_start,
                folder=folder,
            )
        except (OSError, ValueError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else problem
            line = f"ERROR: docker buildx could not be started: {reason}"
            return ProcessResult(_NOT_STARTED, b"", (line,))


def _make_absolute(environment: Mapping[str, str]) -> dict[str, str]:
    paths = {name: environment[name] for name in _PATH_VARIABLES if environment.get(name)}
    return {**environment, **{name: str(Path(path).absolute()) for name, path in paths.items()}}
