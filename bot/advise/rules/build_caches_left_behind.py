"""What Go, Cargo, Maven and Gradle download and compile on the way to a program."""

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
    """Every `RUN` that builds in a stage that ships; nothing if the container itself builds."""
    if any(_builds_at_start(step) for step in rule_input.steps):
        return
    for step in rule_input.iter_runs():
        used = [
            (x, call) for x, call in find_cache_fills(step, _CACHES) if not _fills_no_cache(call)
        ]
        places = _list_mount_targets([x for x, _ in used])
        if used:
            yield Finding(
                step.instruction,
                "Use a cache mount for the build cache",
                "A cache mount keeps the cache for the next build, but out of the image. Check "
                "that no later step reads it: another `RUN` needs the same mount. A build stage "
                "would keep the compiler out of the image as well.",
                measure_caches(rule_input, step, [place for x, _ in used for place in x.paths]),
                tuple(add_flag(step.instruction, f"--mount=type=cache,target={x}") for x in places),
                FixSafety.NEEDS_CHECK,
            )


def _list_mount_targets(caches: Sequence[PackageCache]) -> list[str]:
    """The places as a mount names them, for root, whose home the caches of a build are in."""
    places = dict.fromkeys(
        place for x in caches for place in x.paths if place != "~/.cargo/registry"
    )
    return [place.replace("~", "/root") for place in places]


def _fills_no_cache(call: Call) -> bool:
    """`go mod tidy` and its like fetch little; only a download fills the cache."""
    return call.name == "go" and call.subcommand == "mod" and "download" not in call.known_arguments


def _builds_at_start(step: Step) -> bool:
    script = step.instruction.script
    return (
        step.instruction.keyword in ("CMD", "ENTRYPOINT")
        and script is not None
        and any(command.name in _BUILD_PROGRAMS for command in script.commands)
    )
