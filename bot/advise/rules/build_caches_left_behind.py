"""Downloads and build caches of Go, Cargo, Maven and Gradle."""

from collections.abc import Iterator, Sequence

from bot.advise.dockerfile_changes import add_flag
from bot.advise.finding import Finding, FixSafety
from bot.advise.package_caches import PackageCache, find_cache_fills, measure_caches
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call

_MAVEN = PackageCache("mvn", ("package", "install", "verify", "compile", "clean"), ("~/.m2",))
_GRADLE = PackageCache("gradle", ("build", "assemble", "bootJar", "jar", "clean"), ("~/.gradle",))
_CACHES = (
    PackageCache("go", ("build", "install", "get", "mod"), ("/go/pkg/mod", "~/.cache/go-build")),
    PackageCache(
        "cargo", ("build", "install", "fetch"), ("/usr/local/cargo/registry", "~/.cargo/registry")
    ),
    _MAVEN,
    PackageCache("mvnw", _MAVEN.subcommands, _MAVEN.paths),
    _GRADLE,
    PackageCache("gradlew", _GRADLE.subcommands, _GRADLE.paths),
)
_BUILD_PROGRAMS = ("go", "cargo", "mvn", "mvnw", "gradle", "gradlew")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that builds in a final stage.

    Nothing if the container runs the build tool when it starts.
    """
    # `go run` or `mvn spring-boot:run` as the command reads the caches in the container.
    if any(_builds_at_start(step) for step in rule_input.steps):
        return
    for step in rule_input.iter_runs():
        caches = [
            cache for cache, call in find_cache_fills(step, _CACHES) if not _fills_no_cache(call)
        ]
        if caches:
            mounts = [f"--mount=type=cache,target={x}" for x in _list_mount_targets(caches)]
            yield Finding(
                step.instruction,
                "Use a cache mount for the build cache",
                "A cache mount keeps the cache for the next build, but out of the image. Check "
                "that no later step reads it: another `RUN` needs the same mount. A build stage "
                "would keep the compiler out of the image as well.",
                measure_caches(rule_input, step, [path for x in caches for path in x.paths]),
                tuple(add_flag(step.instruction, mount) for mount in mounts),
                FixSafety.NEEDS_CHECK,
            )


def _list_mount_targets(caches: Sequence[PackageCache]) -> list[str]:
    """Return the cache paths for mounts, with root's home: builds run as root."""
    paths = dict.fromkeys(path for x in caches for path in x.paths if path != "~/.cargo/registry")
    return [path.replace("~", "/root") for path in paths]


def _fills_no_cache(call: Call) -> bool:
    """Return True for `go mod tidy` and similar; only a download fills the cache."""
    return call.name == "go" and call.subcommand == "mod" and "download" not in call.known_arguments


def _builds_at_start(step: Step) -> bool:
    script = step.instruction.script
    return (
        step.instruction.keyword in ("CMD", "ENTRYPOINT")
        and script is not None
        and any(command.name in _BUILD_PROGRAMS for command in script.commands)
    )
