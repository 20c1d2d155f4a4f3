"""Which of an image's own files its last stage needs: all but what a build leaves behind."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.advise.path_patterns import inside
from bot.model.files import Entry
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

INSTALLERS = ("apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "dpkg")

# What installers, shells and the distribution's own scripts leave, whoever ran them.
RESIDUE = (
    *("/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/var/lib/ucf", "/var/lib/pam"),
    *("/var/lib/systemd", "/var/backups", "/run", "/lib/apk", "/etc/apk"),
    *("/tmp", "/var/tmp"),  # noqa: S108 - places in an image, none of ours
    *("/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow", "/etc/shadow-"),
    *(
        "/etc/gshadow",
        "/etc/gshadow-",
        "/etc/subuid",
        "/etc/subgid",
        "/etc/subuid-",
        "/etc/subgid-",
    ),
    *("/etc/.pwd.lock", "/etc/ld.so.cache", "/etc/alternatives", "/etc/apt", "/etc/machine-id"),
    *("/usr/share/doc", "/usr/share/man", "/usr/share/info", "/usr/share/mime", "/usr/local/man"),
    *("~/.cache", "~/.npm", "~/.wget-hsts", "~/.gnupg", "~/.bash_history", "~/.node-gyp"),
    *("/usr/local/share/man", "/usr/local/share/doc", "/usr/share/bug", "/usr/share/lintian"),
)
# Where a distribution's packages have their files; what their scripts made there is theirs too.
OF_THE_SYSTEM = re.compile(
    r"(?:etc|usr/(?!local/|src/)|var/(?!www/)|lib\d*|bin|sbin|boot)(?:/|(?<=/))"
)
REPOSITORY = re.compile(r"(?:^|/)\.(?:git|hg|svn)/")
# What belongs to a repository, not to what runs.
_OF_THE_PROJECT = re.compile(
    r"(?:^|/)(?:\.dockerignore|Dockerfile[^/]*|[^/]*\.Dockerfile|\.git(?:ignore|attributes|modules|keep)|"
    r"\.editorconfig|\.github/.*|\.gitlab-ci\.yml|\.travis\.yml|docker-compose[^/]*\.ya?ml|compose\.ya?ml|"
    r"README[^/]*|CHANGELOG[^/]*|CONTRIBUTING[^/]*|\.pre-commit-config\.yaml|\.vscode/.*|\.idea/.*)$"
)


@dataclass(frozen=True)
class Sorting:
    """Which own files are kept."""

    world: World
    launch: Launch
    ecosystem: Ecosystem

    @cached_property
    def kept(self) -> frozenset[str]:
        """The paths that the last stage needs."""
        wanted = set(self.ecosystem.keeps(self.world, self.launch))
        wanted |= set(self._started())
        mine = inside(wanted) if wanted else re.compile(r"(?!)")
        return frozenset(
            path for path, entry in self.world.own.items() if mine.match(path) or self._keeps(entry)
        )

    def _keeps(self, entry: Entry) -> bool:
        path = entry.path
        if self._dropped.match(path) or self._is_of_a_repository(path):
            return False
        if self._residue.match(path) and not is_copied(self.world, path):
            return False
        if self._is_of_a_package(path):
            return False
        return not (_OF_THE_PROJECT.search(path) or self.ecosystem.sources.search(path))

    def _is_of_a_package(self, path: str) -> bool:
        """Whether an installer or its scripts made it, and the Dockerfile's author has not changed it."""
        installed = self.world.image.origins[path] in self._installing
        if self.world.system.owner(path) is not None:
            changed = is_copied(self.world, path) or (path.startswith("etc/") and not installed)
            return not changed
        return installed and bool(OF_THE_SYSTEM.match(path))

    def _is_of_a_repository(self, path: str) -> bool:
        """Whether it is the history of the project, not of one that a `RUN` has made."""
        return bool(REPOSITORY.search(path)) and is_copied(self.world, path)

    @cached_property
    def _installing(self) -> frozenset[int]:
        """The layers of the `RUN`s that install system packages."""
        lines = {
            step.statement.line_start
            for step in self.world.subject.runs()
            if any(call.name in INSTALLERS for call in step.calls)
        }
        layers = self.world.image.layers
        return frozenset(
            x.index for x in layers if x.instruction and x.instruction.line_start in lines
        )

    @cached_property
    def _dropped(self) -> re.Pattern[str]:
        return inside([*RESIDUE, *self.ecosystem.drops(self.world, self.launch)])

    @cached_property
    def _residue(self) -> re.Pattern[str]:
        """Where builds leave things; what came out of the context is none of these."""
        places = self.ecosystem.residue
        left = [x for x in places if not any(map(inside([x]).match, self._at_work))]
        return inside(left) if left else re.compile(r"(?!)")

    @cached_property
    def _at_work(self) -> tuple[str, ...]:
        """The working folder, and what the command line names: where `/usr/src/app` is the application's
        home, `/usr/src` holds no leftovers."""
        words = (word for command in self.launch.commands for word in command)
        paths = (posixpath.join("/", self.world.workdir, word)[1:] for word in words)
        return (self.world.workdir, *(path for path in paths if path in self.world.own))

    def _started(self) -> Iterator[str]:
        """The programs and scripts that are started, as far as they are the Dockerfile's own."""
        for command in self.launch.commands:
            for word in command[:1]:
                place = self.world.which(word)
                for path in (place, self.world.paths.real(place) if place else None):
                    if path and path in self.world.own and not self.world.system.owner(path):
                        yield f"/{path}"
        yield from (f"/{path}" for path in self.launch.scripts if path in self.world.own)


def is_copied(world: World, path: str) -> bool:
    """Whether an own file came out of the context."""
    instruction = world.image.layers[world.image.origins[path]].instruction
    return instruction is None or instruction.keyword in ("ADD", "COPY")
