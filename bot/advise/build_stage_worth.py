"""Signs in a Dockerfile of one stage that another stage would keep the tools of its build out."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from bot.advise.base_images import find_slim_variant, has_no_prefix
from bot.advise.build_leftovers import leaves_nothing
from bot.advise.build_packages import is_build_helper, is_library_header
from bot.advise.copied_scripts import CopiedScripts, list_copied_texts
from bot.advise.copy_targets import (
    copies_whole_context,
    iter_context_copies,
    list_copy_sources,
    resolve_copy_destination,
)
from bot.advise.make_targets import read_make_recipes
from bot.advise.script_paths import find_folder
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import INSTALL_SUBCOMMANDS, REMOVE_SUBCOMMANDS
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections

_LIST = "build_calls.txt"
_BUILDING_CALLS = compile_sections("bot.advise", _LIST, "building calls")
_EXTENSION_BUILDS = compile_sections("bot.advise", _LIST, "extension builds")
_DEPENDENCY_INSTALLS = compile_sections("bot.advise", _LIST, "dependency installs")
_TOOL_INSTALLS = compile_sections("bot.advise", _LIST, "tool installs")
_BUILD_PACKAGES = compile_sections("bot.advise", _LIST, "build packages")
_VERSION_CONTROL = compile_sections("bot.advise", _LIST, "version control")
_RECOMMENDING_PACKAGES = compile_sections("bot.advise", _LIST, "packages that recommend compilers")
_BUILD_IMAGES = compile_sections("bot.advise", _LIST, "build images")
_COMPILERS = compile_sections("bot.image.packages", "build_only.txt", "compilers")
_COMPILER_PACKAGES = compile_sections(
    "bot.image.packages", "build_only.txt", "compilers", "headers"
)
_SYSTEM_FOLDER = re.compile(r"/(?:etc|usr(?!/(?:local/)?src/)|bin|sbin|lib)/")
_SCRIPT_SOURCE = re.compile(
    r"(?:^|/)[^/.]*entrypoint[^/]*$|\.(?:sh|bash|conf|cfg|ini|ya?ml|repo|list|mk|patch|diff)$"
)
# The commands of a script that builds: `apt-get install make` installs, and so does pip.
_BUILDING_TEXT = re.compile(
    r"(?m)(?:^|&&|[|;(]|\b(?:then|do|else|exec|sudo|time)\b)[ \t]*(?:\w+=\S*[ \t]+)*(?:"
    r"(?:\S*/)?(?:ant|bazel|bundle|cargo|clang|cmake|configure|dotnet|erlc|gcc|go|gradlew?|javac|"
    r"make|meson|mix|mvnw?|ninja|npm|npx|opam|pnpm|rebar3?|sbt|swift|tsc|yarn|zig|g\+\+|cc|"
    r"python3? setup\.py)(?![\w-])|\./(?:build|b2|bootstrap)(?!\w))"
)
_TOOL_START = re.compile(r"\b(?:uv|uvx|poetry|pdm|pipenv|hatch)\b")
_TOOL_RUN = re.compile(r"(?m)(?:^|&&|[;|(]|\bexec)[ \t]*(?:uv|poetry|pdm|pipenv|hatch) run\b")
_START_KEYWORDS = ("CMD", "ENTRYPOINT")
# Targets that check a program: of these alone, nothing is shipped.
_CHECKS = frozenset({"check", "fmt", "lint", "test", "tests", "vet"})
_DEBIAN_INSTALLERS = ("apt-get", "apt", "aptitude")


@dataclass(frozen=True, slots=True)
class BuildSign:
    """A line that builds, and what it does, to be read behind `Line 3`.

    What it builds was copied from the context, if `has_sources`. If `needs_base_compilers`, it
    counts only where something compiles with the compilers of the base image.
    """

    line: int
    description: str
    has_sources: bool = False
    needs_base_compilers: bool = False


def find_build_signs(rule_input: RuleInput) -> Iterator[BuildSign]:
    """Yield the signs, the surest first.

    A `RUN` that removes what it installed for its build leaves no tools, only the sources that it
    got from the context.
    """
    # `golang:onbuild` and its like copy and build with triggers that this Dockerfile does not show.
    if "onbuild" in split_reference(rule_input.base_image or "").tag:
        line = rule_input.final_stages[0].from_instruction.line_start
        yield BuildSign(line, "builds with the instructions of its base image")
    runs = list(rule_input.iter_runs())
    steps = [step for step in runs if not _removes_packages(step)]
    calls = [call for step in steps for call in step.calls]
    has_packages = any(map(_installs_extension_packages, calls))
    first_copy = _find_source_copy(rule_input, runs)
    scripts, starts_tool = CopiedScripts(rule_input), _starts_with_tool(rule_input)
    for step in runs:
        has_sources = first_copy is not None and _is_after(step, first_copy)
        is_cleaned = _removes_packages(step)
        for call in step.calls:
            # All that may be left of a build that removes its tools is what it built.
            if is_cleaned and not (
                first_copy and has_sources and _builds_in(step, call, first_copy)
            ):
                continue
            if leaves_nothing(step, call):
                continue
            text = describe_call(call)
            if _builds(scripts, step, call) or (has_packages and _EXTENSION_BUILDS.fullmatch(text)):
                sign = _make_sign(step, f"builds with `{_shorten(text)}`")
                yield replace(sign, has_sources=has_sources)
            elif _TOOL_INSTALLS.fullmatch(text) and not starts_tool:
                yield _make_sign(step, f"installs with `{_shorten(text)}`, which stays")
    yield from _find_copied_tools(rule_input)
    yield from _find_installs(rule_input, steps)


def _find_installs(rule_input: RuleInput, steps: list[Step]) -> Iterator[BuildSign]:
    """Yield installs of dependencies where compilers are in the image."""
    calls = [call for step in steps for call in step.calls]
    # Headers compile nothing; what a base of a project's own has is not known.
    is_known = has_no_prefix(rule_input.base_image or "")
    installs = _installs_compilers if is_known else _installs_build_tools
    installs_compilers = any(map(installs, calls))
    has_compilers = installs_compilers or has_base_compilers(rule_input.base_image or "")
    for step in steps if has_compilers else ():
        for call in step.calls:
            if _DEPENDENCY_INSTALLS.fullmatch(text := describe_call(call)):
                sign = _make_sign(step, f"installs with `{_shorten(text)}` beside compilers")
                yield replace(sign, needs_base_compilers=not installs_compilers)


def has_base_compilers(base: str) -> bool:
    """Return True for a base image with compilers: a language's full one, or one to build in."""
    name, _, digest = base.partition("@")
    # Of an image that only a digest names, the variant is not known.
    is_known = not digest or ":" in posixpath.basename(name)
    slim = find_slim_variant(name) if is_known else None
    # A language's full image is based on buildpack-deps, which has compilers; Debian's own has
    # none.
    is_full = slim is not None and split_reference(slim).name != "debian"
    return is_full or bool(_BUILD_IMAGES.fullmatch(base))


def _find_source_copy(rule_input: RuleInput, runs: list[Step]) -> Step | None:
    """Return the first copy of sources; None if they are of use when the container runs."""
    if any(_installs_in_place(call) for step in runs for call in step.calls):
        return None
    copies = iter_context_copies(rule_input.steps)
    return next((copy for copy in copies if may_copy_sources(copy)), None)


def _builds_in(step: Step, call: Call, copy: Step) -> bool:
    """Return True if a command runs in the folder that gets the sources, or below it."""
    target, folder = resolve_copy_destination(copy), find_folder(step, call)
    if target is None or folder is None:
        return copies_whole_context(copy)
    # `make -C /usr/src/x` runs there, too.
    folders = (folder, *call.known_arguments)
    paths = [posixpath.normpath(posixpath.join("/", folder, path)) for path in folders]
    return any(
        path == target or (target != "/" and path.startswith(f"{target}/")) for path in paths
    )


def _installs_in_place(call: Call) -> bool:
    """Return True for `pip install -e`: the sources are what is installed."""
    return call.runs_subcommand("pip", "install") and call.has_option("-e", "--editable")


def _find_copied_tools(rule_input: RuleInput) -> Iterator[BuildSign]:
    """Yield copies of uv from its image, unless the container is started with it."""
    if _starts_with_tool(rule_input):
        return
    for step in rule_input.steps:
        image = step.instruction.flag_value("from") if step.instruction.keyword == "COPY" else None
        if image and split_reference(image).name == "uv":
            yield _make_sign(step, "copies `uv`, which stays")


def _starts_with_tool(rule_input: RuleInput) -> bool:
    """Return True for `uv run x` and the like: the container needs what installed its program."""
    starts = (x.instruction for x in rule_input.steps if x.instruction.keyword in _START_KEYWORDS)
    texts = (start.argument_text.text for start in starts)
    # Scripts that are copied by their names start it, too: the command may be given elsewhere.
    return any(map(_TOOL_START.search, texts)) or any(
        map(_TOOL_RUN.search, list_copied_texts(rule_input))
    )


def may_copy_sources(copy: Step) -> bool:
    """Return False for scripts, and for what belongs to the system: `COPY run.sh /`."""
    is_system = bool(_SYSTEM_FOLDER.match(copy.instruction.words[-1]))
    return not is_system and not all(map(_SCRIPT_SOURCE.search, list_copy_sources(copy)))


def _builds(scripts: CopiedScripts, step: Step, call: Call) -> bool:
    """Return True if a call builds; of a project's own script, its text says whether it does."""
    if not is_building_call(call):
        return False
    is_make = call.name == "make"
    text = (read_make_recipes if is_make else CopiedScripts.read_called)(scripts, step, call)
    if text is None and is_make and _only_checks(call):
        return False
    return text is None or bool(_BUILDING_TEXT.search(text.replace("\\\n", " ")))


def _only_checks(call: Call) -> bool:
    """Return True for `make test`: where its Makefile cannot be read, the name is all there is."""
    targets = call.known_arguments
    return 0 < len(call.operands) == len(targets) and set(targets) <= _CHECKS


def is_building_call(call: Call) -> bool:
    """Return True if a call builds a program."""
    return bool(_BUILDING_CALLS.fullmatch(describe_call(call)))


def compiles_dependencies(call: Call) -> bool:
    """Return True if a call builds a program, or dependencies that may need compilers."""
    text = describe_call(call)
    patterns = (_BUILDING_CALLS, _EXTENSION_BUILDS, _DEPENDENCY_INSTALLS)
    return any(pattern.fullmatch(text) for pattern in patterns)


def describe_call(call: Call) -> str:
    """Return a program and its operands, options left out."""
    return " ".join((call.name, *(word.value or word.text for word in call.operands)))


def _shorten(text: str) -> str:
    words = text.split()
    # `npm run build` says more than `npm run`.
    return " ".join(words[: 3 if words[1:2] in (["run"], ["exec"], ["run-script"]) else 2])


def _make_sign(step: Step, description: str) -> BuildSign:
    return BuildSign(step.instruction.line_start, description)


def _is_after(step: Step, other: Step) -> bool:
    return step.instruction.line_start > other.instruction.line_start


def _removes_packages(step: Step) -> bool:
    """Return True if a step removes packages that it names, or marks as no longer needed.

    `apt-get purge --auto-remove` alone removes nothing that was asked for: mautic/docker-mautic.
    """
    is_marked = any(call.name == "apt-mark" for call in step.calls)
    return any(_removes(call) and (is_marked or _names_packages(call)) for call in step.calls)


def _removes(call: Call) -> bool:
    # `yum history undo last` removes what the last call installed.
    # Variables may be in front of it: `yum ${FLAGS} history undo`.
    is_undone = {"history", "undo"} <= set(call.known_arguments)
    is_removal = _find_verb(call) in REMOVE_SUBCOMMANDS
    return call.name in INSTALL_SUBCOMMANDS and (is_undone or is_removal)


def _find_verb(call: Call) -> str:
    """Return the subcommand, also behind a variable: `purge` of `apt-get ${FLAGS} purge gcc`."""
    return next((word.value for word in call.operands if word.value is not None), "")


def _names_packages(call: Call) -> bool:
    # `-o APT::AutoRemove::RecommendsImportant=false` is no package, and `autoremove` alone leaves
    # what was asked for.
    verbs = {*REMOVE_SUBCOMMANDS, "history"}
    words = dropwhile(lambda word: word.value not in verbs, call.operands)
    names = (word.text for word in list(words)[1:])
    return any("::" not in name and not name.startswith("-") for name in names)


def _installs_build_packages(call: Call) -> bool:
    return _installs(call, [_COMPILER_PACKAGES, _BUILD_PACKAGES]) or recommends_compilers(call)


def _installs_compilers(call: Call) -> bool:
    """Return True for what an install of dependencies compiles with: not headers alone."""
    packages = [name for name in _list_packages(call) if not is_build_helper(name)]
    return _has_any(packages, [_COMPILERS, _BUILD_PACKAGES]) or recommends_compilers(call)


def _installs_build_tools(call: Call) -> bool:
    """Return True for what an install of dependencies may compile with."""
    packages = [
        name
        for name in _list_packages(call)
        if not is_library_header(name) and not is_build_helper(name)
    ]
    lists = (_COMPILER_PACKAGES, _BUILD_PACKAGES)
    return _has_any(packages, lists) or recommends_compilers(call)


def recommends_compilers(call: Call) -> bool:
    """Return True if packages that recommend compilers are installed: python3-pip does."""
    takes_recommended = call.name in _DEBIAN_INSTALLERS
    takes_recommended &= not call.has_option("--no-install-recommends")
    return takes_recommended and _installs(call, [_RECOMMENDING_PACKAGES])


def _installs_extension_packages(call: Call) -> bool:
    """Return True for what a build of PHP extensions leaves behind."""
    return _installs_build_packages(call) or _installs(call, [_VERSION_CONTROL])


def _installs(call: Call, lists: Sequence[re.Pattern[str]]) -> bool:
    """Return True if a call installs a package of one of the lists."""
    return _has_any(_list_packages(call), lists)


def _has_any(packages: Iterable[str], lists: Sequence[re.Pattern[str]]) -> bool:
    return any(pattern.fullmatch(name) for name in packages for pattern in lists)


def _list_packages(call: Call) -> list[str]:
    if call.subcommand not in INSTALL_SUBCOMMANDS.get(call.name, ()):
        return []
    return [value.partition("=")[0] for value in call.known_arguments]
