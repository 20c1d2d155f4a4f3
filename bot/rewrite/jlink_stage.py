"""A last stage with a Java runtime that `jlink` makes of the JDK of the build stage.

It has all modules of a JRE: reflection and service loaders reach modules that no class names, so
that those of `jdeps` are not enough. What it saves is what a JRE image has beside the runtime, and
the debug attributes of its classes.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.build_stage import choose_free_name, choose_stage_names
from bot.rewrite.plan import RetryHints, RewritePlan, build_plan
from bot.rewrite.startup import Startup

# The modules of a JRE as Eclipse Temurin builds it, beside java.se; a JDK lacks some of them.
_JRE_MODULES = (
    *("jdk.accessibility", "jdk.charsets", "jdk.crypto.cryptoki", "jdk.crypto.ec"),
    *("jdk.dynalink", "jdk.httpserver", "jdk.incubator.foreign", "jdk.incubator.vector"),
    *("jdk.jdwp.agent", "jdk.jfr", "jdk.jsobject", "jdk.localedata", "jdk.management"),
    *("jdk.management.agent", "jdk.management.jfr", "jdk.naming.dns", "jdk.naming.rmi"),
    *("jdk.net", "jdk.nio.mapmode", "jdk.sctp", "jdk.security.auth", "jdk.security.jgss"),
    *("jdk.unsupported", "jdk.xml.dom", "jdk.zipfs"),
)
_MODULES_IN_LINE = 5
_VERSION = re.compile(r'JAVA_VERSION="(?:1\.)?(\d+)')
# --compress=zip-6 since JDK 21 (JDK-8293499); --strip-debug calls objcopy, which slim images lack.
_ZIP_VERSION, _STRIP_VERSION = 21, 13
_LOCALES = "usr/lib/locale/locale-archive"
_FONTS = "fontconfig"  # found with dlopen by libfontmanager
_ENTRY_SCRIPT = "__cacert_entrypoint.sh"  # of eclipse-temurin; it adds certificates if asked to
# In the modules, but not in the JDK of Debian's headless packages, which has no libraries of X11.
_X11_LIBRARIES = ("libawt_xawt.so", "libjawt.so", "libsplashscreen.so")
_RUNTIME_PACKAGE = re.compile(r"(?:openjdk-\d+|default)-(?:jre|jdk)\S*")


@dataclass(frozen=True)
class JlinkStage:
    """The plan of a stage with such a runtime, on the bare distribution.

    `home` is the JDK of the base image, without a leading slash, `major` its version.
    """

    facts: BuildFacts
    startup: Startup
    rewrite: RewritePlan
    hints: RetryHints
    home: str
    major: int

    def plan_stage(self, base: BaseCandidate) -> RewritePlan:
        """Return the plan on one base image; the runtime is where the JDK was."""
        variables = {x for x in self.facts.base_config.env if x in ("JAVA_HOME", "JAVA_VERSION")}
        hints = replace(
            self.hints,
            variables=self.hints.variables | variables,
            packages=self.hints.packages | self._find_library_packages(),
        )
        plan = build_plan(self.facts, self.startup, self.rewrite.ecosystem, base, hints)
        names = tuple(x for x in plan.package_install.names if not _RUNTIME_PACKAGE.fullmatch(x))
        return replace(
            plan,
            package_install=replace(plan.package_install, names=names),
            inherited_instructions=(*self._keep_path(plan), *plan.inherited_instructions),
            system_instructions=tuple(self._render_copies()),
            stage_above=self._render_stage_above(),
        )

    def _find_library_packages(self) -> frozenset[str]:
        """Return the packages of the libraries that the JDK's own load, and of fonts."""
        built, graph = self.facts.built, self.facts.package_graph
        paths = [x for x in built.tree if x.startswith(f"{self.home}/lib/") and ".so" in x]
        linked = (built.linker.resolve_libraries(path).libraries.values() for path in paths)
        owners = {graph.find_owner(library) for libraries in linked for library in libraries}
        return frozenset(filter(None, owners)) | ({_FONTS} & graph.packages.keys())

    def _keep_path(self, plan: RewritePlan) -> Iterator[str]:
        """Yield the search path of the old base image, if `java` is found by that alone."""
        value = self.facts.base_config.env.get("PATH", "")
        is_there = any(x.startswith("ENV PATH=") for x in plan.inherited_instructions)
        if f"/{self.home}/bin" in value.split(":") and not is_there:
            yield f"ENV PATH={value}"

    def _render_copies(self) -> Iterator[str]:
        built, format_line = self.facts.built, self.facts.text_style.format_line
        build_stage, _ = choose_stage_names(self.facts)
        yield format_line(f"COPY --from={self._stage_name} /runtime /{self.home}")
        for path in (_LOCALES, _ENTRY_SCRIPT):
            folder = posixpath.dirname(path)
            is_used = path == _LOCALES or f"/{path}" in built.config.entrypoint
            if path in built.tree and is_used:
                target = f"/{folder}/" if folder else "/"
                yield format_line(f"COPY --from={build_stage} /{path} {target}")

    @property
    def _stage_name(self) -> str:
        return choose_free_name(self.facts, "runtime", "java-runtime")

    def _render_stage_above(self) -> str:
        """Return the stage that makes the runtime of the base image, whatever the sources are."""
        style, stage = self.facts.text_style, self.facts.rule_input.final_stages[-1]
        platform = f"--platform={stage.platform} " if stage.platform else ""
        base = self.facts.rule_input.base_image
        head = style.format_line(f"FROM {platform}{base} AS {self._stage_name}")
        run = style.format_line(style.join_commands(self._list_commands()))
        comment = (
            "# A Java runtime with all modules of a JRE, without compiler, tools and debug data."
        )
        return "\n".join([comment, head, run, ""])

    def _list_commands(self) -> Iterator[str]:
        compression = "zip-6" if self.major >= _ZIP_VERSION else "2"
        strip = "java-debug-attributes" if self.major >= _STRIP_VERSION else "debug"
        jlink = [
            f"/{self.home}/bin/jlink --strip-{strip} --no-man-pages --no-header-files",
            f"--compress={compression} --output /runtime",
            *(f"--add-modules {','.join(x)}" for x in self._chunk_modules()),
        ]
        yield self.facts.text_style.wrap_words(jlink)
        lib = f"{self.home}/lib"
        left_out = [x for x in _X11_LIBRARIES if f"{lib}/{x}" not in self.facts.built.tree]
        if left_out:
            yield " ".join(["rm -f", *(f"/runtime/lib/{x}" for x in left_out)])
        # Certificates and settings that a distribution or the image has set; jlink takes those of
        # the modules.
        security = "lib/security/cacerts"
        if f"{self.home}/{security}" in self.facts.built.tree:
            yield f"cp -L /{self.home}/{security} /runtime/{security}"
        if any(x.startswith(f"{self.home}/conf/") for x in self.facts.built.tree):
            yield f"cp -rL /{self.home}/conf/. /runtime/conf/"

    def _chunk_modules(self) -> Iterable[tuple[str, ...]]:
        tree = self.facts.built.tree
        names = [x for x in _JRE_MODULES if f"{self.home}/jmods/{x}.jmod" in tree]
        names = ["java.se", *names]
        starts = range(0, len(names), _MODULES_IN_LINE)
        return [tuple(names[start : start + _MODULES_IN_LINE]) for start in starts]


def find_jlink_stage(
    facts: BuildFacts, startup: Startup, rewrite: RewritePlan, hints: RetryHints
) -> JlinkStage | None:
    """Return the stage if the base image is a JDK with modules to link; None if it is not."""
    path = facts.built.find_program("java")
    home = posixpath.dirname(posixpath.dirname(path or ""))
    tree = facts.built.tree
    version = _VERSION.search(facts.built.read_text(f"{home}/release"))
    has_modules = all(f"{home}/jmods/{x}.jmod" in tree for x in ("java.se", "java.base"))
    # What the Dockerfile has changed in the JDK is not in a runtime of the base image.
    is_changed = any(x.startswith(f"{home}/") for x in facts.built.own_files)
    if not home or version is None or is_changed or not has_modules:
        return None
    if f"{home}/bin/jlink" not in tree:
        return None
    return JlinkStage(facts, startup, rewrite, hints, home, int(version[1]))
