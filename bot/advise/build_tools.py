"""Build tools of the languages: the calls that build or download, and the caches that these fill.

The rule on build caches reads them, and the one that says where a multi-stage build is worth it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.advise.subject import RuleInput
from bot.dockerfile.shell_calls import Call
from bot.image.archives.reference import split_reference

_SWIFT_WITH_CACHE = (5, 4)  # swift-package-manager's CHANGELOG
_OLD_SWIFT_PREFIX = "ibmcom/"  # ibmcom/swift-ubuntu ended with 5.1
_GO_WITH_CACHES = (1, 11)  # the first release with modules
# GO_VERSION, GOLANG_VERSION and GOVERSION, by which Dockerfiles download Go.
_GO_VERSION_VARIABLE = re.compile(r"GO(?:LANG)?_?VERSION", re.IGNORECASE)
_VERSION = re.compile(r"(?:go)?(\d{1,4})\.(\d{1,4})", re.ASCII)
# The Go of these is older: packages.debian.org, packages.ubuntu.com, pkgs.alpinelinux.org.
_OLD_GO_SYSTEM = re.compile(
    r"(?:debian:(?:[789]|wheezy|jessie|stretch)|ubuntu:(?:1[2-8]\.\d\d|trusty|xenial|bionic|precise)"
    r"|alpine:(?:2\.\d+|3\.[0-8]))(?:\D.*)?"
)
_MODULE_SIGNS = ("GO111MODULE", "go.mod", "go.sum")
_OFFICIAL_PREFIXES = ("", "docker.io/", "library/", "docker.io/library/", "rustlang/")
_WINDOWS_TAG = re.compile(r"nanoserver|windowsservercore|servercore|ltsc20")
_NO_TASK_OPTIONS = ("--version", "-v", "-version", "--help", "-h", "--stop")


@dataclass(frozen=True, slots=True)
class BuildTool:
    """A build tool, the subcommands that fill its caches, and where these are.

    Without `subcommands` all do but `idle_subcommands`, and none with `directory_options`, which
    name a folder that is wanted. `directory_variables` put a cache elsewhere; the official image
    sets one of them, and has its caches in `official_caches`. `install_tasks` put results of the
    build itself beside what is downloaded.
    """

    programs: tuple[str, ...]
    caches: tuple[str, ...]
    subcommands: tuple[str, ...] = ()
    idle_subcommands: tuple[str, ...] = ()
    cleanup_subcommands: tuple[str, ...] = ()
    install_tasks: tuple[str, ...] = ()
    directory_options: tuple[str, ...] = ()
    directory_variables: tuple[str, ...] = ()
    official_image: str = ""
    official_caches: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of the caches in any image."""
        return tuple(dict.fromkeys((*self.caches, *self.official_caches)))

    def list_caches(self, base_image: str) -> tuple[str, ...] | None:
        """Return the paths of the caches in an image on this base; None if they are unknown."""
        reference = split_reference(base_image)
        if reference.name != self.official_image:
            return self.caches
        # google/golang has its modules in /gopath, and nobody knows of a mirror what it mirrors.
        return self.official_caches if reference.prefix in _OFFICIAL_PREFIXES else None

    def installs_results(self, call: Call) -> bool:
        """Return True if a call puts a result into the cache, from which others take it."""
        # Also with the name of the plug-in: `org.apache…:maven-install-plugin:3:install-file`.
        return call.name in self.programs and any(
            word.text == task or word.text.endswith(f":{task}")
            for word in call.operands
            for task in self.install_tasks
        )

    def fills_cache(self, call: Call) -> bool:
        """Return True if a call downloads or compiles."""
        # `mvn` without a task prints an error, and `go` its help.
        if call.name not in self.programs or not call.operands:
            return False
        if call.has_option(*_NO_TASK_OPTIONS) and len(call.operands) < 2:
            return False
        if call.has_option(*self.directory_options):
            return False
        names = [word.value or word.text for word in call.operands]
        if self.subcommands:
            return (
                # One word or two: `go build`, `go mod download`.
                " ".join(names[:1]) in self.subcommands or " ".join(names[:2]) in self.subcommands
            )
        return any(name not in self.idle_subcommands for name in names)


_MAVEN = BuildTool(
    ("mvn", "mvnw"),
    ("~/.m2",),
    idle_subcommands=("help:effective-pom", "help:help", "version"),
    install_tasks=("install", "install-file"),
)
_GRADLE = BuildTool(
    ("gradle", "gradlew"),
    ("~/.gradle",),
    idle_subcommands=("help", "tasks", "projects", "wrapper", "clean", "properties", "init"),
    directory_variables=("GRADLE_USER_HOME",),
)
BUILD_TOOLS = (
    BuildTool(
        ("go",),
        ("~/go/pkg/mod", "~/.cache/go-build"),
        ("build", "install", "get", "test", "mod download", "mod tidy", "mod vendor", "vet"),
        cleanup_subcommands=("clean",),
        directory_variables=("GOPATH", "GOMODCACHE", "GOCACHE"),
        official_image="golang",
        official_caches=("/go/pkg/mod", "~/.cache/go-build"),
    ),
    BuildTool(
        ("cargo",),
        ("~/.cargo/registry",),
        ("build", "install", "fetch", "test", "b", "rustc"),
        directory_variables=("CARGO_HOME",),
        official_image="rust",
        official_caches=("/usr/local/cargo/registry",),
    ),
    _MAVEN,
    _GRADLE,
    BuildTool(
        ("dotnet",),
        ("~/.nuget/packages",),
        ("restore", "build", "publish", "test", "pack"),
        cleanup_subcommands=("nuget locals",),
        directory_options=("--packages",),
        directory_variables=("NUGET_PACKAGES",),
    ),
    BuildTool(
        ("sbt",),
        ("~/.ivy2", "~/.cache/coursier"),
        # `package` and `compile` put no dependency beside the program, which loads them from here.
        idle_subcommands=("clean", "exit", "sbtVersion", "about", "version", "package", "compile"),
        install_tasks=("publishLocal", "publishM2"),
    ),
    BuildTool(("swift",), ("~/.cache/org.swift.swiftpm",), ("build", "package resolve", "test")),
    BuildTool(("mix",), ("~/.hex/packages",), ("deps.get", "release", "compile", "do")),
)


def has_swift_cache(rule_input: RuleInput) -> bool:
    """Return True if the package manager of Swift keeps repositories, as it does since 5.4."""
    reference = split_reference(rule_input.base_image or "")
    if reference.prefix == _OLD_SWIFT_PREFIX:
        return False
    match = _VERSION.match(reference.tag) if reference.name == "swift" else None
    return match is None or (int(match[1]), int(match[2])) >= _SWIFT_WITH_CACHE


def is_windows_image(base_image: str) -> bool:
    """Return True for a base image of Windows, where BuildKit has no cache mounts."""
    return bool(_WINDOWS_TAG.search(base_image))


def has_go_caches(rule_input: RuleInput) -> bool:
    """Return True if the Go in use has modules and a build cache, as far as that is known."""
    version = _read_go_version(rule_input)
    if version is not None:
        return version >= _GO_WITH_CACHES
    base = rule_input.base_image or ""
    if split_reference(base).name == "golang":
        return True
    if _OLD_GO_SYSTEM.fullmatch(base.rpartition("/")[2]):
        return False
    texts = [step.instruction.text for step in rule_input.steps]
    return any(sign in text for sign in _MODULE_SIGNS for text in texts) or any(
        _names_a_version(call) for step in rule_input.steps for call in step.calls
    )


def _read_go_version(rule_input: RuleInput) -> tuple[int, int] | None:
    """Return the version in the tag of the base image, or in a variable."""
    reference = split_reference(rule_input.base_image or "")
    texts = [reference.tag] if reference.name == "golang" else []
    values: Mapping[str, str] = rule_input.steps[-1].variables if rule_input.steps else {}
    texts += [value for name, value in values.items() if _GO_VERSION_VARIABLE.fullmatch(name)]
    match = next((match for text in texts if (match := _VERSION.match(text))), None)
    return (int(match[1]), int(match[2])) if match else None


def _names_a_version(call: Call) -> bool:
    """Return True for `go install example.com/x@latest` and `go mod …`, which need modules."""
    return call.name == "go" and (
        call.subcommand == "mod" or any("@" in value for value in call.known_arguments)
    )
