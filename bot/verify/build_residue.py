"""Files that a build leaves behind, recognised by their paths: no program misses them.

The verifier's own list, in `data/`. The rewriter has another one on purpose: a path that it wrongly
takes for residue must not pass as residue here, too.
"""

import re
from collections.abc import Container

from bot.pattern_lists import compile_sections

_PACKAGE = "bot.verify"
_COMPILER_FILES = compile_sections(_PACKAGE, "compiler_files.txt")
_RESIDUE_PATHS = compile_sections(_PACKAGE, "build_residue.txt")
_DEVELOPMENT_FILES = compile_sections(_PACKAGE, "development_files.txt")
_TEST_FILES = compile_sections(_PACKAGE, "development_files.txt", "test folders", "test files")
_MANIFESTS = compile_sections(_PACKAGE, "development_files.txt", "manifest folders")
_TOOL_PATHS = compile_sections(_PACKAGE, "tool_paths.txt")
_JAR_INPUTS = compile_sections(_PACKAGE, "build_inputs.txt", "jar inputs")
_WAR_INPUTS = compile_sections(_PACKAGE, "build_inputs.txt", "war inputs")
_TRANSPILED_SOURCES = compile_sections(_PACKAGE, "build_inputs.txt", "transpiled suffixes")
# Folders of a framework's project, and a file of the server that it makes of them.
_DRAFTS = (
    (re.compile(r"(?:^|/)(?P<folder>\.nuxt)(?=/)"), ".output/nitro.json"),
    # SvelteKit with its adapter for Node: https://svelte.dev/docs/kit/adapter-node
    (re.compile(r"(?:^|/)(?P<folder>\.svelte-kit|src|static)(?=/)"), "build/handler.js"),
    # Styles, pictures and fonts that `next build` bundles; what is in `public` is served as it is.
    (
        re.compile(
            r"(?:^|/)(?P<folder>app|pages|src|components|styles)(?=/.*"
            r"\.(?:css|s[ac]ss|less|ico|svg|png|jpe?g|gif|webp|avif|woff2?|[ot]tf)$)"
        ),
        ".next/BUILD_ID",
    ),
)
_IN_NODE_MODULES = re.compile(r"(?:^|/)node_modules/")
_IN_PACKAGE_DIRECTORY = re.compile(r"(?:^|/)(?:site-packages|dist-packages|vendor|gems)/")
# Tool paths that hold only tools even where COPY filled them: an image copies Go, Maven or a cache
# from another image. Elsewhere (`etc`, `usr/share`, `var`) COPY adds what the application reads.
_COPIED_TOOL_PATHS = re.compile(
    r"(?:usr/local/(?:go|rustup|cargo)|go/pkg|root|home|opt|tmp|usr/share/maven)/"
    r"|usr/(?:local/)?bin/"
)


def is_build_residue(path: str) -> bool:
    """Return True if no program misses a file, going by its path alone."""
    return bool(_COMPILER_FILES.search(path) or _RESIDUE_PATHS.search(path))


def is_framework_draft(path: str, tree: Container[str]) -> bool:
    """Return True for what a framework made a server of, if a tree has that server."""
    return any(
        f"{path[: match.start('folder')]}{output}" in tree
        for folders, output in _DRAFTS
        for match in folders.finditer(path)
    )


def is_development_file(path: str) -> bool:
    """Return True for files for tools, tests or people; sources that name one may read it."""
    return bool(_DEVELOPMENT_FILES.search(path))


def is_transpiled_source(path: str) -> bool:
    """Return True for the source of a script or style sheet that was generated from it."""
    return bool(_TRANSPILED_SOURCES.search(path))


def is_jar_input(path: str) -> bool:
    """Return True for files that a Java build has packed into a jar."""
    return bool(_JAR_INPUTS.search(path))


def is_war_input(path: str) -> bool:
    """Return True for files that a Java build has packed into a war, and into no jar."""
    return bool(_WAR_INPUTS.search(path))


def is_manifest(path: str) -> bool:
    """Return True for files in folders of manifests of Kubernetes."""
    return bool(_MANIFESTS.search(path))


def is_test_file(path: str) -> bool:
    """Return True for files of tests."""
    return bool(_TEST_FILES.search(path))


def is_tool_path(path: str, keyword: str = "") -> bool:
    """Return True where the system or a build tool keeps its own files.

    `keyword` is the instruction that added the path.
    """
    return bool(find_tool_folder(path, keyword))


def find_tool_folder(path: str, keyword: str = "") -> str:
    """Return the folder in which the system or a build tool keeps a file; empty for others."""
    if keyword in {"COPY", "ADD"} and not _COPIED_TOOL_PATHS.match(path):
        return ""
    match = _TOOL_PATHS.match(path)
    return match[0].rstrip("/") if match else ""


def is_node_module(path: str) -> bool:
    """Return True for files of installed packages of Node."""
    return bool(_IN_NODE_MODULES.search(path))


def is_dependency(path: str) -> bool:
    """Return True for files of installed packages of Node, Python, Go, PHP or Ruby."""
    return is_node_module(path) or bool(_IN_PACKAGE_DIRECTORY.search(path))
