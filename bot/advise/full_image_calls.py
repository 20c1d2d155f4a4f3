"""Lines of a Dockerfile that use what a full base image has, and its slim variant lacks."""

import re
from collections.abc import Container, Iterator

from bot.advise.base_images import find_slim_variant
from bot.advise.copied_scripts import CopiedScripts
from bot.advise.full_image_needs import (
    has_needy_dependencies,
    starts_copied_program,
    starts_full_program,
)
from bot.advise.image_purpose import find_work_reason
from bot.advise.project_files import depends_on_node_package
from bot.advise.run_time_builds import installs_at_start
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call, iter_instruction_calls
from bot.dockerfile.shell_programs import APT_PROGRAMS, INSTALL_SUBCOMMANDS
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
_COMPILER_PACKAGES = compile_sections(
    "bot.image.packages", "build_only.txt", "compilers", "headers"
)
_GEM_FOLDER = re.compile(r"/(?:bundle|gems)(?:/|$)")
_MANUAL_PACKAGES = frozenset({"man", "man-db"})
_SCRIPT_INSTALL = re.compile(r"\bapt(?:-get)?\b[^\n;&]*\binstall\b(?P<packages>[^\n;&]*)")

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


def serves_slim_base(rule_input: RuleInput) -> bool:
    """Return True for a full base whose slim variant has all that is used: nothing compiles."""
    return (
        find_slim_variant(rule_input.base_image or "") is not None
        and not explains_base(rule_input)
        and not needs_full_image(rule_input)
        and not _has_needy_dependencies(rule_input)
    )


def explains_base(rule_input: RuleInput) -> bool:
    """Return True if a comment at the `FROM` says what the image is for.

    "We need JDK as some of the lessons needs to be able to compile Java code" (WebGoat/WebGoat).
    """
    comments = rule_input.dockerfile.find_comments(rule_input.final_stages[0].from_instruction)
    return any(_REASON.search(comment.text) for comment in comments)


def needs_full_image(rule_input: RuleInput) -> bool:
    """Return True if the build or the start uses what only the full image has.

    So do images to work in, whatever is called in them.
    """
    if find_work_reason(rule_input) or installs_at_start(rule_input):
        return True
    if _installs_manual_pages(rule_input):
        return True
    calls = [call for step in rule_input.steps for call in list_image_calls(step)]
    installed = {name for call in calls for name in _list_installed(call)}
    if _relies_on_installed_packages(calls) or _lacks_openssl(rule_input, installed):
        return True
    if starts_full_program(rule_input) or starts_copied_program(rule_input):
        return True
    if any(map(_copies_gems, rule_input.steps)):
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


def _copies_gems(step: Step) -> bool:
    """Return True for gems of another stage: they load libraries of the image that built them."""
    is_from_stage = step.instruction.flag_value("from") is not None
    words = step.instruction.words[:-1] if is_from_stage else ()
    return any(map(_GEM_FOLDER.search, words))


def _has_needy_dependencies(rule_input: RuleInput) -> bool:
    calls = (call for step in rule_input.steps for call in list_image_calls(step))
    return any(has_needy_dependencies(rule_input, call) for call in calls)


def _installs_manual_pages(rule_input: RuleInput) -> bool:
    """Return True if a `RUN`, or a script of one, installs `man` or what needs its folders.

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


def list_image_calls(step: Step) -> list[Call]:
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
