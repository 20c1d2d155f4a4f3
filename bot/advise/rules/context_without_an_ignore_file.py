"""`COPY .` without a `.dockerignore`."""

import re
from collections.abc import Iterable, Iterator

from bot.advise.copy_targets import (
    copies_whole_context,
    find_last_git_line,
    iter_context_copies,
    select_copied_files,
)
from bot.advise.finding import Finding
from bot.advise.image_purpose import find_work_reason
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext

_COMMON_ENTRIES = (
    ".git",
    ".gitignore",
    ".github",
    "Dockerfile",
    "README.md",
    ".env",
    "node_modules",
)
# Worth a file at any size: secrets, and folders that grow.
_ALWAYS_EXCLUDED = (".git", ".env", "node_modules")
_MIN_BYTES = 100_000
# What declares a library that reads `.env`, and sources that name the file.
_SETTINGS_READER = re.compile(
    r"(?:^|/)(?:package\.json|composer\.json|Gemfile|Pipfile|pyproject\.toml|requirements[\w.-]*\.txt)$"
    r"|\.(?:py|js|mjs|cjs|ts|php|rb|go|sh)$|(?:^|/)(?:Makefile|justfile|Procfile)$"
)
_SETTINGS_READ = re.compile(
    r"dotenv|[\"'`/]\.env[\"'`]|decouple|django-environ|laravel/framework"
    r"|(?m:^[ \t]*(?:-?include|\.|source|set -a;?.*) +(?:\./)?\.env\b)"
)
_MAX_READERS, _MAX_READER_BYTES = 200, 200_000
_DOCKERFILE_NAME = re.compile(r"^Dockerfile\.|\.[Dd]ockerfile$")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report the first `COPY` of the whole context, if there is no ignore file."""
    # `<name>.dockerignore` beside the Dockerfile counts too, and wins.
    if rule_input.context is None or rule_input.context.has_ignore_file:
        return
    # A fuzzer or a test may read any file of its project.
    if find_work_reason(rule_input, may_start_nothing=True):
        return
    git_line = find_last_git_line(rule_input)
    for step in iter_context_copies(rule_input.steps):
        if not copies_whole_context(step):
            continue
        files = select_copied_files(step, rule_input.context.file_sizes)
        entries = _list_excludable_entries(files)
        if git_line > step.instruction.line_start:
            entries = [name for name in entries if name != ".git"]
        if ".env" in entries and _reads_settings(rule_input.context):
            entries.remove(".env")
        lines = ", ".join(f"`{name}`" for name in entries)
        if any(_is_worth_excluding(rule_input.context, name) for name in entries):
            yield Finding(
                step.instruction,
                "Add a `.dockerignore`",
                "This copies every file of the folder, and a change to any of them rebuilds this "
                f"line. Start with: {lines}.",
            )
            return


def _reads_settings(context: BuildContext) -> bool:
    """Return True if the project may read its settings from `.env`: then the image needs it."""
    paths = [
        path
        for path, size in context.file_sizes.items()
        if _SETTINGS_READER.search(path) and size <= _MAX_READER_BYTES
    ]
    return any(_SETTINGS_READ.search(context.read_text(path)) for path in paths[:_MAX_READERS])


def _is_worth_excluding(context: BuildContext, name: str) -> bool:
    """Return False for a Dockerfile or a README alone: some kilobytes are no reason."""
    return name in _ALWAYS_EXCLUDED or context.total_bytes(name) >= _MIN_BYTES


def _list_excludable_entries(files: Iterable[str]) -> list[str]:
    """Return the top-level entries that are commonly excluded."""
    entries = {path.partition("/")[0] for path in files}
    dockerfiles = sorted(name for name in entries if _DOCKERFILE_NAME.search(name))
    return [name for name in (*_COMMON_ENTRIES, *dockerfiles) if name in entries]
