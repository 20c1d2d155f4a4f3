"""Check file contents: a file under the same path must not be another file."""

import re
from collections.abc import Iterator

from bot.image.open_image import OpenImage
from bot.model.files import Entry, EntryKind
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections
from bot.verify.build_residue import is_build_residue, is_tool_path
from bot.verify.image_pair import ImagePair
from bot.verify.lost_programs import is_replaced_link

_VOLATILE_FILE = compile_sections("bot.verify", "volatile_files.txt")
_MAX_REGRESSIONS = 20
_NAME_SERVICES = "etc/nsswitch.conf"
_SERVICE_MODULE = re.compile(r"/libnss_(\w+)\.so\.\d+$")


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield the files of the application that differ between the images."""
    old, new = pair.old, pair.new
    count = 0
    for path, before in old.image.tree.items():
        after = new.image.tree.get(path)
        if (
            after is None
            or before == after
            or not (old.is_added_by_dockerfile(path) or pair.old_app.is_in_app(path))
        ):
            continue
        if (
            _is_different(pair, before, after)
            and not _can_differ(pair, path)
            and count < _MAX_REGRESSIONS
        ):
            count += 1
            message = f"/{path} differs from the file in the old image."
            yield Regression(RegressionKind.CONTENT, path, message, path=path)


def _is_different(pair: ImagePair, before: Entry, after: Entry) -> bool:
    if before.kind is EntryKind.SYMLINK and after.kind is EntryKind.SYMLINK:
        targets = (pair.old.paths.resolve(before.path), pair.new.paths.resolve(before.path))
        return before.link != after.link and targets[0] != targets[1]
    # The order of a tar decides which name of a file is the link; the first has the size.
    if EntryKind.HARDLINK in {before.kind, after.kind} or before.kind is not after.kind:
        return before.kind is EntryKind.FILE and after.kind not in {
            EntryKind.FILE,
            EntryKind.HARDLINK,
            EntryKind.SYMLINK,
        }
    is_comparable = pair.old.image.hash_algorithm is pair.new.image.hash_algorithm
    return before.size != after.size or (
        is_comparable and before.content_hash != after.content_hash
    )


def _can_differ(pair: ImagePair, path: str) -> bool:
    """Return True for files that each build makes again; files from the context must not differ."""
    old = pair.old
    if path == _NAME_SERVICES and _names_same_services(pair):
        return True
    if path in old.packaged_files or is_build_residue(path) or is_replaced_link(pair, path):
        return True
    if not pair.old_app.is_in_app(path) and is_tool_path(path, old.get_instruction_keyword(path)):
        return True
    # COPY takes files of the context, which stay the same, or of a stage, which compiles again.
    if old.get_instruction_keyword(path) in {"COPY", "ADD"} and pair.new.get_instruction_keyword(
        path
    ) in {"COPY", "ADD"}:
        return bool(old.read_elf(path)) and _is_elf_in_new(pair, path)
    return bool(_VOLATILE_FILE.search(path)) or bool(old.read_elf(path) and pair.new.read_elf(path))


def _names_same_services(pair: ImagePair) -> bool:
    """Return True if the name services differ only by modules that are gone with a package.

    `passwd: files systemd` is a line of libnss-systemd.
    """
    lost_modules = _list_service_modules(pair.old) - _list_service_modules(pair.new)
    old, new = (
        [[word for word in line.split() if word not in lost_modules] for line in text.splitlines()]
        for text in (pair.old.read_text(_NAME_SERVICES), pair.new.read_text(_NAME_SERVICES))
    )
    return bool(lost_modules) and old == new


def _list_service_modules(open_image: OpenImage) -> frozenset[str]:
    matches = map(_SERVICE_MODULE.search, open_image.image.tree)
    return frozenset(match[1] for match in matches if match)


def _is_elf_in_new(pair: ImagePair, path: str) -> bool:
    return bool(pair.new.read_elf(path))
