"""Compose and bake files, read by `docker buildx bake --print`.

What a change has written there must reach nothing of the machine: bake runs in a folder with the
files of the revision alone, without the variables of this process, its logins and its builders. It
needs no engine. Even with `--print` it opens the files that outputs name, and overwrites them
(seen with buildx 0.13 and 0.29), so outputs, caches, secrets and keys are taken out of all targets.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.adapters.docker.client_config import PLUGIN_FOLDERS_KEY, list_plugin_folders
from bot.adapters.environment import find_program
from bot.adapters.process import ProcessResult, run_program
from bot.adapters.temporary_folders import temporary_folder
from bot.errors import describe_cause
from bot.project.compose_file import BuildFileMistake

# Nothing is built: HCL is evaluated, in which functions and a matrix can take any time.
_TIMEOUT_S = 20
_MAX_OUTPUT_BYTES = 4_000_000
_MAX_REASON_LENGTH = 300
# `--set` wins over what the files say, also of targets that inherit it.
_OVERRIDES = (
    "*.output=type=cacheonly",
    "*.cache-from=",
    "*.cache-to=",
    "*.secrets=",
    "*.ssh=",
)
_ERROR_PREFIX = "ERROR: "
_NO_DEFAULT = "failed to find target default"
_TOO_OLD = "a newer buildx may support it; `docker buildx version` prints this one's version"
# Words of buildx, and what they do not say.
_HINTS = {
    "required variable": "the environment is empty, and `.env` beside the file sets a variable",
    "Unsupported argument": _TOO_OLD,
}


class BakePrinter:
    """The port `BuildFilePrinter`: buildx, as a plug-in of the docker command."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def print_targets(self, files: Mapping[str, bytes], folder: str, names: Sequence[str]) -> bytes:
        """Return the JSON of `docker buildx bake --print` for some of the files."""
        with temporary_folder() as temporary:
            root, config = temporary / "files", temporary / "config"
            try:
                _write_files(files, root)
                config.mkdir()
                (config / "config.json").write_text(
                    json.dumps({PLUGIN_FOLDERS_KEY: list_plugin_folders(self._environment)})
                )
                result = self._run(config, root / folder, names)
            except (OSError, ValueError) as problem:  # a path that no file can have
                raise BuildFileMistake(
                    f"its files cannot be read: {describe_cause(problem)}"
                ) from problem
            return _check(result, str(root))

    def _run(self, config: Path, folder: Path, names: Sequence[str]) -> ProcessResult:
        docker = find_program("docker", self._environment)
        if docker is None:
            raise BuildFileMistake("the docker command, which reads such files, is not installed")
        arguments: list[str | Path] = [docker, "--config", config, "buildx", "bake", "--print"]
        for name in names:
            arguments += ["--file", name]
        for override in _OVERRIDES:
            arguments += ["--set", override]
        return run_program(
            arguments,
            # No variables: a bake file reads those of its caller by name (`variable "NPM_TOKEN"
            # {}`).
            {},
            timeout_s=_TIMEOUT_S,
            folder=folder,
            max_output_bytes=_MAX_OUTPUT_BYTES,
        )


def _write_files(files: Mapping[str, bytes], root: Path) -> None:
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _check(result: ProcessResult, root: str) -> bytes:
    """Return the output of a run; raise BuildFileMistake if it failed."""
    if result.timed_out:
        raise BuildFileMistake(f"docker buildx bake --print took more than {_TIMEOUT_S} seconds")
    if len(result.stdout) > _MAX_OUTPUT_BYTES:
        size = f"{_MAX_OUTPUT_BYTES // 1_000_000} MB"
        raise BuildFileMistake(f"docker buildx bake --print printed more than {size}")
    if result.status:
        raise BuildFileMistake(_explain_failure(result.stderr_lines, root))
    return result.stdout


def _explain_failure(lines: Sequence[str], root: str) -> str:
    """Return the words of buildx on what is wrong, without the temporary folder."""
    errors = [line for line in lines if line.startswith(_ERROR_PREFIX)]
    words = (errors or [line for line in lines if line.strip()] or ["it failed without a message"])[
        -1
    ]
    reason = words.removeprefix(_ERROR_PREFIX).replace(f"{root}/", "").strip()
    if reason.startswith(_NO_DEFAULT):
        return "it has no group or target 'default', and no other one is read"
    short = reason if len(reason) <= _MAX_REASON_LENGTH else f"{reason[:_MAX_REASON_LENGTH]} …"
    hint = next((hint for word, hint in _HINTS.items() if word in reason), "")
    return f"{short} ({hint})" if hint else short
