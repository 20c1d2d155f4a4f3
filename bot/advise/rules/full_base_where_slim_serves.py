"""Full base images and JDKs under stages that compile nothing."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from bot.advise.base_images import find_slim_variant
from bot.advise.finding import FULL_BASE, Finding, FixSafety
from bot.advise.full_image_calls import (
    explains_base,
    list_image_calls,
    needs_full_image,
    serves_slim_base,
)
from bot.advise.ignore_comments import is_ignored
from bot.advise.image_purpose import find_work_reason
from bot.advise.java_images import find_jre_variant
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput
from bot.dockerfile.edits import TextChange
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections

_LIST = "full_images.txt"
_JDK_PROGRAMS = compile_sections("bot.advise", _LIST, "JDK programs")
# What the full images have and slim ones have not, of Debian's packages (buildpack-deps).
_FULL_IMAGE_PACKAGES = re.compile(
    r"gcc|g\+\+|cpp|lib.*-dev$|make$|autoconf|automake|patch$|mercurial|subversion|git$|git-man|"
    r"imagemagick|libmagick|linux-libc-dev|binutils|bzr|dpkg-dev|file$|unzip$|procps$|libc-dev-bin|"
    r"python3|libpython3|openssh-client|icu-devtools|mariadb-common|libmariadb"
)

# What a build and a start of the new image answer.
ANSWERED_BY_PROOF = (
    " Check that the build neither compiles nor fetches from git, and install the libraries of the "
    "full image that the program loads."
)
_INTERPRETER_MESSAGE = (
    "It has the same system and the same interpreter, without compilers, headers and version "
    "control." + ANSWERED_BY_PROOF
)
_JRE_MESSAGE = (
    "It has the same release of Java without compiler and tools. Check that nothing attaches to "
    "the running program (jcmd, jstack, a profiler) or compiles, as servers with JSP pages may."
)
_DISTRIBUTION_MESSAGE = (
    "It has the same system without documentation, manual pages and translations. Check that "
    "nothing reads those at run time."
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report the base of the final stages if it is a full image and nothing needs it."""
    base = rule_input.base_image or ""
    if not _is_base_named(rule_input) or explains_base(rule_input):
        return
    slim, jre = find_slim_variant(base), find_jre_variant(base)
    if slim and serves_slim_base(rule_input):
        yield _build_slim_finding(rule_input, slim)
    elif jre and _only_starts_java(rule_input):
        yield _build_finding(rule_input, jre, _JRE_MESSAGE)


def propose_slim_base(rule_input: RuleInput) -> Finding | None:
    """Return the change to the slim image, although dependencies may need the full one.

    It is for a caller that builds it and compares what it starts.
    """
    slim = find_slim_variant(rule_input.base_image or "")
    if slim is None or not _is_base_named(rule_input) or explains_base(rule_input):
        return None
    if needs_full_image(rule_input):
        return None
    comments = rule_input.dockerfile.find_comments(rule_input.final_stages[0].from_instruction)
    if is_ignored(FULL_BASE, comments):
        return None
    return replace(_build_slim_finding(rule_input, slim), rule=FULL_BASE)


def _is_base_named(rule_input: RuleInput) -> bool:
    """Return False for a variable in the name: the next build may use another image."""
    stages = rule_input.final_stages
    return bool(stages) and rule_input.base_image == stages[0].base_name


def _build_slim_finding(rule_input: RuleInput, slim: str) -> Finding:
    is_distribution = split_reference(slim).name == "debian"
    message = _DISTRIBUTION_MESSAGE if is_distribution else _INTERPRETER_MESSAGE
    return _build_finding(rule_input, slim, message)


def _build_finding(rule_input: RuleInput, image: str, message: str) -> Finding:
    stage = rule_input.final_stages[0]
    arguments = stage.from_instruction.argument_text
    start = arguments.text.index(stage.base_name)
    return Finding(
        stage.from_instruction,
        f"Use {image} as the base image",
        message,
        _measure_saving(rule_input),
        (TextChange(arguments[start : start + len(stage.base_name)].span, image),),
        FixSafety.NEEDS_CHECK,
    )


def _only_starts_java(rule_input: RuleInput) -> bool:
    """Return True if the container starts `java`, and no program of a JDK runs in the build."""
    command = read_start_commands(rule_input).main_command
    names = {call.name for step in rule_input.steps for call in list_image_calls(step)}
    # A script of the project could compile.
    may_compile = any(_JDK_PROGRAMS.fullmatch(name) or name.endswith(".sh") for name in names)
    is_java = bool(command) and posixpath.basename(command[0]) == "java"
    return is_java and not may_compile and not find_work_reason(rule_input)


def _measure_saving(rule_input: RuleInput) -> int | None:
    """Return the bytes of build packages in the base image, a lower bound."""
    if rule_input.evidence is None:
        return None
    packages = rule_input.evidence.base_package_sizes
    return sum(size for name, size in packages.items() if _FULL_IMAGE_PACKAGES.match(name))
