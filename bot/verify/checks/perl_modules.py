"""Modules of Perl that the application's scripts use: `perl-base` has the interpreter and few of them."""

import re
from collections.abc import Iterator

from bot.model.proof import Lesson, Objection
from bot.verify.image_pair import Exhibit, Piece

_SCRIPT = re.compile(r"\.(?:pl|pm|cgi)$")
_USED = re.compile(r"^\s*(?:use|require)\s+([A-Z]\w*(?:::\w+)*)\b", re.MULTILINE)
_LIBRARY = re.compile(r"(?:^|/)perl[^/]*/(?:[\d.]+/)?([A-Z].*\.pm)$")


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """Those that the old image has and the new has not."""
    used = {
        name.replace("::", "/") + ".pm"
        for path, text in exhibit.old.sources.items()
        if _SCRIPT.search(path)
        for name in _USED.findall(text)
    }
    if not used:
        return
    before, after = _modules(exhibit.old), _modules(exhibit.new)
    for module in sorted(used & before.keys() - after.keys()):
        message = f"The application's Perl uses {module}, which the new image does not have."
        yield Objection(Lesson.FILE, before[module], message, path=before[module])


def _modules(piece: Piece) -> dict[str, str]:
    """The modules of Perl's library, as they are asked for, and where they are."""
    found = ((_LIBRARY.search(path), path) for path in piece.image.tree if path.endswith(".pm"))
    return {match[1]: path for match, path in found if match}
