"""Programs of packages that another one only recommends, and that a `RUN` needs."""

import re
from collections.abc import Iterator, Set
from functools import cached_property

from bot.advise.subject import RuleInput, Step

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


def _list_used(step: Step) -> Iterator[str]:
    """Yield the packages that a `RUN` uses."""
    if any(mount.kind == "ssh" for mount in step.instruction.mounts):
        yield _SSH_PACKAGE
    for call in step.calls:
        yield from (package for package, names in _PROGRAMS.items() if call.name in names)
        if any(_SSH_ADDRESS.search(word.text) for word in call.arguments):
            yield _SSH_PACKAGE
