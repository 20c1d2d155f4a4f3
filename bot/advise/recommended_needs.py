"""Programs of packages that another one only recommends, and that a `RUN` needs."""

import re
from collections.abc import Iterator, Set
from functools import cached_property

from bot.advise.base_images import has_no_prefix
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call
from bot.image.archives.reference import split_reference
from bot.pattern_lists import read_names

GIT_PACKAGES = ("git", "git-core")
_SSH_PACKAGE = "openssh-client"
# What git recommends beside the certificates (packages.debian.org/git), and the programs of each.
_PROGRAMS = {
    _SSH_PACKAGE: ("ssh", "ssh-add", "ssh-agent", "ssh-keygen", "ssh-keyscan", "scp", "sftp"),
    "patch": ("patch",),
    "less": ("less",),
}
# They have the same programs, or depend on the package.
_PROVIDERS = {
    _SSH_PACKAGE: ("openssh-client", "openssh-server", "ssh", "ssh-client"),
    "patch": ("patch", "build-essential", "dpkg-dev"),
    "less": ("less",),
}
_LIST = "start_programs.txt"
_SYSTEM_PROGRAMS = frozenset(
    name
    for section in ("words of the shell", "tools of the system", "interpreters", "wrappers")
    + ("servers and their managers", "clients and settings")
    for name in read_names("bot.advise", _LIST, section)
)
# Of Debian itself, of apt and of the official images of languages.
_PACKAGE_TOOLS = re.compile(
    r"apt(?:-.+)?|add-apt-repository|dpkg(?:-.+)?|debconf-.+|update-.+|addgroup|adduser"
)
_BASE_PROGRAMS = {
    "php": re.compile(r"docker-php-.+|php.*|pecl|pear"),
    "python": re.compile(r"python.*|pip.*"),
    "node": re.compile(r"node|npm|npx|yarn|corepack"),
    "ruby": re.compile(r"ruby|gem|bundle|rake"),
    "golang": re.compile(r"go|gofmt"),
    "rust": re.compile(r"cargo|rust.*"),
    "perl": re.compile(r"perl|cpan.*"),
}
_MIN_STEM = 3
# They have libraries and headers, no programs.
_LIBRARY = re.compile(r"lib[^/]*|.*-dev")
# `git@github.com:owner/name.git`, `pip install git+ssh://…`.
_SSH_ADDRESS = re.compile(r"\bssh://|\bgit@[\w.-]+[:/]")


class GitNeeds:
    """The packages that git only recommends, by the last line that uses them."""

    def __init__(self, rule_input: RuleInput) -> None:
        self._rule_input = rule_input

    def list_packages(self, step: Step, installed: Set[str]) -> list[str]:
        """Return the packages that a step or a later one uses, and that no name has installed."""
        return [
            package
            for package, line in sorted(self._last_lines.items())
            if line >= step.instruction.line_start and installed.isdisjoint(_PROVIDERS[package])
        ]

    @cached_property
    def _last_lines(self) -> dict[str, int]:
        return {
            package: step.instruction.line_start
            for step in self._rule_input.steps
            for package in _list_used(step)
        }


def find_unnamed_program(rule_input: RuleInput, step: Step) -> str:
    """Return a program that a `RUN` calls behind its installs, and that no word names before.

    A recommended package may have it: `apt-get install libsofthsm2 && softhsm2-util --init-token`.
    Empty if there is none, or on a base that may have any program.
    """
    base = rule_input.base_image or ""
    if not has_no_prefix(base):
        return ""
    words = {
        word for other in rule_input.steps_before(step) for word in other.instruction.text.split()
    }
    of_base, is_installed = _BASE_PROGRAMS.get(split_reference(base).name), False
    for call in step.calls:
        is_install = _PACKAGE_TOOLS.fullmatch(call.name) is not None
        is_installed |= is_install and call.subcommand == "install"
        is_known = is_install or call.name in _SYSTEM_PROGRAMS or _is_named(call, words)
        if is_installed and not is_known and not (of_base and of_base.fullmatch(call.name)):
            return call.name
        words |= {word.text for word in (*call.command.words, *call.arguments)}
    return ""


def _is_named(call: Call, words: Set[str]) -> bool:
    """Return True for a path, and if a word has the name of a program, or begins it.

    `/usr/local/bin/jq`, and `softhsm2` of `softhsm2-util`.
    """
    written = call.command.words[0].text if call.command.words else ""
    names = (word for word in words if not _LIBRARY.fullmatch(word))
    return "/" in written or any(
        call.name in name or (len(name) >= _MIN_STEM and call.name.startswith(name))
        for name in names
    )


def _list_used(step: Step) -> Iterator[str]:
    """Yield the packages that a `RUN` uses."""
    if any(mount.kind == "ssh" for mount in step.instruction.mounts):
        yield _SSH_PACKAGE
    for call in step.calls:
        yield from (package for package, names in _PROGRAMS.items() if call.name in names)
        if any(_SSH_ADDRESS.search(word.text) for word in call.arguments):
            yield _SSH_PACKAGE
