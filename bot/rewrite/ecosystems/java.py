"""Java: the jars and classes of the command line, on a runtime without a compiler."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from bot.advise.base_images import list_distribution_images
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_MAJOR_VERSION = re.compile(r"(?:^|[-_])(?:jdk-?)?(8|11|17|21|25)(?:[.\-_]|$)")
_BUILD_FOLDERS = ("target", "build", "out")
_BUILD_FILES = ("pom.xml", "build.gradle", "build.gradle.kts")
# A start script of Gradle's application plug-in, or of Maven's appassembler, ends with
# exec "$JAVACMD" "$@".
_JAVA_PROGRAM = re.compile(r"\$\{?JAVACMD\}?|(?:.*/)?java")
_DISTRIBUTION_SCRIPT = re.compile(r"^(?P<root>.*?)/?bin/[^/]+$")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    java_commands = _find_java_commands(startup)
    return any(True for _ in java_commands) or bool(_find_distributions(facts, startup))


def _find_java_commands(startup: Startup) -> Iterator[tuple[str, ...]]:
    yield from (x for x in startup.commands if posixpath.basename(x[0]) == "java")


def _find_distributions(facts: BuildFacts, startup: Startup) -> Mapping[str, list[str]]:
    """Return the jars of each started distribution, by its folder.

    Its start script is in `bin`, and finds its jars in `lib` beside that.
    """
    if not any(_JAVA_PROGRAM.fullmatch(command[0].strip('"')) for command in startup.commands):
        return {}
    matches = filter(None, map(_DISTRIBUTION_SCRIPT.match, startup.scripts))
    jars = {match["root"]: _list_jars(facts, match["root"]) for match in matches}
    return {root: paths for root, paths in jars.items() if paths}


def _list_jars(facts: BuildFacts, root: str) -> list[str]:
    folder = posixpath.join(root, "lib")
    names = (path for path in facts.built.own_files if posixpath.dirname(path) == folder)
    return [path for path in names if path.endswith(".jar")]


def _list_distribution_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield what is copied of the distributions.

    One that is in a folder of the build (`build/install/app`) is copied whole. Elsewhere anything
    may be beside the jars, as in /usr/local.
    """
    outputs = tuple(f"{path}/" for path in _list_output_folders(facts))
    for root, jars in _find_distributions(facts, startup).items():
        is_built = f"/{root}".startswith(outputs)
        yield from (f"/{path}" for path in ([root] if is_built else jars))


def _list_output_folders(facts: BuildFacts) -> Iterator[str]:
    """Yield the folders that Maven and Gradle write, of the project and of its parts."""
    names = (path.rpartition("/") for path in facts.built.own_files)
    folders = {facts.workdir, *(folder for folder, _, name in names if name in _BUILD_FILES)}
    for folder in sorted(folders):
        yield from (posixpath.join("/", folder, name) for name in _BUILD_FOLDERS)


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
    yield from _list_distribution_paths(facts, startup)
    yield from _find_arguments(facts, startup)


def _find_arguments(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the files that a command line names in another way, as the war of a server."""
    words = (word for command in _find_java_commands(startup) for word in command[1:])
    paths = (posixpath.normpath(posixpath.join("/", facts.workdir, word)) for word in words)
    yield from (path for path in paths if path[1:] in facts.built.own_files)


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    """Yield the folders that Maven and Gradle write or pack; what the command names is kept."""
    yield from _list_output_folders(facts)
    # Beside a started folder of classes, `src` may hold resources that are read from there.
    class_path = list(_find_class_path(facts, startup))
    starts_jars = class_path and all(name.endswith((".jar", ".war")) for name in class_path)
    if starts_jars or _find_distributions(facts, startup):
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
        "~/.kotlin",
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
