"""Paths in an image: links followed inside of it."""

from bot.image.filesystem.paths import PathResolver
from bot.model.files import Entry, EntryKind


def tree(*files: str, **links: str) -> dict[str, Entry]:
    """Return files by path (`!` in front: executable), and links as `name__below=target`."""
    entries = [
        Entry(path.lstrip("!"), EntryKind.FILE, 1, 0o755 if path.startswith("!") else 0o644)
        for path in files
    ]
    entries += [
        Entry(name.replace("__", "/"), EntryKind.SYMLINK, 0, link=to) for name, to in links.items()
    ]
    return {entry.path: entry for entry in entries}


def test_links_are_followed_inside_the_image() -> None:
    paths = PathResolver(
        tree("usr/bin/sh", bin="usr/bin", etc__sh="/bin/sh", usr__x="../bin/../bin")
    )
    assert paths.resolve("/bin/sh") == "usr/bin/sh"
    assert paths.resolve("etc/sh") == "usr/bin/sh"
    assert paths.resolve("/bin") == "usr/bin"
    assert paths.resolve("bin/../bin/./sh") == "usr/bin/sh"
    assert paths.resolve("/") == ""
    assert paths.resolve("usr/bin/sh/below") is None
    assert paths.resolve("nothing") is None
    assert paths.resolve("nothing/../bin/sh") is None


def test_dots_are_resolved_after_links() -> None:
    paths = PathResolver(tree("usr/share/x", "share/x", lib="usr/lib", usr__lib__x="../share/x"))
    assert paths.resolve("lib/x") == "usr/share/x"


def test_circular_links_end() -> None:
    paths = PathResolver(tree(a="b", b="a", c="c/c"))
    assert paths.resolve("a") is None
    assert paths.resolve("c") is None
    assert paths.resolve("a/x") is None


def test_programs_are_found_as_execvp_finds_them() -> None:
    paths = PathResolver(
        tree("!usr/bin/go", "usr/bin/notes", "!app/run", usr__local__go="../bin/go")
    )
    assert paths.find_program("go", "/nowhere:/usr/local:/usr/bin") == "usr/bin/go"
    assert paths.find_program("notes", "/usr/bin") is None
    assert paths.find_program("./run", "/usr/bin", "/app") == "app/run"
    assert paths.find_program("/app/run", "") == "app/run"
    assert paths.find_program("run", "", "/app") == "app/run"


def test_directories_may_be_empty() -> None:
    paths = PathResolver(tree("a/b/c"), ["data/empty"])
    assert paths.is_directory("a/b")
    assert paths.is_directory("/data/empty")
    assert not paths.is_directory("a/b/c")
    assert not paths.is_directory("x")
