"""The runner of a GitHub Actions job: its log, its summary, its outputs."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.errors import BadInput

# Later steps read these from the workspace, the one folder that has a name both of us know.
_FOLDER = "image-size-review"
SUMMARY_LIMIT = 1_000_000  # GitHub drops a step's summary above 1 MiB


class Workflow:
    """What a job can say to its runner."""

    def __init__(self, environment: Mapping[str, str], write: Callable[[str], object]) -> None:
        """`write` puts text into the job's log."""
        self._environment, self._write = environment, write
        self.workspace = Path(environment.get("GITHUB_WORKSPACE") or ".")
        # The step's id, or what the runner calls it: a second use in the same job has another.
        self._step = re.sub(r"[^\w-]", "-", environment.get("GITHUB_ACTION") or "step")

    def say(self, text: str) -> None:
        """Lines for the log."""
        self._write(text.rstrip("\n") + "\n")

    @contextmanager
    def foreign_text(self) -> Iterator[None]:
        """While it lasts, no line of the log is taken for a command to the runner."""
        token = secrets.token_hex(16)
        self.say(f"::stop-commands::{token}")
        try:
            yield
        finally:
            self.say(f"::{token}::")

    def add_summary(self, page: str) -> None:
        """Markdown for the job's summary page."""
        self._append("GITHUB_STEP_SUMMARY", page + "\n")

    def hide(self, values: Iterable[str]) -> None:
        """Values that the runner must mask in its log, whoever prints them."""
        for value in values:
            for line in value.splitlines():
                if line.strip():
                    self.say(f"::add-mask::{line.replace('%', '%25')}")

    def set_outputs(self, outputs: Mapping[str, str]) -> None:
        """Outputs of the step; the delimiter is one that no value can hold."""
        for name, value in outputs.items():
            delimiter = f"end-{secrets.token_hex(16)}"
            self._append("GITHUB_OUTPUT", f"{name}<<{delimiter}\n{value}\n{delimiter}\n")

    def save(self, name: str, content: str) -> str:
        """A file for later steps; its path from the workspace.

        We are root in here and the runner is not, so all may write: it must be able to clean up.
        """
        folder = self._own_folder()
        path = folder / name
        path.unlink(missing_ok=True)  # never through a link that a checkout holds
        path.write_text(content, "utf-8")
        path.chmod(0o666)
        return str(path.relative_to(self.workspace))

    def _own_folder(self) -> Path:
        """This step's folder in the workspace, a stranger's checkout; BadInput if it cannot be."""
        folder = self.workspace
        for name in (_FOLDER, self._step):
            folder = folder / name
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                what = f"{str(folder.relative_to(self.workspace))!r} in the workspace is no folder."
                raise BadInput(what, "The action keeps its reports there.", "give it another name")
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        return folder

    def _append(self, variable: str, text: str) -> None:
        path = self._environment.get(variable)
        if path:
            with Path(path).open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)
