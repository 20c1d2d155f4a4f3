"""Directories that image builders know, and the words reports use for them.

A table of data: which are caches, and what each is called.
"""

from typing import NamedTuple


class KnownDirectory(NamedTuple):
    """A known directory: its description, and whether nothing reads it after the build."""

    description: str
    is_cache: bool


_CACHE_DESCRIPTIONS = {
    "/var/lib/apt/lists": "apt's package lists",
    "/var/cache/apt": "apt's downloads",
    "/var/cache/apk": "apk's cache",
    "/etc/apk/cache": "apk's cache",
    "/var/cache/dnf": "dnf's cache",
    "/var/cache/libdnf5": "dnf's cache",
    "/var/cache/yum": "yum's cache",
    "/var/cache/zypp": "zypper's cache",
    "~/.cache/pip": "pip's download cache",
    "~/.cache/uv": "uv's cache",
    "~/.cache/pypoetry": "Poetry's cache",
    "~/.npm": "npm's cache",
    "~/.cache/yarn": "Yarn's cache",
    "/usr/local/share/.cache": "Yarn's cache",
    "~/.local/share/pnpm/store": "pnpm's store",
    "~/.bun/install/cache": "Bun's cache",
    "~/.cache/go-build": "Go's build cache",
    "~/go/pkg/mod": "Go's module cache",
    "/go/pkg/mod": "Go's module cache",
    "~/.cargo/registry": "Cargo's registry",
    "/usr/local/cargo/registry": "Cargo's registry",
    "~/.m2": "Maven's repository",
    "~/.gradle": "Gradle's caches",
    "~/.nuget/packages": "NuGet's packages",
    "~/.composer/cache": "Composer's cache",
    "~/.cache/composer": "Composer's cache",
    "/usr/local/bundle/cache": "Bundler's cache",
    "~/.bundle/cache": "Bundler's cache",
    "~/.cache": "a cache",
    "/tmp": "temporary files",  # noqa: S108 - a name in a report, not a file of ours
    "/var/tmp": "temporary files",  # noqa: S108 - likewise
    "*/.git": "git's history",
    "*/node_modules/.cache": "the build tools' cache",
}
# Read by programs or people after the build: named, but never called a cache.
_OTHER_DESCRIPTIONS = {
    "~/.cache/huggingface": "Hugging Face's models",
    "/usr/share/doc": "documentation",
    "/usr/share/man": "manual pages",
    "/usr/share/info": "manual pages",
    "/usr/share/locale": "translations",
    "/var/lib/dpkg": "dpkg's database",
    "/var/cache/debconf": "debconf's database",
    "/var/log": "logs",
}
_KNOWN_DIRECTORIES = {
    **{name: KnownDirectory(words, is_cache=True) for name, words in _CACHE_DESCRIPTIONS.items()},
    **{name: KnownDirectory(words, is_cache=False) for name, words in _OTHER_DESCRIPTIONS.items()},
}


# The two entries that may be in any project, written with `*` in the table.
_KNOWN_SUFFIXES = ("/.git", "/node_modules/.cache")


def find_known_directory(directory: str) -> KnownDirectory | None:
    """Return what is known of a directory by its full path; None for an ordinary one.

    >>> find_known_directory("/home/app/.cache/pip").description
    "pip's download cache"
    """
    if directory.endswith(_KNOWN_SUFFIXES):
        return _KNOWN_DIRECTORIES[
            next("*" + name for name in _KNOWN_SUFFIXES if directory.endswith(name))
        ]
    # `~` in the tables is the home of root or of any user below /home.
    if directory.startswith("/root/"):
        return _KNOWN_DIRECTORIES.get("~" + directory.removeprefix("/root"))
    if directory.startswith("/home/"):
        return _KNOWN_DIRECTORIES.get("~/" + directory.removeprefix("/home/").partition("/")[2])
    return _KNOWN_DIRECTORIES.get(directory)
