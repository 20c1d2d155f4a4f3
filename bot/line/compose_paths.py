"""The compose files that `.env` at the top names, as docker compose finds them.

`COMPOSE_FILE` has paths, with `COMPOSE_PATH_SEPARATOR` between them. Compose's own reader of such
files is in bake: it prints the values of a build that takes them as arguments.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from bot.project.bake_document import parse_bake_document
from bot.project.compose_file import BuildFileMistake, resolve_path

VARIABLES_NAME = ".env"
_PATHS, _SEPARATOR = "COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR"
_DEFAULT_SEPARATOR = ":"  # of Linux, where jobs run
_PROBE_NAME = "compose.yaml"
_ARGUMENTS = {name: f"${{{name}-}}" for name in (_PATHS, _SEPARATOR)}
_PROBE = {"services": {"files": {"build": {"context": ".", "args": _ARGUMENTS}}}}

# Prints the targets of some files, by a folder and the names of those to read.
PrintTargets = Callable[[Mapping[str, bytes], str, Sequence[str]], bytes]


def read_compose_paths(variables: bytes, print_targets: PrintTargets) -> tuple[str, ...]:
    """Return the paths in the repository that the content of `.env` names; empty if it names none.

    BuildFileMistake for a file that compose cannot read, and for a path that leads elsewhere.
    """
    # Nearly every `.env` is without it, and needs no process of bake.
    if _PATHS.encode() not in variables:
        return ()
    files = {VARIABLES_NAME: variables, _PROBE_NAME: json.dumps(_PROBE).encode()}
    (target,) = parse_bake_document(print_targets(files, ".", [_PROBE_NAME]))
    paths = target.args.get(_PATHS, "")
    separator = target.args.get(_SEPARATOR) or _DEFAULT_SEPARATOR
    return tuple(dict.fromkeys(map(_locate, paths.split(separator)))) if paths else ()


def _locate(path: str) -> str:
    located = resolve_path(".", path)
    if located is None or "$" in path:
        raise BuildFileMistake(f"{_PATHS} has the path {path!r}, which is not in the repository")
    return located
