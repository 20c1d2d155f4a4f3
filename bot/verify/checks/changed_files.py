"""Contents: a file under the same path that is another file."""

import re
from collections.abc import Iterator

from bot.model.files import Entry, Kind
from bot.model.proof import Lesson, Objection
from bot.verify.build_residue import is_left_behind, is_tool_place
from bot.verify.image_pair import Exhibit

# What differs from build to build by itself, and what a compiler or packer makes.
_VOLATILE = re.compile(
    r"\.(?:pyc|log|pid|lock|jar|war|class|zip|gz|tgz|whl|node|wasm|dll|pdb|beam|ez|app|map|tsbuildinfo|a|o)$"
    r"|\.so(?:\.[\d.]+)?$|(?:^|/)(?:RECORD|INSTALLER|direct_url\.json|uv_cache\.json|\.?package-lock\.json|BUILD_ID"
    r"|build-manifest\.json|\.modules\.yaml|\.yarn-state\.yml|pyvenv\.cfg|__pycache__|config\.log"
    r"|installed\.(?:json|php)|autoload\w*\.php|COOKIE)(?:/|$)|(?:^|/)\.next/"
)
_MAX_TOLD = 20


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """Files that are there under the same path, with another content."""
    old, new = exhibit.old, exhibit.new
    told = 0
    for path, before in old.image.tree.items():
        after = new.image.tree.get(path)
        if after is None or before == after or not (old.is_own(path) or old.in_app(path)):
            continue
        if _differs(exhibit, before, after) and not _may_differ(exhibit, path) and told < _MAX_TOLD:
            told += 1
            message = f"/{path} is another file than in the old image."
            yield Objection(Lesson.CONTENT, path, message, path=path)


def _differs(exhibit: Exhibit, before: Entry, after: Entry) -> bool:
    if before.kind is Kind.SYMLINK and after.kind is Kind.SYMLINK:
        leads = (exhibit.old.paths.real(before.path), exhibit.new.paths.real(before.path))
        return before.link != after.link and leads[0] != leads[1]
    if Kind.HARDLINK in {before.kind, after.kind} or before.kind is not after.kind:
        return before.kind is Kind.FILE and after.kind not in {
            Kind.FILE,
            Kind.HARDLINK,
            Kind.SYMLINK,
        }
    alike = exhibit.old.image.identity is exhibit.new.image.identity
    return before.size != after.size or (alike and before.content != after.content)


def _may_differ(exhibit: Exhibit, path: str) -> bool:
    """What the build made may be made anew; what was copied from the context may not."""
    old = exhibit.old
    if path in old.packaged or is_left_behind(path):
        return True
    if not old.in_app(path) and is_tool_place(path, old.keyword(path)):
        return True
    if old.keyword(path) in {"COPY", "ADD"} and exhibit.new.keyword(path) in {"COPY", "ADD"}:
        return bool(old.elf(path)) and _is_built(exhibit, path)
    return bool(_VOLATILE.search(path)) or bool(old.elf(path) and exhibit.new.elf(path))


def _is_built(exhibit: Exhibit, path: str) -> bool:
    """A program copied out of a build stage in both."""
    return bool(exhibit.new.elf(path))
