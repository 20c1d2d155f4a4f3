"""Cache mounts for the build stage: what a tool stored before is there when a source has changed.

Only where the built image shows that a `RUN` below the sources fills the cache, so that each change
of a source would fill it anew, and where nothing else reads it: a mount hides what the layers have
at its place. See docs/rewrites.md for what gets none.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.advise.copy_targets import iter_context_copies
from bot.advise.deferred_copy import DeferredCopy
from bot.advise.subject import Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.source_text import Span
from bot.dockerfile.text_style import MAX_LINE_LENGTH
from bot.rewrite.build_facts import ROOT_NAMES, BuildFacts

_MIN_BYTES = 1_000_000  # in the layer of a `RUN`, below which a mount is not worth its words
# `RUN --mount=type=cache` came with docker/dockerfile:1.2; other frontends may have none.
_SYNTAX = re.compile(
    r"(?:docker\.io/)?docker/dockerfile(?::(?:latest|1|1\.(?:[2-9]|\d\d)[\w.-]*))?(?:@.*)?"
)
# What is copied by itself so that dependencies are installed before the sources come.
_MANIFEST = re.compile(
    r"(?:package.*\.json|.*\.lock|.*lock\.(?:json|yaml)|requirements.*\.txt|pyproject\.toml|setup\.cfg"
    r"|go\.(?:mod|sum|work)|Cargo\.toml|pom\.xml|.*\.gradle(?:\.kts)?|composer\.json|\.npmrc)"
)


@dataclass(frozen=True, slots=True)
class _Cache:
    """The cache of a tool: a folder in the home of root, or where a variable says.

    `is_refilled` where the tool fetches or makes again what is missing in every command. Other
    caches hold what a later `RUN` may want without a network, or what an earlier one put there
    (`mvn install`): they get a mount if a single `RUN` calls the tool.
    """

    programs: tuple[str, ...]
    folder: str
    variable: str = ""
    below_variable: str = ""
    is_refilled: bool = True


# The places are those of each tool's manual: `go help cache`, `npm help folders`, and
# doc.rust-lang.org/cargo/guide/cargo-home.html, pip.pypa.io/en/stable/topics/caching,
# maven.apache.org/guides/mini/guide-configuring-maven.html and
# docs.gradle.org/current/userguide/directory_layout.html.
_CACHES = (
    _Cache(("go", "make"), "root/go/pkg/mod", "GOPATH", "pkg/mod"),
    _Cache(("go", "make"), "root/.cache/go-build", "GOCACHE"),
    _Cache(("cargo",), "root/.cargo/registry", "CARGO_HOME", "registry", is_refilled=False),
    _Cache(("pip",), "root/.cache/pip", "PIP_CACHE_DIR"),
    _Cache(("npm",), "root/.npm", "NPM_CONFIG_CACHE"),
    _Cache(("mvn", "mvnw"), "root/.m2/repository", is_refilled=False),
    _Cache(
        ("gradle", "gradlew"),
        "root/.gradle/caches",
        "GRADLE_USER_HOME",
        "caches",
        is_refilled=False,
    ),
)


@dataclass(frozen=True, slots=True)
class CacheMount:
    """A folder that a `RUN` gets from the builder, without a leading slash."""

    step: Step
    folder: str


def find_cache_mounts(
    facts: BuildFacts, copied_paths: Iterable[str], deferred: DeferredCopy | None = None
) -> tuple[CacheMount, ...]:
    """Return the mounts that spare a build work after a change of a source."""
    directives = facts.rule_input.dockerfile.directives
    if any(x.name == "syntax" and not _SYNTAX.fullmatch(x.value) for x in directives):
        return ()
    copied, first_line = tuple(copied_paths), _find_sources_line(facts)
    if deferred and first_line == deferred.line:
        first_line = deferred.last_run.line_start
    if first_line is None:
        return ()
    return tuple(
        CacheMount(step, folder)
        for cache in _CACHES
        for folder in (_find_folder(facts, cache),)
        if not any(_overlaps(path, folder) for path in copied)
        for step in _list_steps(facts, cache, folder, first_line)
    )


def render_cache_mounts(facts: BuildFacts, mounts: Iterable[CacheMount]) -> Iterator[TextChange]:
    """Yield the changes that add the mounts to their `RUN`s."""
    # Go has two caches: edits of one instruction must be one edit, as they begin at the same place.
    flags: dict[int, list[str]] = {}
    for mount in mounts:
        flag = f"--mount=type=cache,target=/{mount.folder}"
        flags.setdefault(mount.step.instruction.line_start, []).append(flag)
    steps = {mount.step.instruction.line_start: mount.step for mount in mounts}
    for line, group in flags.items():
        yield _add_flags(facts, steps[line].instruction, group)


def _add_flags(facts: BuildFacts, instruction: Instruction, flags: Sequence[str]) -> TextChange:
    """Return the change that adds flags behind `RUN`, on lines of their own if they are long."""
    style, data = facts.text_style, facts.rule_input.dockerfile.source.data
    start = instruction.span.start + len(instruction.keyword)
    rest = data[start : instruction.span.end].decode("utf-8", "replace")
    blank = len(rest) - len(rest.lstrip(" \t"))
    length = len(rest.partition("\n")[0]) + sum(map(len, flags))
    # Flags end at a line break as at a blank: the frontend joins continued lines first.
    separator = f" {style.escape}\n{style.indent}"
    is_long = len(flags) > 1 or length > MAX_LINE_LENGTH - len("RUN ")
    has_break = rest.lstrip(" \t").startswith(style.escape)
    end = separator if is_long and not has_break else " "
    return TextChange(Span(start, start + blank), f" {separator.join(flags)}{end}")


def _list_steps(facts: BuildFacts, cache: _Cache, folder: str, first_line: int) -> Sequence[Step]:
    """Return the steps that fill or use a cache, all below the sources; none if others do, too."""
    callers = [step for step in facts.rule_input.iter_runs() if _calls(step, cache)]
    sizes = _sum_layers(facts, folder)
    filled = [sizes.pop(step.instruction.line_start, 0) > _MIN_BYTES for step in callers]
    # What is left comes from the base image, from a COPY, or from a RUN that calls something else.
    if not any(filled) or sizes or not (cache.is_refilled or len(callers) == 1):
        return ()
    # A `go build` behind the one that filled the cache reads it: without the mount it would find
    # nothing there.
    steps = callers[filled.index(True) :]
    is_below = all(step.instruction.line_start > first_line for step in steps)
    may_mount = all(_may_mount(facts, step, folder) for step in steps)
    return steps if is_below and may_mount and not _is_named(facts, cache, folder) else ()


def _may_mount(facts: BuildFacts, step: Step, folder: str) -> bool:
    """Return True if root runs a step: the folder of a mount is root's."""
    user = step.user or facts.base_config.user
    return user in ROOT_NAMES and not step.has_mount_over(f"/{folder}")


def _find_folder(facts: BuildFacts, cache: _Cache) -> str:
    # golang's images set GOPATH=/go, so that the default in root's home is not used.
    value = facts.built.config.env.get(cache.variable, "").strip("/")
    folder = "/".join(filter(None, (value, cache.below_variable))) if value else cache.folder
    # Gradle's image has a link from the home of root to that of its user.
    return facts.built.paths.resolve(folder) or folder


def _calls(step: Step, cache: _Cache) -> bool:
    return any(call.name in cache.programs for call in step.calls)


def _sum_layers(facts: BuildFacts, folder: str) -> dict[int | None, int]:
    """Return the bytes below a folder by the line of the instruction, None for the base image."""
    layers, sums = facts.built.image.layers, dict[int | None, int]()
    for path, layer in facts.built.image.layer_by_path.items():
        if path.startswith(f"{folder}/"):
            instruction = layers[layer].instruction
            line = instruction.line_start if instruction else None
            sums[line] = sums.get(line, 0) + facts.built.tree[path].size
    return sums


def _find_sources_line(facts: BuildFacts) -> int | None:
    """Return the line of the first `COPY` that brings more than manifests of dependencies."""
    layers = facts.built.image.layers
    lines = {
        instruction.line_start
        for path, layer in facts.built.image.layer_by_path.items()
        if (instruction := layers[layer].instruction)
        and instruction.keyword in ("ADD", "COPY")
        and not _MANIFEST.fullmatch(posixpath.basename(path))
    }
    copies = (step.instruction.line_start for step in iter_context_copies(facts.rule_input.steps))
    return next((line for line in copies if line in lines), None)


def _is_named(facts: BuildFacts, cache: _Cache, folder: str) -> bool:
    """Return True if an instruction names the folder: it may read it, or keep it small."""
    # `rm -rf ~/.cache/pip`, `du -sh $GOCACHE`: the folder is written in many ways, its end is not.
    tail = "/".join(folder.split("/")[-2:]).removeprefix("root/")
    names = [tail, *([f"${cache.variable}", f"${{{cache.variable}"] if cache.variable else [])]
    steps = (x for x in facts.rule_input.steps if x.instruction.keyword in ("RUN", "COPY", "ADD"))
    return any(name in step.instruction.text for step in steps for name in names)


def _overlaps(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/") or folder.startswith(f"{path}/")
