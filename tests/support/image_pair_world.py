"""A tiny language for exhibits: what the base, RUN and COPY brought, and how the image wants to be run.

A file's content is text; `!` in front of a path makes it executable, `@` makes it a link, `/` at its
end a directory; `~7` behind it gives it to the user 7, `%600` sets its mode.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from bot.adapters.parsing.shell_parser import parse_script
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.shell_script import Script
from bot.dockerfile.source_text import MappedText
from bot.image.elf.dynamic_linker import ElfInfo, LoaderConfig
from bot.model.candidate import Candidate
from bot.model.container_config import ContainerConfig
from bot.model.files import Entry, EntryKind, OwnerKey
from bot.model.image import Image, InstructionRef, Layer
from bot.model.proof import Regression
from bot.verify.image_pair import ImagePair, OpenImage
from tests.support.image_files import ImageFiles

PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:7:7::/home/app:/bin/sh\n"
SHELL = {"!bin/sh": "\x7fELF", "etc/passwd": PASSWD, "etc/group": "root:x:0:\napp:x:7:\n"}
_KEYWORDS = ("FROM", "RUN", "COPY")
_TOLD = re.compile(
    r"(?P<mark>[!@]?)(?P<path>[^~%]*?)(?P<folder>/?)(?:~(?P<user>\d+))?(?:%(?P<mode>\d+))?"
)

Told = Mapping[str, str]


def piece(
    base: Told = {},  # noqa: B006 - never written to
    run: Told = {},  # noqa: B006
    copy: Told = {},  # noqa: B006
    *,
    elves: Mapping[str, ElfInfo] | None = None,
    packages: Mapping[str, str] | None = None,
    ran: str = "RUN make",
    owners: tuple[str, ...] = (),
    places: LoaderConfig | None = None,
    below: ContainerConfig | None = None,
    context: Told = {},  # noqa: B006
    **settings: Any,
) -> OpenImage:
    """An image of three layers."""
    tree, directories, origins, beneath = {}, {}, {}, {}
    contents: dict[str, bytes] = {}
    for index, layer in enumerate((base, run, copy)):
        for told, content in layer.items():
            entry = _entry(told, content)
            if entry.kind is EntryKind.DIRECTORY:
                directories[entry.path], beneath[entry.path] = entry, index
            else:
                tree[entry.path], origins[entry.path] = entry, index
                contents[entry.path] = content.encode()
    texts = ("FROM base", ran, "COPY . .")
    layers = tuple(
        Layer(
            index, "", 1, 1, 1, texts[index],
            owners={OwnerKey("deb", name, "1"): 1 for name in owners} if index == 1 else {},
            instruction=InstructionRef(keyword, texts[index], index + 1, index + 1),
            from_base_image=index == 0,
        )
        for index, keyword in enumerate(_KEYWORDS)
    )  # fmt: skip
    image = Image(
        "x", "x", "linux/amd64", layers, True, 0, 0,
        tree=tree, layer_by_path=origins, directories=directories, layer_by_directory=beneath,
    )  # fmt: skip
    found = {"command": ("/bin/sh",), **settings}
    return OpenImage(
        image,
        ContainerConfig(**found),
        ImageFiles(contents),
        (elves or {}).get,
        places or LoaderConfig(),
        packages or {},
        below,
        BuildContext(
            {path: len(text) for path, text in context.items()}, read_text=lambda x: context[x]
        ),
    )


def exhibit(old: OpenImage, new: OpenImage, **more: Any) -> ImagePair:
    """Both, and a candidate; `more` are fields of it."""
    return ImagePair(old, new, Candidate("rule", "", "", b"", **more), script)


def script(text: str) -> Script:
    places = tuple(range(len(text) + 1))
    return parse_script(MappedText(text, places, places[1:]))


def subjects(found: Any) -> list[str]:
    """What the objections are about."""
    objections: list[Regression] = list(found)
    assert all(x.message.endswith(".") for x in objections)
    return [x.subject for x in objections]


def _entry(told: str, content: str) -> Entry:
    match = _TOLD.fullmatch(told)
    assert match, told
    path, uid = match["path"], int(match["user"] or 0)
    if match["mark"] == "@":
        return Entry(path, EntryKind.SYMLINK, 0, 0o777, link=content)
    if match["folder"]:
        return Entry(path, EntryKind.DIRECTORY, 0, int(match["mode"] or "755", 8), uid, uid)
    mode = int(match["mode"] or ("755" if match["mark"] else "644"), 8)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Entry(path, EntryKind.FILE, len(content), mode, uid, uid, content_hash=digest)
