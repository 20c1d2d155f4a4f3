"""Files of the build context that no program reads: `.git`, host modules, tests."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.advise.build_stage_worth import is_building_call
from bot.advise.container_tests import runs_tests_in_container
from bot.advise.copy_targets import (
    copies_whole_context,
    find_last_git_line,
    iter_context_copies,
    list_copy_sources,
    resolve_copy_destination,
    select_copied_files,
)
from bot.advise.factory_uses import uses_test_factories
from bot.advise.finding import Finding
from bot.advise.image_purpose import find_work_reason, runs_tests
from bot.advise.imported_tests import list_imported_folders
from bot.advise.path_patterns import compile_path_patterns
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call


@dataclass(frozen=True, slots=True)
class _NeedlessFolder:
    """A folder that an image does not need, and its description."""

    name: str
    description: str


# Builds that stop if a folder that these files name is not there: of CMake, Meson, .NET and others.
_BUILD_FILE = re.compile(
    r"CMakeLists\.txt|meson\.build|configure\.ac|Makefile\.am|Cargo\.toml|go\.work|"
    r"settings\.gradle(?:\.kts)?|[^/]+\.slnx?"
)
_MIN_BYTES = 10_000  # a few small tests are not worth a line
_FUZZ_IMAGE = re.compile(r"(?:^|/)oss-fuzz-base/")
_NEEDLESS_FOLDERS = (
    _NeedlessFolder(".git", "git's history"),
    _NeedlessFolder("node_modules", "the host's node modules"),
    _NeedlessFolder(".venv", "the host's virtual environment"),
    _NeedlessFolder("venv", "the host's virtual environment"),
    _NeedlessFolder("target", "the host's build folder"),
    _NeedlessFolder("__pycache__", "the host's compiled Python"),
    _NeedlessFolder("tests", "tests"),
    _NeedlessFolder("test", "tests"),
    _NeedlessFolder("spec", "tests"),
    _NeedlessFolder("coverage", "reports of tests"),
    _NeedlessFolder(".github", "workflows"),
)
_TEST_FOLDERS = tuple(x.name for x in _NEEDLESS_FOLDERS if x.description == "tests")
_COMMANDS = ("RUN", "CMD", "ENTRYPOINT")
# Some kilobytes, which are nothing in an image that others work in.
_SMALL_FOLDERS = ("coverage", ".github")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `COPY` of the whole context that includes such folders."""
    # A fuzzer's image is no image that ships.
    if _FUZZ_IMAGE.search(rule_input.base_image or ""):
        return
    git_line, kept_folders = find_last_git_line(rule_input), _list_kept_folders(rule_input)
    for step in iter_context_copies(rule_input.steps):
        # A folder copied by its name is there on purpose.
        if copies_whole_context(step):
            weights = _measure_folders(rule_input, step)
            has_later_git = git_line > step.instruction.line_start
            kept_names = (*kept_folders, ".git") if has_later_git else kept_folders
            folders = [
                folder
                for folder in _NEEDLESS_FOLDERS
                if weights.get(folder.name)
                and folder.name not in kept_names
                and not _is_named(rule_input, folder.name)
            ]
            if folders:
                total = sum(weights[folder.name] for folder in folders)
                if total < _MIN_BYTES:
                    continue
                yield _build_finding(rule_input, step, folders, total)


def _is_named(rule_input: RuleInput, name: str) -> bool:
    """Return True if the ignore file keeps a folder, or the Dockerfile uses files of it.

    pterodactyl/panel starts `.github/docker/entrypoint.sh`.
    """
    context = rule_input.context
    has_lines = context is not None and context.has_ignore_file
    lines = context.read_text(".dockerignore").splitlines() if context and has_lines else ()
    if any(line.strip().strip("/") in (f"!{name}", f"!{name}/**", f"!/{name}") for line in lines):
        return True
    use = re.compile(rf"(?<![\w./-])(?:\./)?{re.escape(name)}/")
    copies = iter_context_copies(rule_input.steps)
    sources = (source for copy in copies for source in list_copy_sources(copy))
    if any(use.match(source.lstrip("/")) for source in sources):
        return True
    is_small = name in (*_TEST_FOLDERS, *_SMALL_FOLDERS)
    instructions = (step.instruction for step in rule_input.steps)
    texts = (command.text for command in instructions if command.keyword in _COMMANDS)
    return is_small and any(map(use.search, texts))


def _list_kept_folders(rule_input: RuleInput) -> tuple[str, ...]:
    """Return the folders of tests that others run in the image, a `RUN` does, or a build reads."""
    if find_work_reason(rule_input, may_start_nothing=True):
        return (*_TEST_FOLDERS, *_SMALL_FOLDERS)
    calls = rule_input.list_run_calls()
    is_tested = any(map(runs_tests, calls)) or runs_tests_in_container(rule_input)
    is_tested |= _measures_coverage(calls)
    if is_tested or uses_test_factories(rule_input):
        return _TEST_FOLDERS
    built_text = _join_build_files(rule_input) if any(map(is_building_call, calls)) else ""
    imported = list_imported_folders(rule_input, _TEST_FOLDERS)
    return tuple(
        name for name in _TEST_FOLDERS if name in imported or re.search(rf"\b{name}\b", built_text)
    )


def _measures_coverage(calls: Sequence[Call]) -> bool:
    """Return True if PCOV is installed beside the packages for development of a PHP program."""
    has_driver = any("pcov" in call.known_arguments for call in calls)
    return has_driver and any(
        call.runs_subcommand("composer", "install") and not call.has_option("--no-dev")
        for call in calls
    )


def _join_build_files(rule_input: RuleInput) -> str:
    """Return the texts of the files at the top of the context that name the folders of a build."""
    context = rule_input.context
    names = filter(_BUILD_FILE.fullmatch, context.file_sizes if context else ())
    return "\n".join(context.read_text(name) for name in names if context)


def _build_finding(
    rule_input: RuleInput, step: Step, folders: list[_NeedlessFolder], saving_bytes: int
) -> Finding:
    words = ", ".join(dict.fromkeys(folder.description for folder in folders))
    lines = ", ".join(f"`{folder.name}`" for folder in folders)
    has_ignore_file = rule_input.context is not None and rule_input.context.has_ignore_file
    if has_ignore_file:
        fix = f"Add a line each to `.dockerignore`: {lines}."
    else:
        fix = f"There is no `.dockerignore`: add one with a line each for {lines}."
    return Finding(
        step.instruction,
        "Exclude files that the image does not need",
        f"This copies {words}. {fix} Check that neither the build nor the program reads them.",
        saving_bytes if rule_input.evidence else None,
    )


def _measure_folders(rule_input: RuleInput, step: Step) -> Mapping[str, int]:
    """Return the bytes of each such folder, measured in the image or else in the context."""
    target = resolve_copy_destination(step)
    if rule_input.evidence and target:
        files = rule_input.evidence.file_sizes(step.instruction)
        return _sum_by_folder(files, target.rstrip("/"))
    sizes = rule_input.context.file_sizes if rule_input.context else {}
    return _sum_by_folder(select_copied_files(step, sizes), "")


def _sum_by_folder(files: Mapping[str, int], parent: str) -> Mapping[str, int]:
    """Sum top-level folders only: `tests` within a package may be needed."""
    patterns = {
        folder.name: compile_path_patterns([f"{parent}/{folder.name}"])
        for folder in _NEEDLESS_FOLDERS
    }
    return {
        name: sum(size for path, size in files.items() if pattern.match(path))
        for name, pattern in patterns.items()
    }
