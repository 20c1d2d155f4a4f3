"""The system packages of the libraries that the copied programs load."""

import re
from collections.abc import Iterator

from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_plan import CopyPlan
from bot.rewrite.startup import Startup

_LIBRARY_NAME = re.compile(r"\.so(?:\.[\d.]+)?$|\.node$")
# Each file that may be one is read: of most files in node_modules the size says that it is none.
_MIN_ELF_BYTES, _MAX_ELF_BYTES = 200, 256 << 20


def find_library_packages(
    facts: BuildFacts, copy_plan: CopyPlan, startup: Startup
) -> frozenset[str]:
    """Return the packages of all libraries that copied or started programs load."""
    packages: set[str] = set()
    for path in {*_list_copied_programs(facts, copy_plan), *_list_started_programs(facts, startup)}:
        for library in facts.built.linker.resolve_libraries(path).libraries.values():
            owner = facts.package_graph.find_owner(library)
            if owner:
                packages.add(owner)
    return frozenset(packages)


def _list_copied_programs(facts: BuildFacts, copy_plan: CopyPlan) -> Iterator[str]:
    """Yield the copied files that may be ELF files, by name, mode and size."""
    folders = tuple(f"{x.path}/" for x in copy_plan.items if x.is_folder)
    files = {x.path for x in copy_plan.items if not x.is_folder} | copy_plan.context_sizes.keys()
    for path, entry in facts.built.own_files.items():
        is_copied = path in files or (
            path.startswith(folders) and path not in copy_plan.dropped_sizes
        )
        is_file = (
            entry.kind in (EntryKind.FILE, EntryKind.HARDLINK)
            and _MIN_ELF_BYTES < entry.size < _MAX_ELF_BYTES
        )
        if is_copied and is_file and (entry.mode & 0o111 or _LIBRARY_NAME.search(path)):
            yield path


def _list_started_programs(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    for command in startup.commands:
        link_path = facts.built.which(command[0])
        if link_path:
            yield facts.built.paths.resolve(link_path) or link_path
