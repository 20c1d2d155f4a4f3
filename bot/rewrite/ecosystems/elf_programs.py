"""Programs that a build made: ELF files among a Dockerfile's own, told apart by what they hold."""

from collections.abc import Iterator

from bot.model.files import Kind
from bot.rewrite.build_facts import World
from bot.rewrite.startup import Launch

_WINDOW = 64 << 20
GO = (b"\xff Go buildinf:", b"Go build ID:")
RUST = (b"/rustc/", b"rust_begin_unwind", b"/.cargo/registry/", b"/usr/local/cargo/registry/")


def started_programs(world: World, launch: Launch) -> Iterator[str]:
    """The ELF files of the Dockerfile's own that are started, by path."""
    for command in launch.commands:
        place = world.which(command[0])
        path = world.paths.real(place) if place else None
        entry = world.own.get(path or "")
        is_file = entry is not None and entry.kind in (Kind.FILE, Kind.HARDLINK)
        if path and is_file and not world.system.owner(path) and world.elf(path):
            yield path


def holds(world: World, path: str, marks: tuple[bytes, ...]) -> bool:
    """Whether one of several marks is in a program."""
    data = (world.contents.read(path) or b"")[:_WINDOW]
    return any(mark in data for mark in marks)


def starts_one_with(world: World, launch: Launch, marks: tuple[bytes, ...]) -> bool:
    """Whether a started program has such a mark."""
    return any(holds(world, path, marks) for path in started_programs(world, launch))
