"""Java: the jars and classes of the command line, on a runtime without a compiler."""

import posixpath
import re
from collections.abc import Iterable, Iterator

from bot.advise.base_images import list_distribution_images
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_MAJOR_VERSION = re.compile(r"(?:^|[-_])(?:jdk-?)?(8|11|17|21|25)(?:[.\-_]|$)")
_BUILD_FOLDERS = ("target", "build", "out")
_BUILD_FILES = ("pom.xml", "build.gradle", "build.gradle.kts")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(True for _ in _find_java_commands(startup))


def _find_java_commands(startup: Startup) -> Iterator[tuple[str, ...]]:
    yield from (x for x in startup.commands if posixpath.basename(x[0]) == "java")


def _find_class_path(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the jars and folders that a command line names."""
    for command in _find_java_commands(startup):
        for word, following in zip(command[1:], [*command[2:], ""], strict=True):
            if word == "-jar":
                yield from [following]
            elif word in ("-cp", "-classpath", "--class-path", "--module-path", "-p"):
                yield from following.split(":")
            elif word.startswith(("-javaagent:", "--class-path=", "-Djava.library.path=")):
                yield re.split(r"[:=]", word, maxsplit=1)[1].partition("=")[0]


def _list_required_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    for name in _find_class_path(facts, startup):
        path = posixpath.normpath(posixpath.join("/", facts.workdir, name.removesuffix("/*")))
        yield path


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    """Yield the folders that Maven and Gradle write or pack; what the command names is kept."""
    yield from (posixpath.join("/", facts.workdir, name) for name in _BUILD_FOLDERS)
    # Beside a started folder of classes, `src` may hold resources that are read from there.
    class_path = list(_find_class_path(facts, startup))
    if class_path and all(name.endswith((".jar", ".war")) for name in class_path):
        yield from _list_packed_folders(facts)


def _list_packed_folders(facts: BuildFacts) -> Iterator[str]:
    """Yield the folders of sources and of classes that a jar holds."""
    for path in facts.built.own_files:
        folder, _, name = path.rpartition("/")
        if name in _BUILD_FILES:
            yield f"/{folder}/src" if folder else "/src"
    # A folder with anything else may be read by name.
    folders = {posixpath.dirname(x) for x in facts.built.own_files if x.endswith(".class")}
    others = {posixpath.dirname(x) for x in facts.built.own_files if not x.endswith(".class")}
    yield from (f"/{folder}" for folder in sorted(folders - others))


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield runtimes of the same version and distribution."""
    base = facts.rule_input.base_image or ""
    reference = split_reference(base)
    major = _find_major_version(facts, reference.tag)
    # eclipse-temurin has tags of Ubuntu's releases, but none of Debian's.
    suffix = (
        f"-{facts.built.os_release.codename}"
        if facts.built.os_release.codename in ("jammy", "noble")
        else ""
    )
    if major:
        if "alpine" in reference.tag:
            yield f"eclipse-temurin:{major}-jre-alpine"
        # Corretto's tag of a version is a JDK: what is left behind is Maven or Gradle.
        elif reference.name == "amazoncorretto":
            yield f"amazoncorretto:{major}"
        else:
            if suffix:
                yield f"eclipse-temurin:{major}-jre{suffix}"
            yield f"eclipse-temurin:{major}-jre"
    if any(x.startswith("openjdk-") for x in facts.package_graph.packages):
        yield from list_distribution_images(facts.built.os_release, base)


def _find_major_version(facts: BuildFacts, tag: str) -> str:
    """Return the version of Java from the image's `release` file, or from its tag."""
    home = facts.built.config.env.get("JAVA_HOME", "").strip("/")
    release = (
        re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', facts.built.read_text(f"{home}/release"))
        if home
        else None
    )
    if release:
        return release[1]
    versions = _MAJOR_VERSION.findall(tag)
    return str(versions[-1]) if versions else ""


ECOSYSTEM = Ecosystem(
    name="java",
    title="Java",
    applies=_applies,
    toolchain_programs=("javac", "mvn", "gradle"),
    residue_paths=(
        "~/.m2",
        "~/.gradle",
        "/usr/share/maven",
        "/opt/gradle",
        "~/.java",
        "/opt/maven",
    ),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "java"),
    build_package_pattern=re.compile(r"maven|gradle|ant|(?:openjdk|default)-?\d*-jdk\S*"),
    accepted_changes={
        f"ENV {name}": "only Maven or Gradle reads it"
        for name in ("MAVEN_HOME", "MAVEN_CONFIG", "MAVEN_VERSION", "GRADLE_HOME", "GRADLE_VERSION")
    },
    required_paths=_list_required_paths,
    excluded_paths=_list_excluded_paths,
    base_images=_list_base_images,
)
