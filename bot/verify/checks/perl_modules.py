"""Modules of Perl that the application's scripts use: `perl-base` has the interpreter and few of them."""

import re
from collections.abc import Iterator

from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair, OpenImage

_PERL_FILE = re.compile(r"\.(?:pl|pm|cgi)$")
_USE_STATEMENT = re.compile(r"^\s*(?:use|require)\s+([A-Z]\w*(?:::\w+)*)\b", re.MULTILINE)
_MODULE_PATH = re.compile(r"(?:^|/)perl[^/]*/(?:[\d.]+/)?([A-Z].*\.pm)$")


def check(pair: ImagePair) -> Iterator[Regression]:
    """Those that the old image has and the new has not."""
    used = {
        name.replace("::", "/") + ".pm"
        for path, text in pair.old.sources.items()
        if _PERL_FILE.search(path)
        for name in _USE_STATEMENT.findall(text)
    }
    if not used:
        return
    before, after = _list_library_modules(pair.old), _list_library_modules(pair.new)
    for module in sorted(used & before.keys() - after.keys()):
        message = f"The application's Perl uses {module}, which the new image does not have."
        yield Regression(RegressionKind.FILE, before[module], message, path=before[module])


def _list_library_modules(open_image: OpenImage) -> dict[str, str]:
    """The modules of Perl's library, as they are asked for, and where they are."""
    found = (
        (_MODULE_PATH.search(path), path) for path in open_image.image.tree if path.endswith(".pm")
    )
    return {match[1]: path for match, path in found if match}
