"""Check Perl modules: `perl-base` has the interpreter, but few of the modules that scripts use."""

import re
from collections.abc import Iterator

from bot.image.open_image import OpenImage
from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair

_PERL_FILE = re.compile(r"\.(?:pl|pm|cgi)$")
_PERL_SHEBANG = re.compile(r"#![^\n]*\bperl\b")
# Pragmas have lower-case names: `use autodie;`.
_USE_STATEMENT = re.compile(r"^\s*(?:use|require)\s+([A-Za-z]\w*(?:::\w+)*)\b", re.MULTILINE)
# `perl -MJSON::PP -e …`, in a script or a string
_MODULE_OPTION = re.compile(r"\bperl\b[^\n]{0,80}?\s[\"']?-[mM]([A-Za-z]\w*(?:::\w+)*)")
# Debian's folders (usr/share/perl/5.36, usr/share/perl5) and those of perl's own build.
_MODULE_PATH = re.compile(r"(?:^|/)perl[^/]*/(?:[\d.]+/)?([A-Za-z].*\.pm)$")


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield the modules that the application uses and that only the old image has."""
    module_files = {name.replace("::", "/") + ".pm" for name in _list_used_modules(pair)}
    if not module_files:
        return
    old_modules, new_modules = _list_library_modules(pair.old), _list_library_modules(pair.new)
    for module in sorted(module_files & old_modules.keys() - new_modules.keys()):
        message = f"The application's Perl uses {module}, which the new image does not have."
        yield Regression(
            RegressionKind.FILE, old_modules[module], message, path=old_modules[module]
        )


def _list_used_modules(pair: ImagePair) -> Iterator[str]:
    """Yield the names of the modules that the application uses."""
    for path, text in {**pair.old_app.sources, **pair.old_app.unnamed_scripts}.items():
        if _PERL_FILE.search(path) or _PERL_SHEBANG.match(text):
            yield from _USE_STATEMENT.findall(text)
        yield from _MODULE_OPTION.findall(text)


def _list_library_modules(open_image: OpenImage) -> dict[str, str]:
    """Return the paths of the modules of Perl's library, by the name that `use` takes."""
    matches = (
        (_MODULE_PATH.search(path), path) for path in open_image.image.tree if path.endswith(".pm")
    )
    return {match[1]: path for match, path in matches if match}
