"""The owners of bytes in words: packages with versions, directories by the name people use."""

from collections.abc import Sequence
from itertools import accumulate

from bot.compare.known_directories import KnownDirectory, find_known_directory
from bot.model.changes import FileChanges, FileGroup
from bot.model.comparison import Attribution, Owner
from bot.model.files import DIRECTORY_KIND
from bot.model.sizes import format_change, format_count, format_size
from bot.report.page.page_model import Phrase, Untrusted, join_phrases

_MAX_NAMED_OWNERS = 2  # in a sentence; the table "What changed" names more
_MOST = 5  # all but a fifth


def describe_owner(owner: Owner) -> Phrase:
    """Describe an owner in full: with its versions, or with the use of a known directory."""
    directory = _find_known_directory(owner)
    if directory:
        return (f"{directory.description} (", Untrusted(owner.name, 80), ")")
    if _has_version_change(owner):
        return _describe_version_change(owner)
    version = owner.head_version or owner.base_version
    name = Untrusted(owner.name, 80)
    return (name, " ", Untrusted(version, 30)) if version else (name,)


def explain_owners(row: Attribution, changes: FileChanges | None = None) -> Phrase:
    """Name the largest owners that changed as the row did, and caches left behind.

    A file that accounts for all of it, or nearly, is named in place of its directory.
    """
    if file := find_main_file(row, changes):
        amount = "all" if file.bytes == abs(row.delta_bytes) else "nearly all"
        return (f", {amount} of it ", Untrusted(file.path, 120))
    same_sign = [owner for owner in row.owners if owner.delta_bytes * row.delta_bytes > 0]
    caches = [owner for owner in same_sign if _is_left_behind(owner)]
    others = [owner for owner in same_sign if owner not in caches]
    named = (*_describe_largest(others, row), *_describe_left_behind(caches, row))
    return (*named, *_describe_replaced(row, same_sign))


def find_main_file(row: Attribution, changes: FileChanges | None) -> FileGroup | None:
    """Return the file that accounts for all of a row, or for 99 % of it; None without one."""
    first = row.owners[0] if row.owners else None
    if changes is None or first is None or first.kind != DIRECTORY_KIND:
        return None
    folder = first.name.rstrip("/") + "/"
    files = [
        group
        for group in changes.largest
        if group.files == 1 and _is_nearly_all(group.kind.sign * group.bytes, row.delta_bytes)
        if group.path.startswith(folder) or group.path == first.name
    ]
    is_cache = _find_known_directory(first) is not None
    is_main = not is_cache and _is_nearly_all(first.delta_bytes, row.delta_bytes)
    return files[0] if is_main and len(files) == 1 else None


def list_main_owners(row: Attribution) -> list[Owner]:
    """Return the fewest of the largest owners that are most of a row: four fifths or more."""
    owners = [owner for owner in row.owners if owner.delta_bytes * row.delta_bytes > 0]
    owners.sort(key=lambda owner: -abs(owner.delta_bytes))
    sums = accumulate(abs(owner.delta_bytes) for owner in owners)
    enough = (size * _MOST >= abs(row.delta_bytes) * (_MOST - 1) for size in sums)
    return owners[: 1 + next((index for index, is_enough in enumerate(enough) if is_enough), 0)]


def name_owners(owners: Sequence[Owner]) -> Phrase:
    """Name the first owners, without their sizes, and count the others."""
    named: list[Phrase] = [_describe_briefly(owner) for owner in owners[:_MAX_NAMED_OWNERS]]
    rest = _count_remaining(list(owners[_MAX_NAMED_OWNERS:]))
    return join_phrases([*named, *rest], ", ", " and ")


def _is_nearly_all(part: int, whole: int) -> bool:
    return part * whole > 0 and 99 * abs(whole) <= 100 * abs(part) <= 100 * abs(whole)


def _describe_replaced(row: Attribution, owners: list[Owner]) -> Phrase:
    """Say what makes up for owners that are larger than the whole row."""
    changed = sum(owner.delta_bytes for owner in owners)
    if not owners or format_size(owners[0].delta_bytes) == format_size(row.delta_bytes):
        return ()
    if abs(owners[0].delta_bytes) <= abs(row.delta_bytes):
        return ()
    rest = format_size(abs(changed - row.delta_bytes))
    verb = "removed" if row.delta_bytes > 0 else "added"
    return (f"; {rest} of other files are {verb}",)


def _describe_largest(owners: list[Owner], row: Attribution) -> Phrase:
    if not owners:
        return ()
    first, *others = owners
    if not others and first.delta_bytes == row.delta_bytes and not _has_version_change(first):
        return (
            ", all of it ",
            "in " if first.kind == DIRECTORY_KIND else "",
            *_describe_briefly(first),
        )
    named = [_describe_amount(owner) for owner in owners[:_MAX_NAMED_OWNERS]]
    rest = others[_MAX_NAMED_OWNERS - 1 :]
    return (": ", *join_phrases([*named, *_count_remaining(rest)], ", ", " and "))


def _count_remaining(owners: list[Owner]) -> list[Phrase]:
    packages = sum(owner.kind != DIRECTORY_KIND for owner in owners)
    if packages:
        return [(format_count(packages, "more package"),)]
    return [(format_count(len(owners), "more path"),)] if owners else []


def _describe_left_behind(owners: list[Owner], row: Attribution) -> Phrase:
    """Name caches and histories that make up a hundredth or more of what the line adds."""
    large = [owner for owner in owners if owner.delta_bytes * 100 >= row.delta_bytes]
    if not large:
        return ()
    amounts = join_phrases([_describe_amount(owner) for owner in large], ", ", " and ")
    if row.text.startswith(("COPY", "ADD")):
        return ("; it also copies ", *amounts)
    return ("; it leaves ", *amounts, " behind")


def _describe_amount(owner: Owner) -> Phrase:
    if _has_version_change(owner):
        return (*_describe_version_change(owner), f" ({format_change(owner.delta_bytes)})")
    return (*_describe_briefly(owner), f" ({format_size(abs(owner.delta_bytes))})")


def _describe_briefly(owner: Owner) -> Phrase:
    directory = _find_known_directory(owner)
    return (directory.description,) if directory else (Untrusted(owner.name, 80),)


def _describe_version_change(owner: Owner) -> Phrase:
    old, new = owner.base_version or "", owner.head_version or ""
    return (Untrusted(owner.name, 80), " ", Untrusted(old, 30), " → ", Untrusted(new, 30))


def _has_version_change(owner: Owner) -> bool:
    old, new = owner.base_version, owner.head_version
    return bool(old and new and old != new)


def _is_left_behind(owner: Owner) -> bool:
    directory = _find_known_directory(owner)
    return directory is not None and directory.is_cache and owner.delta_bytes > 0


def _find_known_directory(owner: Owner) -> KnownDirectory | None:
    return find_known_directory(owner.name) if owner.kind == DIRECTORY_KIND else None
