"""Full base images and JDKs under stages that compile nothing."""

import posixpath
import re
from collections.abc import Container, Iterator
from dataclasses import replace

from bot.advise.base_images import find_slim_variant
from bot.advise.copied_scripts import CopiedScripts
from bot.advise.finding import FULL_BASE, Finding, FixSafety
from bot.advise.full_image_needs import (
    has_needy_dependencies,
    starts_copied_program,
    starts_full_program,
)
from bot.advise.ignore_comments import is_ignored
from bot.advise.image_purpose import find_work_reason
from bot.advise.java_images import find_jre_variant
from bot.advise.project_files import depends_on_node_package
from bot.advise.run_time_builds import installs_at_start
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call, iter_instruction_calls
from bot.dockerfile.shell_programs import APT_PROGRAMS, INSTALL_SUBCOMMANDS
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections

_LIST = "full_images.txt"
_FULL_PROGRAMS = compile_sections("bot.advise", _LIST, "programs")
_COMPILING_CALLS = compile_sections("bot.advise", _LIST, "compiling calls")
_MANUAL_USERS = compile_sections("bot.advise", _LIST, "packages that need the manual's folders")
_REASON = re.compile(
    r"\b(?:needs?|needed|requires?|required|because)\b.*\b(?:jdk|compil\w+|git|full|libs?|librar\w+)\b"
    r"|\b(?:slim|alpine)\b.*\b(?:fails?|lacks?|breaks?|misses|missing|not|without)\b",
    re.IGNORECASE,
)
_ADDUSER_PROGRAMS = ("adduser", "addgroup", "deluser", "delgroup")
_BEFORE_TRIXIE = re.compile(r"bookworm|bullseye|buster|stretch|jessie")
_PRISMA = ("prisma", "@prisma/client")
_JDK_PROGRAMS = compile_sections("bot.advise", _LIST, "JDK programs")
_COMPILER_PACKAGES = compile_sections(
    "bot.image.packages", "build_only.txt", "compilers", "headers"
)
# What the full images have and slim ones have not, of Debian's packages (buildpack-deps).
_FULL_IMAGE_PACKAGES = re.compile(
    r"gcc|g\+\+|cpp|lib.*-dev$|make$|autoconf|automake|patch$|mercurial|subversion|git$|git-man|"
    r"imagemagick|libmagick|linux-libc-dev|binutils|bzr|dpkg-dev|file$|unzip$|procps$|libc-dev-bin|"
    r"python3|libpython3|openssh-client|icu-devtools|mariadb-common|libmariadb"
)

_MANUAL_PACKAGES = frozenset({"man", "man-db"})
_SCRIPT_INSTALL = re.compile(r"\bapt(?:-get)?\b[^\n;&]*\binstall\b(?P<packages>[^\n;&]*)")

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
# Packages of which the programs have other names.
_PACKAGE_PROGRAMS = {
    "git-core": ("git",),
    "gnupg": ("gpg",),
    "imagemagick": ("convert", "identify", "magick"),
    "mercurial": ("hg",),
    "openssh-client": ("ssh", "scp", "ssh-keyscan"),
    "procps": ("ps",),
    "subversion": ("svn",),
    "xz-utils": ("xz",),
}
_DISTRIBUTION_MESSAGE = (
    "It has the same system without documentation, manual pages and translations. Check that "
    "nothing reads those at run time."
)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report the base of the final stages if it is a full image and nothing needs it."""
    base = rule_input.base_image or ""
    if not _is_base_named(rule_input) or _is_explained(rule_input):
        return
    slim, jre = find_slim_variant(base), find_jre_variant(base)
    if slim and not _needs_full_image(rule_input) and not _has_needy_dependencies(rule_input):
        yield _build_slim_finding(rule_input, slim)
    elif jre and _only_starts_java(rule_input):
        yield _build_finding(rule_input, jre, _JRE_MESSAGE)


def propose_slim_base(rule_input: RuleInput) -> Finding | None:
    """Return the change to the slim image, although dependencies may need the full one.

    It is for a caller that builds it and compares what it starts.
    """
    slim = find_slim_variant(rule_input.base_image or "")
    if slim is None or not _is_base_named(rule_input) or _is_explained(rule_input):
        return None
    if _needs_full_image(rule_input):
        return None
    comments = rule_input.dockerfile.find_comments(rule_input.final_stages[0].from_instruction)
    if is_ignored(FULL_BASE, comments):
        return None
    return replace(_build_slim_finding(rule_input, slim), rule=FULL_BASE)


def _is_base_named(rule_input: RuleInput) -> bool:
    """Return False for a variable in the name: the next build may use another image."""
    stages = rule_input.final_stages
    return bool(stages) and rule_input.base_image == stages[0].base_name


def _is_explained(rule_input: RuleInput) -> bool:
    """Return True if a comment at the `FROM` says what the image is for.

    "We need JDK as some of the lessons needs to be able to compile Java code" (WebGoat/WebGoat).
    """
    comments = rule_input.dockerfile.find_comments(rule_input.final_stages[0].from_instruction)
    return any(_REASON.search(comment.text) for comment in comments)


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


def _needs_full_image(rule_input: RuleInput) -> bool:
    """Return True if the build or the start uses what only the full image has.

    So do images to work in, whatever is called in them.
    """
    if find_work_reason(rule_input) or installs_at_start(rule_input):
        return True
    if _installs_manual_pages(rule_input):
        return True
    calls = [call for step in rule_input.steps for call in _list_calls(step)]
    installed = {name for call in calls for name in _list_installed(call)}
    if _relies_on_installed_packages(calls) or _lacks_openssl(rule_input, installed):
        return True
    if starts_full_program(rule_input) or starts_copied_program(rule_input):
        return True
    return any(
        (_needs_program(rule_input, call.name) and call.name not in installed)
        or _COMPILING_CALLS.fullmatch(_describe_call(call))
        or _installs_compilers(call)
        or any(map(_MANUAL_USERS.fullmatch, _list_installed(call)))
        # pip and npm clone such an address with git, which slim images lack.
        or any("git+" in value for value in call.known_arguments)
        for call in calls
    )


def _has_needy_dependencies(rule_input: RuleInput) -> bool:
    calls = (call for step in rule_input.steps for call in _list_calls(step))
    return any(has_needy_dependencies(rule_input, call) for call in calls)


def _installs_manual_pages(rule_input: RuleInput) -> bool:
    """Return True if a `RUN` installs `man`, or its script that or what needs its folders.

    Slim images keep no pages, and have no folders for them.
    """
    scripts = CopiedScripts(rule_input)
    return any(
        not _MANUAL_PACKAGES.isdisjoint(_list_installed(call))
        or any(
            name in _MANUAL_PACKAGES or _MANUAL_USERS.fullmatch(name)
            for name in _list_script_packages(scripts.read_called(step, call) or "")
        )
        for step in rule_input.iter_runs()
        for call in step.calls
    )


def _list_script_packages(text: str) -> Iterator[str]:
    """Yield the packages that a script installs with apt."""
    for match in _SCRIPT_INSTALL.finditer(text.replace("\\\n", " ")):
        yield from match["packages"].split()


def _needs_program(rule_input: RuleInput, name: str) -> bool:
    """Return True for a program of the full image alone; `adduser` left slim ones in Debian 13."""
    if name in _ADDUSER_PROGRAMS:
        return not _BEFORE_TRIXIE.search(rule_input.base_image or "")
    return bool(_FULL_PROGRAMS.fullmatch(name))


def _relies_on_installed_packages(calls: list[Call]) -> bool:
    """Return True if apt is to install without lists, which works for what the image has already.

    `apt-get install git` in Sphereon-Opensource/vc-http-api does nothing on `node`.
    """
    apt_calls = [call for call in calls if call.name in APT_PROGRAMS]
    return any(call.subcommand == "install" for call in apt_calls) and not any(
        call.subcommand == "update" for call in apt_calls
    )


def _lacks_openssl(rule_input: RuleInput, installed: Container[str]) -> bool:
    """Return True if Prisma loads libssl, which slim images lack (prisma/orm, issue 19729)."""
    return "openssl" not in installed and depends_on_node_package(rule_input, _PRISMA)


def _only_starts_java(rule_input: RuleInput) -> bool:
    """Return True if the container starts `java`, and no program of a JDK runs in the build."""
    command = read_start_commands(rule_input).main_command
    names = {call.name for step in rule_input.steps for call in _list_calls(step)}
    # A script of the project could compile.
    may_compile = any(_JDK_PROGRAMS.fullmatch(name) or name.endswith(".sh") for name in names)
    is_java = bool(command) and posixpath.basename(command[0]) == "java"
    return is_java and not may_compile and not find_work_reason(rule_input)


def _list_calls(step: Step) -> list[Call]:
    """Return the programs of a `RUN`, a health check or a start command."""
    if step.instruction.keyword == "RUN":
        return list(step.calls)
    is_command = step.instruction.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK")
    return list(iter_instruction_calls(step.instruction)) if is_command else []


def _describe_call(call: Call) -> str:
    return " ".join((call.name, *(word.value or word.text for word in call.operands)))


def _list_installed(call: Call) -> list[str]:
    if call.subcommand not in INSTALL_SUBCOMMANDS.get(call.name, ()):
        return []
    names = (value.partition("=")[0] for value in call.known_arguments)
    return [program for name in names for program in _PACKAGE_PROGRAMS.get(name, (name,))]


def _installs_compilers(call: Call) -> bool:
    """Return True if a command installs a compiler, which a slim image would need, too."""
    return call.subcommand in ("install", "add") and any(
        map(_COMPILER_PACKAGES.fullmatch, call.known_arguments)
    )


def _measure_saving(rule_input: RuleInput) -> int | None:
    """Return the bytes of build packages in the base image, a lower bound."""
    if rule_input.evidence is None:
        return None
    packages = rule_input.evidence.base_package_sizes
    return sum(size for name, size in packages.items() if _FULL_IMAGE_PACKAGES.match(name))
