"""A clone of the user: where its objects are and what its configuration says. It is only read."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.adapters.environment import find_program
from bot.adapters.git.git_command import GitCommand, Setting

# What a fetch depends on: the server's address, its certificates, credentials and proxies.
_NETWORK_KEYS = re.compile(
    r"(?:http|url|credential)\..+"
    r"|core\.(?:sshcommand|gitproxy)"
    r"|ssh\.variant"
    r"|remote\..+\.(?:url|promisor|partialclonefilter|proxy|proxyauthmethod|uploadpack)",
    re.DOTALL,
)
_FILTER_KEY = re.compile(r"filter\.(.+)\.(clean|smudge|process|required)", re.DOTALL)
_REMOTE_URL_KEY = re.compile(r"remote\..+\.url", re.DOTALL)
# What forges take for a repository's name; an address may have a password anywhere else.
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LAYOUT_OPTIONS = (
    "--path-format=absolute",
    "--git-dir",
    "--git-common-dir",
    "--git-path",
    "objects",
    "--git-path",
    "shallow",
    "--git-path",
    "index",
    "--show-object-format",
)


@dataclass(frozen=True, slots=True)
class CloneLayout:
    """The files of a clone, as absolute paths, and the hash function of its object IDs."""

    git_directory: Path
    common_directory: Path
    objects: Path
    shallow: Path
    index: Path
    object_format: str


@dataclass(frozen=True)
class Clone:
    """A clone of the user, in whose configuration and references git looks things up.

    `command` runs there; a caller that may write objects hands it an object store of its own.
    """

    command: GitCommand

    @cached_property
    def layout(self) -> CloneLayout:
        """Return the files of the clone."""
        text = self.command.run("rev-parse", *_LAYOUT_OPTIONS).text
        *texts, object_format = text.split("\n")
        git_directory, common, objects, shallow, index = map(Path, texts)
        return CloneLayout(git_directory, common, objects, shallow, index, object_format)

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """Return the effective configuration, included files and those of the user as well."""
        listing = self.command.run("config", "--list", "--show-scope", "-z").stdout
        fields = listing.decode(errors="surrogateescape").split("\0")
        # Scope and entry in turns; a key and its value have a line feed between them (git-config,
        # -z).
        entries = zip(fields[::2], fields[1::2], strict=False)
        # The scope `command` has our own settings.
        pairs = (entry.partition("\n") for scope, entry in entries if scope != "command")
        # A key without "=" is a boolean that is true.
        return tuple((key, value if newline else "true") for key, newline, value in pairs)

    @cached_property
    def network_settings(self) -> tuple[Setting, ...]:
        """Return the settings that a fetch on behalf of this clone needs, each once."""
        network = (x for x in self.settings if _NETWORK_KEYS.fullmatch(x[0]))
        settings = dict.fromkeys(self._make_absolute(*setting) for setting in network)
        # Clones of git before 2.24 name their promisor remote there.
        promisors = [v for k, v in self.settings if k == "extensions.partialclone"]
        return (*settings, *((f"remote.{name}.promisor", "true") for name in promisors))

    def get(self, key: str) -> str:
        """Return the last value of a setting; empty if it is not set."""
        return next((v for k, v in reversed(self.settings) if k == key), "")

    @property
    def remote_urls(self) -> tuple[str, ...]:
        """The addresses of all remotes."""
        return tuple(v for k, v in self.network_settings if _REMOTE_URL_KEY.fullmatch(k))

    @property
    def url(self) -> str:
        """The address that relative ones of submodules build on: the remote's, or its own."""
        return dict(self.network_settings).get("remote.origin.url") or str(self.command.folder)

    @property
    def name(self) -> str:
        """The repository's name: as its remote has it, or that of its folder."""
        last = re.split(r"[/:]", self.url.rstrip("/").removesuffix("/.git"))[-1]
        common = self.layout.common_directory
        folder = common.parent if common.name == ".git" else common
        names = (text.removesuffix(".git") for text in (last, folder.name))
        return next((name for name in names if _NAME.fullmatch(name)), "")

    @cached_property
    def filters(self) -> Mapping[str, Mapping[str, str]]:
        """Return the configured filters: name to `clean`, `smudge`, `process` and `required`."""
        filters: dict[str, dict[str, str]] = {}
        for key, value in self.settings:
            if match := _FILTER_KEY.fullmatch(key):
                filters.setdefault(match[1], {})[match[2]] = value
        return filters

    @cached_property
    def lfs_folder(self) -> Path:
        """Return the folder of the clone's Git LFS objects, which need not exist."""
        storage = Path(self.get("lfs.storage") or "lfs")
        return self.layout.common_directory / storage / "objects"

    @property
    def uses_lfs(self) -> bool:
        """True if the clone has, or is set up to have, the contents of Git LFS files."""
        commands = self.filters.get("lfs", {})
        smudge = commands.get("process") or commands.get("smudge", "")
        # `git lfs install --skip-smudge` leaves the pointers in a checkout.
        return (bool(smudge) and "--skip" not in smudge) or self.lfs_folder.is_dir()

    def disable_missing_filters(self) -> tuple[Setting, ...]:
        """Return settings that turn off filters with a program that is not installed."""
        missing = [
            name for name, commands in self.filters.items() if not self._has_programs(commands)
        ]
        return tuple(
            (f"filter.{name}.{key}", "false" if key == "required" else "")
            for name in missing
            for key in ("clean", "smudge", "process", "required")
        )

    def _has_programs(self, commands: Mapping[str, str]) -> bool:
        lines = [commands[key] for key in ("clean", "process") if commands.get(key)]
        return all(_find_first_word(line, self.command.environment) for line in lines)

    def _make_absolute(self, key: str, value: str) -> Setting:
        """Return a setting that has no relative path, so that it holds in other folders."""
        # As git tells them apart: a colon before the first slash makes an address of it
        # (git-clone).
        is_path = ":" not in value.split("/", 1)[0]
        if _REMOTE_URL_KEY.fullmatch(key) and is_path and not value.startswith("/"):
            return key, str(self.command.folder / value)
        return key, value


def _find_first_word(command: str, environment: Mapping[str, str]) -> bool:
    """Return True if the shell would find the program of a command, or if that is unclear."""
    try:
        words = shlex.split(command)
    except ValueError:
        return True
    return not words or find_program(words[0], environment) is not None
