"""Sources and destinations of `COPY` and `ADD`.

Paths are resolved as BuildKit resolves them, with the working directory of the step.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from bot.advise.path_patterns import has_pattern
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.dockerignore import parse_dockerignore
from bot.dockerfile.ignore_automaton import TooCostlyError
from bot.dockerfile.ignore_syntax import IllegalIgnoreFileError

_FOLDER_SUFFIXES = ("/", "/.")
# The query and fragment of the URL are no part of the file's name.
_ARCHIVE_URL = re.compile(
    r"https?://\S+?/(?P<name>[^/\s?#]+\.(?:tar(?:\.\w+)?|t[gbx]z2?|zip|7z))(?:[?#]\S*)?"
)
# Scripts and lists of requirements are smaller; whatever is said of such a COPY saves nothing.
_MIN_BYTES = 10_000
_DEPENDENCY_LIST = re.compile(
    r"(?:^|/)(?:package[\w*.-]*(?:json|lock)?|yarn[\w*.-]*|pnpm-[\w.-]+|\.npmrc|\.yarnrc\S*|\.yarn/?|"
    r"bun\.lockb?|composer\.\S+|symfony\.lock|Gemfile\S*|\.ruby-version|[\w.-]*requirements\S*|"
    r"pyproject\.toml|(?:poetry|uv)\.lock|Pipfile\S*|setup\.cfg|\S+entrypoint\S*|[\w.-]+\.sh)$"
    # `COPY $GEMFILE $GEMFILE_LOCK /app/`: ChainBoard/ChainBoard.
    r"|^\$\{?\w*(?:GEMFILE|PIPFILE|REQUIREMENTS|PACKAGE|LOCK)\w*\}?$"
)
_GIT_WITHOUT_REPOSITORY = ("clone", "config", "init", "ls-remote", "lfs", "version", "")
_UNPACK_PROGRAMS = ("tar", "bsdtar", "unzip", "7z", "7za", "gunzip", "xz")


def is_copy(step: Step) -> bool:
    """Return True if an instruction copies files that are not heredocs."""
    instruction = step.instruction
    return (
        instruction.keyword in ("ADD", "COPY")
        and len(instruction.words) > 1
        and not instruction.heredocs
    )


def list_copy_sources(step: Step) -> tuple[str, ...]:
    """Return the sources, as written."""
    return step.instruction.words[:-1]


def resolve_copy_destination(step: Step) -> str | None:
    """Return the destination as the container sees it; None if it is unknown."""
    return step.resolve_path(step.instruction.words[-1])


def resolve_copied_path(step: Step) -> str | None:
    """Return the path of a single copied source: `/x/run.sh` for `COPY run.sh /x/`."""
    destination, target = step.instruction.words[-1], resolve_copy_destination(step)
    if target is None or len(list_copy_sources(step)) != 1:
        return None
    name = posixpath.basename(list_copy_sources(step)[0].rstrip("/"))
    # Dockerfile reference, COPY: a destination with a slash at its end is a folder.
    is_folder = destination in (".", "./") or destination.endswith(_FOLDER_SUFFIXES)
    return posixpath.join(target, name) if is_folder and name not in ("", ".") else target


def list_copied_paths(step: Step) -> tuple[str, ...]:
    """Return the paths that the sources may have in the container.

    Of `COPY run.sh /bin` both `/bin` and `/bin/run.sh`: only the image has the folder, or not.
    """
    target, destination = resolve_copy_destination(step), step.instruction.words[-1]
    if target is None:
        return ()
    names = [posixpath.basename(source.rstrip("/")) for source in list_copy_sources(step)]
    paths = [posixpath.join(target, name) for name in names if name not in ("", ".")]
    is_folder = destination in (".", "./") or destination.endswith(_FOLDER_SUFFIXES)
    return tuple(paths) if len(names) > 1 or (is_folder and paths) else (target, *paths)


def is_tiny_copy(rule_input: RuleInput, step: Step) -> bool:
    """Return True if the context shows that a `COPY` takes next to nothing from it."""
    context = rule_input.context
    if context is None or step.instruction.flag_value("from") is not None:
        return False
    sources = [posixpath.normpath(source).lstrip("/") for source in list_copy_sources(step)]
    sizes = [_measure_source(context, source) for source in sources]
    return all(sizes) and sum(sizes) < _MIN_BYTES


def _measure_source(context: BuildContext, source: str) -> int:
    """Return the bytes of a source or a pattern; 0 if unknown, 1 for a script, which is small."""
    if has_pattern(source):
        sizes = context.file_sizes.items()
        return sum(size for path, size in sizes if fnmatchcase(path, source))
    # A script that is not in the checkout is written, or copied there, before the build.
    return context.total_bytes(source) or int(source.endswith(".sh"))


def lacks_program(rule_input: RuleInput) -> bool:
    """Return True if all that is copied are lists of dependencies, and settings of installers."""
    copies = [step for step in rule_input.steps if is_copy(step)]
    sources = [source for copy in copies for source in list_copy_sources(copy)]
    return bool(sources) and all(map(_DEPENDENCY_LIST.search, sources))


def iter_context_copies(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Yield the steps that copy from the build context."""
    for step in steps:
        if is_copy(step) and step.instruction.flag_value("from") is None:
            yield step


def copies_whole_context(step: Step) -> bool:
    """Return True for `COPY . …` and other forms that copy everything."""
    return any(source in (".", "./", "/", "*", "./*") for source in list_copy_sources(step))


def select_copied_files(step: Step, sizes: Mapping[str, int]) -> Mapping[str, int]:
    """Return the files of a context that a `COPY` of all of it takes: not what `--exclude` names.

    None of them if the patterns cannot be read here.
    """
    flags = [flag.value or "" for flag in step.instruction.flags if flag.name == "exclude"]
    if not flags:
        return sizes
    # The value of a variable in `--exclude` is known to the build alone.
    if any("$" in pattern for pattern in flags):
        return {}
    try:
        # BuildKit matches `--exclude` with the patterns of .dockerignore (moby/patternmatcher).
        excluded = parse_dockerignore("\n".join(flags).encode())
        return {path: size for path, size in sizes.items() if not excluded.is_ignored(path)}
    except (IllegalIgnoreFileError, TooCostlyError):
        return {}


def find_last_git_line(rule_input: RuleInput) -> int:
    """Return the line of the last `RUN` that calls git in a repository; 0 if there is none.

    A clone or a setting needs none, `git submodule` and `git describe` do.
    """
    lines = (
        step.instruction.line_start
        for step in rule_input.iter_runs()
        if any(
            call.name == "git" and call.subcommand not in _GIT_WITHOUT_REPOSITORY
            for call in step.calls
        )
    )
    return max(lines, default=0)


def is_remote_add(step: Step) -> bool:
    """Return True if an `ADD` downloads, which no mount can replace."""
    return is_copy(step) and any(
        "://" in source or source.startswith("git@") for source in list_copy_sources(step)
    )


def find_unpacked_archive(rule_input: RuleInput, step: Step) -> str | None:
    """Return the name of an archive that an `ADD` downloads and a later `RUN` unpacks."""
    if step.instruction.keyword != "ADD" or not is_copy(step):
        return None
    matches = (_ARCHIVE_URL.fullmatch(source) for source in list_copy_sources(step))
    archive = next((match["name"] for match in matches if match), None)
    if archive is None:
        return None
    later_steps = rule_input.steps_after(step)
    return archive if any(_unpacks_archive(later, archive) for later in later_steps) else None


def _unpacks_archive(step: Step, archive: str) -> bool:
    return any(
        archive in word.text or word.is_pattern
        for call in step.calls
        if call.name in _UNPACK_PROGRAMS
        for word in call.arguments
    )
