"""The runner of a GitHub Actions job: its log, its summary, its outputs.

Workflow commands are lines of the log (`::error::`). Everything else in the log is escaped, so that
no other text is taken for one; the runner is asked to stop looking where programs and pages print.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.adapters.github.step_folder import StepFolder, unwritable
from bot.redaction import redact, split_secret
from bot.report.escape import command_message, escape_command_data, log_lines
from bot.report.formats.annotations import Annotation, render_annotation

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
            # The form of GitHub for values with several lines.
            self._append_to_file("GITHUB_OUTPUT", f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
            self._output_names.add(name)

    def set_missing_output(self, name: str, value: str) -> None:
        """Set an output, unless this process has set it before."""
        if name not in self._output_names:
            self.set_outputs({name: value})

    def save_file(self, name: str, content: str) -> str:
        """Save a file for later steps; return its path from the workspace."""
        return StepFolder(self.workspace, self._step_name).save_file(name, content)

    def _append_to_file(self, variable: str, text: str) -> None:
        path = self._environment.get(variable)
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as problem:
            raise unwritable(variable, problem) from problem
