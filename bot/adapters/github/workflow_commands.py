"""The runner of a GitHub Actions job: its log, its summary, its outputs.

Workflow commands are lines of the log (`::error::`). Everything else in the log is escaped, so that
no other text is taken for one; the runner is told to stop looking where programs and pages print.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.errors import InputError
from bot.redaction import redact, split_secret
from bot.report.escape import command_message, escape_command_data, log_lines
from bot.report.formats.annotations import Annotation, render_annotation

# Later steps read it from the workspace, the one folder that both container and runner see.
_REPORTS_FOLDER = "image-size-review"
SUMMARY_MAX_BYTES = 1_000_000  # GitHub drops a step's summary above 1 MiB


class RunnerCommands:
    """The commands that a job can send to its runner."""

    def __init__(self, environment: Mapping[str, str], write: Callable[[str], object]) -> None:
        """Take `write`, which appends text to the job's log."""
        self._environment, self._write = environment, write
        self._stop_token = ""
        self._output_names: set[str] = set()
        self.workspace = Path(environment.get("GITHUB_WORKSPACE") or ".")
        # The step's id, or what the runner calls it: a second use in the same job has another.
        self._step_name = re.sub(r"[^\w-]", "-", environment.get("GITHUB_ACTION") or "step")

    def log(self, text: str) -> None:
        """Write lines to the log; none of them is a command."""
        self._write(log_lines(redact(text.rstrip("\n"))) + "\n")

    def notice(self, text: str) -> None:
        """Add a notice to the run."""
        self._send(f"::notice::{command_message(redact(text))}")

    def warning(self, text: str) -> None:
        """Add a warning to the run."""
        self._send(f"::warning::{command_message(redact(text))}")

    def error(self, text: str) -> None:
        """Add an error to the run."""
        self._send(f"::error::{command_message(redact(text))}")

    def annotate(self, annotations: Iterable[Annotation]) -> None:
        """Add annotations at lines of files."""
        self._send(*map(render_annotation, annotations))

    def mask_values(self, values: Iterable[str]) -> None:
        """Mask values in the log of every program, line by line as the runner compares them."""
        lines = dict.fromkeys(line for value in values for line in split_secret(value))
        self._send(*(f"::add-mask::{escape_command_data(line)}" for line in lines))

    @contextmanager
    def stop_commands(self) -> Iterator[None]:
        """Stop the runner from reading lines of the log as commands, but for those of ours."""
        self._stop()
        try:
            yield
        finally:
            self._resume()

    def _send(self, *commands: str) -> None:
        """Write commands to the runner, which must not be stopped meanwhile."""
        was_stopped = bool(self._stop_token)
        if was_stopped:
            self._resume()
        for command in commands:
            self._write(command + "\n")
        if was_stopped:
            self._stop()

    def _stop(self) -> None:
        """Stop with a token that nobody can guess, and that is used once."""
        self._stop_token = secrets.token_hex(16)
        self._write(f"::stop-commands::{self._stop_token}\n")

    def _resume(self) -> None:
        token, self._stop_token = self._stop_token, ""
        self._write(f"::{token}::\n")

    def add_summary(self, page: str) -> None:
        """Append Markdown to the job's summary page."""
        self._append_to_file("GITHUB_STEP_SUMMARY", page + "\n")

    def set_outputs(self, outputs: Mapping[str, str]) -> None:
        """Set outputs of the step; the random delimiter cannot occur in a value."""
        for name, value in outputs.items():
            delimiter = f"end-{secrets.token_hex(16)}"
            self._append_to_file("GITHUB_OUTPUT", f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
            self._output_names.add(name)

    def set_missing_output(self, name: str, value: str) -> None:
        """Set an output, unless this process has set it before."""
        if name not in self._output_names:
            self.set_outputs({name: value})

    def save_file(self, name: str, content: str) -> str:
        """Save a file for later steps; return its path from the workspace.

        The container is root and the runner is not: everybody may write, so that it can
        clean up. InputError if something of the checkout is in the way, or if it cannot be written.
        """
        path = self._make_step_folder() / name
        relative = str(path.relative_to(self.workspace))
        if path.is_dir() and not path.is_symlink():
            raise _blocked(relative, "a folder")
        try:
            path.unlink(missing_ok=True)  # never through a link that a checkout holds
            with path.open("x", encoding="utf-8") as file:
                file.write(content)
            path.chmod(0o666)
        except OSError as problem:
            raise _unwritable(relative, problem) from problem
        return relative

    def _make_step_folder(self) -> Path:
        """Create this step's folder in the workspace; raise InputError if something is there.

        The workspace holds an untrusted checkout, which may have links in its place.
        """
        folder = self.workspace
        for name in (_REPORTS_FOLDER, self._step_name):
            folder = folder / name
            relative = str(folder.relative_to(self.workspace))
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                raise _blocked(relative, "not a folder")
            try:
                folder.mkdir(exist_ok=True)
                folder.chmod(0o777)
            except OSError as problem:
                raise _unwritable(relative, problem) from problem
        return folder

    def _append_to_file(self, variable: str, text: str) -> None:
        path = self._environment.get(variable)
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as problem:
            raise _unwritable(variable, problem) from problem


def _blocked(path: str, what: str) -> InputError:
    return InputError(
        f"{path!r} in the workspace is {what}.",
        "The action keeps its reports there.",
        "give it another name in the repository",
    )


def _unwritable(path: str, problem: OSError) -> InputError:
    return InputError(
        f"{path!r} cannot be written.", str(problem), "check the disk of the runner and its rights"
    )
