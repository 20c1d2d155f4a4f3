"""Java: jars and classes as the command line names them, on a runtime without compiler."""

import posixpath
import re
from collections.abc import Iterable, Iterator

from bot.advise.base_images import distribution, read_reference
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_MAJOR = re.compile(r"(?:^|[-_])(?:jdk-?)?(8|11|17|21|25)(?:[.\-_]|$)")
_BUILT = ("target", "build", "out")


def _applies(world: World, launch: Launch) -> bool:
    return any(True for _ in _javas(launch))


def _javas(launch: Launch) -> Iterator[tuple[str, ...]]:
    yield from (x for x in launch.commands if posixpath.basename(x[0]) == "java")


def _named(world: World, launch: Launch) -> Iterator[str]:
    """The jars and folders that a command line names, `*` standing for a folder's jars."""
    for command in _javas(launch):
        for word, following in zip(command[1:], [*command[2:], ""], strict=True):
            if word == "-jar":
                yield from [following]
            elif word in ("-cp", "-classpath", "--class-path", "--module-path", "-p"):
                yield from following.split(":")
            elif word.startswith(("-javaagent:", "--class-path=", "-Djava.library.path=")):
                yield re.split(r"[:=]", word, maxsplit=1)[1].partition("=")[0]


def _keeps(world: World, launch: Launch) -> Iterator[str]:
    for name in _named(world, launch):
        path = posixpath.normpath(posixpath.join("/", world.workdir, name.removesuffix("/*")))
        yield path


def _drops(world: World, launch: Launch) -> Iterable[str]:
    """The folders that Maven and Gradle write, but for what is named."""
    yield from (f"/{world.workdir}/{name}" if world.workdir else f"/{name}" for name in _BUILT)


def _bases(world: World, launch: Launch) -> Iterator[str]:
    """A runtime of the same version and distribution."""
    found = read_reference(world.subject.base or "")
    major = _major(world, found.tag)
    suffix = f"-{world.release.codename}" if world.release.codename in ("jammy", "noble") else ""
    if major:
        if "alpine" in found.tag:
            yield f"eclipse-temurin:{major}-jre-alpine"
        elif found.name == "amazoncorretto":
            yield f"amazoncorretto:{major}"
        else:
            if suffix:
                yield f"eclipse-temurin:{major}-jre{suffix}"
            yield f"eclipse-temurin:{major}-jre"
    if any(x.startswith("openjdk-") for x in world.system.packages):
        yield from distribution(world.release)


def _major(world: World, tag: str) -> str:
    """The version of Java, as the image's `release` file or its tag says."""
    home = world.settings.env.get("JAVA_HOME", "").strip("/")
    told = (
        re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', world.text(f"{home}/release")) if home else None
    )
    if told:
        return told[1]
    found = _MAJOR.findall(tag)
    return str(found[-1]) if found else ""


ECOSYSTEM = Ecosystem(
    name="java",
    title="Java",
    applies=_applies,
    tools=("javac", "mvn", "gradle"),
    residue=("~/.m2", "~/.gradle", "/usr/share/maven", "/opt/gradle", "~/.java", "/opt/maven"),
    sources=re.compile(
        r"\.(?:java|kt|kts|scala|groovy|gradle)$|(?:^|/)(?:pom\.xml|mvnw(?:\.cmd)?|gradlew(?:\.bat)?)$|"
        r"(?:^|/)\.mvn/|(?:^|/)\.gradle/|(?:^|/)gradle/wrapper/|(?:^|/)gradle\.properties$"
    ),
    packages=re.compile(r"maven|gradle|ant|(?:openjdk|default)-?\d*-jdk\S*"),
    explained={
        f"ENV {name}": "only Maven or Gradle reads it"
        for name in ("MAVEN_HOME", "MAVEN_CONFIG", "MAVEN_VERSION", "GRADLE_HOME", "GRADLE_VERSION")
    },
    keeps=_keeps,
    drops=_drops,
    bases=_bases,
)
