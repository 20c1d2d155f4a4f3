"""Find what a repository has beside its program: files for people, CI and Kubernetes, locks."""

import posixpath
import re
from dataclasses import dataclass, field
from functools import cached_property

from bot.pattern_lists import compile_sections, read_pattern_list
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.database_scripts import list_database_scripts
from bot.rewrite.host_scripts import is_host_script
from bot.rewrite.startup import Startup

_PACKAGE, _LIST = "bot.rewrite", "residue.txt"  # the verifier has its own, on purpose
_PROJECT_FILES = compile_sections(_PACKAGE, _LIST, "project files")
_TEST_FOLDERS = compile_sections(_PACKAGE, _LIST, "test folders")
_MONITORING = compile_sections(_PACKAGE, _LIST, "monitoring")
_KUBERNETES_PATHS = compile_sections(_PACKAGE, _LIST, "Kubernetes manifests")
_LOCKS_PREFIX = "locks of "
_MANIFEST = re.compile(r"^apiVersion:.*^kind:|^kind:.*^apiVersion:", re.MULTILINE | re.DOTALL)
_PAGE = re.compile(r"(?:^|/)(?i:readme)(?:\.(?:md|rst|adoc|txt))?$")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)$", re.IGNORECASE)
_MAX_MANIFEST_BYTES = 100_000


@dataclass(frozen=True)
class ProjectResidue:
    """Decides which files of a project no program reads."""

    facts: BuildFacts
    startup: Startup
    _page_texts: dict[str, str] = field(default_factory=dict, init=False)

    def includes(self, path: str) -> bool:
        """Return True if a file is for people or tools alone."""
        if _PROJECT_FILES.search(path) or self._lock_pattern.search(path):
            return not self._is_named_by_start(path)
        # Below, names are weaker signs: a folder `test` that a RUN made may be an installed module.
        if not came_from_context(self.facts, path):
            return False
        if self._is_for_others(path) or self._is_manifest(path) or self._is_picture_of_page(path):
            return True
        if path in self.startup.scripts:
            return False
        return is_host_script(self.facts, path) or self._is_database_script(path)

    def _is_named_by_start(self, path: str) -> bool:
        """Return True if a start script names a file: `cp .env.example .env`."""
        name = posixpath.basename(path)
        return any(name in text for text in self._start_texts)

    @cached_property
    def _start_texts(self) -> tuple[str, ...]:
        return tuple(map(self.facts.built.read_text, self.startup.scripts))

    def _is_database_script(self, path: str) -> bool:
        return any(
            path == mount or path.startswith(f"{mount}/") for mount in self._database_scripts
        )

    @cached_property
    def _database_scripts(self) -> tuple[str, ...]:
        return tuple(list_database_scripts(self.facts))

    @cached_property
    def _lock_pattern(self) -> re.Pattern[str]:
        """Return the pattern of the locks of programs that the container does not start."""
        sections = read_pattern_list(_PACKAGE, _LIST)
        names = (x for x in sections if x.startswith(_LOCKS_PREFIX))
        started = {_LOCKS_PREFIX + name for name in self.startup.program_names}
        return compile_sections(_PACKAGE, _LIST, *(x for x in names if x not in started))

    def _is_for_others(self, path: str) -> bool:
        """Return True for what others read, below the working directory: tests, monitoring.

        Unless the command names it.
        """
        folder = posixpath.join(self.facts.workdir, "")
        inner = path[len(folder) :] if path.startswith(folder) else ""
        match = _TEST_FOLDERS.search(inner) or _MONITORING.search(inner)
        name = match[0].strip("/").partition("/")[0] if match else ""
        # `python -m tests.server`, `node test/mock.js`, `gunicorn tests:app`
        words = (word for command in self.startup.commands for word in command)
        return bool(name) and not any(name in re.split(r"[./:]", word) for word in words)

    def _is_picture_of_page(self, path: str) -> bool:
        """Return True for a picture that the README beside it shows."""
        folder, name = posixpath.split(path)
        return bool(_PICTURE.search(path)) and name in self._read_page(folder)

    def _read_page(self, folder: str) -> str:
        """Return the text of a folder's README; empty if it has none.

        Each is read when it is asked for: modules of Node have hundreds.
        """
        if folder not in self._page_texts:
            path = self._pages.get(folder)
            self._page_texts[folder] = self.facts.built.read_text(path) if path else ""
        return self._page_texts[folder]

    @cached_property
    def _pages(self) -> dict[str, str]:
        """The paths of the READMEs, by folder."""
        own_files = self.facts.built.own_files
        return {posixpath.dirname(path): path for path in own_files if _PAGE.search(path)}

    def _is_manifest(self, path: str) -> bool:
        """Return True for manifests of Kubernetes, and for a chart of Helm."""
        if any(path.startswith(f"{chart}/") for chart in self._charts):
            return True
        entry = self.facts.built.tree[path]
        is_small = entry.size <= _MAX_MANIFEST_BYTES
        is_named = is_small and bool(_KUBERNETES_PATHS.search(path))
        return is_named and bool(_MANIFEST.search(self.facts.built.read_text(path)))

    @cached_property
    def _charts(self) -> tuple[str, ...]:
        own_files = self.facts.built.own_files
        return tuple(
            posixpath.dirname(path)
            for path in own_files
            if posixpath.basename(path) == "Chart.yaml" and posixpath.dirname(path)
        )


def came_from_context(facts: BuildFacts, path: str) -> bool:
    """Return True if a file was copied or added, not created by a `RUN`."""
    instruction = facts.built.image.layers[facts.built.image.layer_by_path[path]].instruction
    # Without an instruction, nothing shows that a RUN made the layer.
    return instruction is None or instruction.keyword in ("ADD", "COPY")
