"""The system packages whose libraries the copied programs load."""

import re
from collections.abc import Iterator

from bot.model.files import Kind
from bot.rewrite.build_facts import World
from bot.rewrite.copy_plan import Payload
from bot.rewrite.startup import Launch

_LIBRARY = re.compile(r"\.so(?:\.[\d.]+)?$|\.node$")
_SMALLEST, _LARGEST = 200, 256 << 20


def owners_of_libraries(world: World, payload: Payload, launch: Launch) -> frozenset[str]:
    """The packages of all libraries that anything copied, or started, loads."""
    found: set[str] = set()
    for path in {*_programs(world, payload), *_started(world, launch)}:
        for library in world.linker.closure(path).found.values():
            owner = world.system.owner(library)
            if owner:
                found.add(owner)
    return frozenset(found)


def _programs(world: World, payload: Payload) -> Iterator[str]:
    """What is copied and may be an ELF file, by name, mode and size."""
    folders = tuple(f"{x.path}/" for x in payload.pieces if x.is_folder)
    files = {x.path for x in payload.pieces if not x.is_folder}
    for path, entry in world.own.items():
        is_copied = path in files or path.startswith(folders)
        is_file = entry.kind in (Kind.FILE, Kind.HARDLINK) and _SMALLEST < entry.size < _LARGEST
        if is_copied and is_file and (entry.mode & 0o111 or _LIBRARY.search(path)):
            yield path


def _started(world: World, launch: Launch) -> Iterator[str]:
    for command in launch.commands:
        place = world.which(command[0])
        if place:
            yield world.paths.real(place) or place
