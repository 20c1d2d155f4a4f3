"""Full base images under stages that compile nothing."""

import re
from collections.abc import Iterator

from bot.advise.base_images import find_slim_variant
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections

_COMPILING_PROGRAMS = (
    "gcc",
    "g++",
    "cc",
    "make",
    "cmake",
    "cargo",
    "go",
    "mvn",
    "gradle",
    "node-gyp",
    "git",
    "hg",
    "svn",
    "convert",
    "magick",
)
_COMPILER_PACKAGES = compile_sections(
    "bot.image.packages", "build_only.txt", "compilers", "headers"
)
# What the full images have and slim ones have not, of Debian's packages (buildpack-deps).
_FULL_IMAGE_PACKAGES = re.compile(
    r"gcc|g\+\+|cpp|lib.*-dev$|make$|autoconf|automake|patch$|mercurial|subversion|git$|git-man|"
    r"imagemagick|libmagick|linux-libc-dev|binutils|bzr|dpkg-dev|file$|unzip$|procps$|libc-dev-bin|"
    r"python3|libpython3|openssh-client|icu-devtools|mariadb-common|libmariadb"
)

_INTERPRETER_MESSAGE = (
    "It has the same system and the same interpreter, without compilers, headers and version "
    "control. Check that the build neither compiles nor fetches from git, and install the "
    "libraries of the full image that the program loads."
)
_DISTRIBUTION_MESSAGE = (
    "It has the same system without documentation, manual pages and translations. Check that "
    "nothing reads those at run time."
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report the base of the final stages if it is a full image and nothing needs it."""
    if not rule_input.final_stages:
        return
    stage = rule_input.final_stages[0]
    slim = find_slim_variant(rule_input.base_image or "")
    # With a variable in the name, the next build may use another image.
    is_fixed = "$" not in stage.base_name and stage.base_name == rule_input.base_image
    if slim is None or not is_fixed or _compiles(rule_input):
        return
    is_distribution = split_reference(slim).name == "debian"
    arguments = stage.from_instruction.argument_text
    start = arguments.text.index(stage.base_name)
    yield Finding(
        stage.from_instruction,
        f"Use {slim} as the base image",
        _DISTRIBUTION_MESSAGE if is_distribution else _INTERPRETER_MESSAGE,
        _measure_saving(rule_input),
        (TextChange(arguments[start : start + len(stage.base_name)].span, slim),),
        FixSafety.NEEDS_CHECK,
    )


def _compiles(rule_input: RuleInput) -> bool:
    calls = [call for step in rule_input.steps for call in step.calls]
    return any(call.name in _COMPILING_PROGRAMS or _installs_compilers(call) for call in calls)


def _installs_compilers(call: Call) -> bool:
    """Return True if a command installs a compiler, which a slim image would need anew."""
    return call.subcommand in ("install", "add") and any(
        map(_COMPILER_PACKAGES.fullmatch, call.known_arguments)
    )


def _measure_saving(rule_input: RuleInput) -> int | None:
    """Return the bytes of build packages in the base image, a lower bound."""
    if rule_input.evidence is None:
        return None
    packages = rule_input.evidence.base_package_sizes
    return sum(size for name, size in packages.items() if _FULL_IMAGE_PACKAGES.match(name))
