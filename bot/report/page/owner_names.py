"""Whose bytes they are, in words: packages with their versions, directories by the name people use."""

from bot.compare.known_directories import Place, place
from bot.model.comparison import Attribution, Owner
from bot.model.sizes import show_change, show_size
from bot.report.page.page_model import Foreign, Phrase, count, join

_NAMED = 2
_DIRECTORY = "directory"


def owner_name(owner: Owner) -> Phrase:
    """An owner in full: with its versions or, for a place that people know, what lies there."""
    known = _place(owner)
    if known:
        return (f"{known.words} (", Foreign(owner.name, 80), ")")
    if _bumped(owner):
        return _bump(owner)
    version = owner.head_version or owner.base_version
    name = Foreign(owner.name, 80)
    return (name, " ", Foreign(version, 30)) if version else (name,)


def explain_owners(row: Attribution) -> Phrase:
    """The largest owners that moved as the row did, how many more there are, and caches left behind."""
    alike = [owner for owner in row.owners if owner.delta_bytes * row.delta_bytes > 0]
    left = [owner for owner in alike if _is_left_behind(owner)]
    wanted = [owner for owner in alike if owner not in left]
    return (*_largest(wanted, row), *_caches(left, row))


def _largest(owners: list[Owner], row: Attribution) -> Phrase:
    if not owners:
        return ()
    first, *others = owners
    if not others and first.delta_bytes == row.delta_bytes and not _bumped(first):
        return (", all of it ", "in " if first.kind == _DIRECTORY else "", *_short_name(first))
    named = [_amount(owner) for owner in owners[:_NAMED]]
    rest = others[_NAMED - 1 :]
    return (": ", *join([*named, *_more(rest)], ", ", " and "))


def _more(rest: list[Owner]) -> list[Phrase]:
    packages = sum(owner.kind != _DIRECTORY for owner in rest)
    if packages:
        return [(count(packages, "more package"),)]
    return [(count(len(rest), "more place"),)] if rest else []


def _caches(left: list[Owner], row: Attribution) -> Phrase:
    """What a line forgot to delete or to ignore, where that is a hundredth of what it adds."""
    heavy = [owner for owner in left if owner.delta_bytes * 100 >= row.delta_bytes]
    if not heavy:
        return ()
    copied = row.text.startswith(("COPY", "ADD"))
    verb, particle = ("brings", "along") if copied else ("leaves", "behind")
    amounts = join([_amount(owner) for owner in heavy], ", ", " and ")
    return (f"; it {verb} ", *amounts, f" {particle}")


def _amount(owner: Owner) -> Phrase:
    if _bumped(owner):
        return (*_bump(owner), f" ({show_change(owner.delta_bytes)})")
    return (*_short_name(owner), f" ({show_size(abs(owner.delta_bytes))})")


def _short_name(owner: Owner) -> Phrase:
    known = _place(owner)
    return (known.words,) if known else (Foreign(owner.name, 80),)


def _bump(owner: Owner) -> Phrase:
    old, new = owner.base_version or "", owner.head_version or ""
    return (Foreign(owner.name, 80), " ", Foreign(old, 30), " → ", Foreign(new, 30))


def _bumped(owner: Owner) -> bool:
    old, new = owner.base_version, owner.head_version
    return bool(old and new and old != new)


def _is_left_behind(owner: Owner) -> bool:
    known = _place(owner)
    return known is not None and known.cache and owner.delta_bytes > 0


def _place(owner: Owner) -> Place | None:
    return place(owner.name) if owner.kind == _DIRECTORY else None
