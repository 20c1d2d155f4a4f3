"""A tiny language for exhibits: what the base, RUN and COPY brought, and how the image wants to be run.

A file's content is text; `!` in front of a path makes it executable, `@` makes it a link, `/` at its
end a directory; `~7` behind it gives it to the user 7, `%600` sets its mode.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.dockerfile.build_context import BuildContext
from bot.image.elf.dynamic_linker import ElfInfo, LoaderConfig
from bot.image.open_image import OpenImage
from bot.model.candidate import Candidate
from bot.model.container_config import ContainerConfig
from bot.model.files import Entry, EntryKind
from bot.model.image import InstructionRef
from bot.model.proof import Regression
from bot.verify.image_pair import ImagePair
from tests.support.open_image_world import ImageWorld, hash_text

PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:7:7::/home/app:/bin/sh\n"
SHELL = {"!bin/sh": "\x7fELF", "etc/passwd": PASSWD, "etc/group": "root:x:0:\napp:x:7:\n"}
_KEYWORDS = ("FROM", "RUN", "COPY")
_NAME = re.compile(
    r"(?P<mark>[!@]?)(?P<path>[^~%]*?)(?P<folder>/?)(?:~(?P<user>\d+))?(?:%(?P<mode>\d+))?"
)

Files = Mapping[str, str]


def make_image(
    base: Files = {},  # noqa: B006 - never written to
    run: Files = {},  # noqa: B006
    copy: Files = {},  # noqa: B006
    *,
    elves: Mapping[str, ElfInfo] | None = None,
    packages: Mapping[str, str] | None = None,
    ran: str = "RUN make",
    owners: tuple[str, ...] = (),
    places: LoaderConfig | None = None,
    below: ContainerConfig | None = None,
    **config: Any,
) -> OpenImage:
    """Return an image of three layers; `packages` and `owners` name owners of files."""
    texts = ("FROM base", ran, "COPY . .")
    world = ImageWorld(
        [
            InstructionRef(keyword, texts[index], index + 1, index + 1)
            for index, keyword in enumerate(_KEYWORDS)
        ],
        elves=elves or {},
        loader_config=places or LoaderConfig(),
        debian_packages={1: owners},
    )
    for index, layer in enumerate((base, run, copy)):
        for name, content in layer.items():
            entry = _entry(name, content)
            world.entries.append((entry, index))
            if entry.kind is EntryKind.FILE:
                world.contents[entry.path] = content.encode()
    if packages:
        names = {*packages.values()}
        world.add_dpkg_database(
            {name: [path for path in packages if packages[path] == name] for name in names}
        )
    return world.open(ContainerConfig(**{"command": ("/bin/sh",), **config}), below)


def make_image_pair(
    old: OpenImage,
    new: OpenImage,
    context: Files = {},  # noqa: B006
    **fields: Any,
) -> ImagePair:
    """Return the pair of images with a candidate (`fields`) and the build context."""
    sizes = {path: len(text) for path, text in context.items()}
    return ImagePair(
        old,
        new,
        Candidate("rule", "", "", b"", **fields),
        BuildContext(sizes, read_text=lambda path: context[path]),
    )


def list_subjects(regressions: Any) -> list[str]:
    """Return the subjects of the regressions."""
    listed: list[Regression] = list(regressions)
    assert all(x.message.endswith(".") for x in listed)
    return [x.subject for x in listed]


def _entry(name: str, content: str) -> Entry:
    match = _NAME.fullmatch(name)
    assert match, name
    path, uid = match["path"], int(match["user"] or 0)
    if match["mark"] == "@":
        return Entry(path, EntryKind.SYMLINK, 0, 0o777, link=content)
    if match["folder"]:
        return Entry(path, EntryKind.DIRECTORY, 0, int(match["mode"] or "755", 8), uid, uid)
    mode = int(match["mode"] or ("755" if match["mark"] else "644"), 8)
    return Entry(
        path, EntryKind.FILE, len(content), mode, uid, uid, content_hash=hash_text(content)
    )
