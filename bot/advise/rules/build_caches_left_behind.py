"""What Go, Cargo, Maven and Gradle download and compile on the way to a program."""

from collections.abc import Iterator, Sequence

from bot.advise.dockerfile_changes import with_flag
from bot.advise.finding import Finding, Tier
from bot.advise.package_caches import Manager, uses, worth
from bot.advise.subject import Step, Subject
from bot.dockerfile.shell_calls import Call

_MAVEN = Manager("mvn", ("package", "install", "verify", "compile", "clean"), ("~/.m2",))
_GRADLE = Manager("gradle", ("build", "assemble", "bootJar", "jar", "clean"), ("~/.gradle",))
_MANAGERS = (
    Manager("go", ("build", "install", "get", "mod"), ("/go/pkg/mod", "~/.cache/go-build")),
    Manager(
        "cargo", ("build", "install", "fetch"), ("/usr/local/cargo/registry", "~/.cargo/registry")
    ),
    _MAVEN,
    Manager("mvnw", _MAVEN.verbs, _MAVEN.places),
    _GRADLE,
    Manager("gradlew", _GRADLE.verbs, _GRADLE.places),
)
_AT_START = ("go", "cargo", "mvn", "mvnw", "gradle", "gradlew")


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that builds in a stage that ships; nothing if the container itself builds."""
    if any(_builds_at_start(step) for step in subject.steps):
        return
    for step in subject.runs():
        used = [(x, call) for x, call in uses(step, _MANAGERS) if not _keeps_nothing(call)]
        places = _mountable([x for x, _ in used])
        if used:
            yield Finding(
                step.statement,
                "Keep the build's caches in a cache mount",
                "They stay out of the image and are there for the next build. Check that nothing "
                "reads them later on: another RUN needs the same mount. A stage of its own for the "
                "build would leave out the compiler too.",
                worth(subject, step, [place for x, _ in used for place in x.places]),
                tuple(with_flag(step.statement, f"--mount=type=cache,target={x}") for x in places),
                Tier.CHECK,
            )


def _mountable(managers: Sequence[Manager]) -> list[str]:
    """The places as a mount names them, for root, whose home the caches of a build are in."""
    places = dict.fromkeys(
        place for x in managers for place in x.places if place != "~/.cargo/registry"
    )
    return [place.replace("~", "/root") for place in places]


def _keeps_nothing(call: Call) -> bool:
    """`go mod tidy` and its like fetch little; only a download fills the cache."""
    return call.name == "go" and call.verb == "mod" and "download" not in call.values


def _builds_at_start(step: Step) -> bool:
    script = step.statement.script
    return (
        step.statement.keyword in ("CMD", "ENTRYPOINT")
        and script is not None
        and any(command.name in _AT_START for command in script.commands)
    )
