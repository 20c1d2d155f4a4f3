"""A real git repository, made with few calls."""

import os
import subprocess
from pathlib import Path

_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
}


class Repository:
    """A repository in a folder; text for a path makes a file, None removes it."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, stdin: str | None = None) -> str:
        finished = subprocess.run(
            ["git", *arguments],
            input=stdin,
            cwd=self.path,
            env={**os.environ, **_SETTINGS},
            check=True,
            capture_output=True,
            text=True,
        )
        return finished.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, "utf-8")

    def commit(self, files: dict[str, str | None], message: str = "change") -> str:
        """Write the files and commit everything; return the commit's SHA."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def add_empty_commits(self, number: int) -> None:
        """Add so many commits without changes to the current branch, with one process."""
        branch, date = self.git("symbolic-ref", "HEAD"), self.git("log", "-1", "--format=%ct")
        header = f"commit {branch}\ncommitter Ann <ann@example.com> {date} +0000\n"
        messages = [f"{branch} {index}" for index in range(number)]
        commits = [f"{header}data {len(message)}\n{message}\n" for message in messages]
        commits.insert(1, f"from {branch}^0\n")  # a part of the first; each other is on the last
        self.git("fast-import", "--quiet", stdin="".join(commits))

    def branch(self, name: str, start: str = "HEAD") -> None:
        self.git("checkout", "--quiet", "-b", name, start)

    def merge(self, *names: str) -> str:
        self.git("merge", "--quiet", "--no-ff", "-m", "merge", *names)
        return self.git("rev-parse", "HEAD")
