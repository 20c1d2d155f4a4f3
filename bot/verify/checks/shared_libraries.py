"""The ELF closure: all that the application's programs load is there, in the versions they want."""

import re
from collections.abc import Iterator

from bot.image.elf.dynamic_linker import Lack, Missing
from bot.model.proof import Lesson, Objection
from bot.verify.image_pair import Exhibit, Piece, is_file
from bot.verify.started_programs import starts

_LIBRARY = re.compile(r"\.so(?:\.[\d.]+)?$|\.node$")
_NEVER = re.compile(r"\.(?:py|sh|js|rb|pl|php|txt|json|html|md|jar|a|o|h|pyc)$")
_NAMED = re.compile(rb"\blib[A-Za-z0-9_+-]{1,30}\.so\.\d+\b")
# How scripts open a library, and the words that may be its name.
_OPENS = re.compile(
    r"\bctypes\b|\bcffi\b|\bdlopen\b|\bFiddle\b|\bFFI\b|\bffi\b|\bkoffi\b|\bloadLibrary\b|\blibloading\b"
)
_QUOTED = re.compile(r"[\"'`]([\w.+-]{3,60})[\"'`]")
_VERSIONED = re.compile(r"\.so\.\d")
_WORD = re.compile(r"(?<![\w.+-])[\w.+-]{3,60}(?![\w.+-])")
_MAX_SEARCHED = 96 << 20
# Named in every static program of glibc's, and hardly ever loaded.
_HARMLESS = re.compile(r"libgcc_s\.so|libnss_|lib(?:c|m|pthread|dl|rt|resolv)\.so")
_LESSONS = {
    Lack.INTERPRETER: Lesson.INTERPRETER,
    Lack.LIBRARY: Lesson.LIBRARY,
    Lack.VERSION: Lesson.VERSION,
    Lack.MACHINE: Lesson.LIBRARY,
}


def check(exhibit: Exhibit) -> Iterator[Objection]:
    """What the loader would miss, but for what it misses in the old image too."""
    for path in suspects(exhibit):
        lacking = exhibit.new.linker.closure(path).missing
        if lacking:
            known = {(x.lack, x.name) for x in exhibit.old.linker.closure(path).missing}
            yield from (_missed(exhibit, x) for x in lacking if (x.lack, x.name) not in known)
        yield from _loaded_later(exhibit, path)
    yield from _opened_by_sources(exhibit)


def suspects(exhibit: Exhibit) -> list[str]:
    """The ELF files that were brought along, and what the command starts."""
    new = exhibit.new
    found = [
        path
        for path, entry in new.image.tree.items()
        if is_file(entry)
        and new.is_own(path)
        and path not in new.packaged
        and (entry.mode & 0o111 or _LIBRARY.search(path))
        and not _NEVER.search(path)
        and new.elf(path)
    ]
    started = (new.program(each.name) for each in starts(exhibit, new, new.settings.arguments))
    return list(dict.fromkeys([*found, *(path for path in started if path)]))


def _loaded_later(exhibit: Exhibit, path: str) -> Iterator[Objection]:
    """Libraries whose names stand in a program: it may load them once it runs (`dlopen`)."""
    new, entry = exhibit.new, exhibit.new.image.tree.get(path)
    if entry is None or not new.is_own(path) or path in new.packaged or entry.size > _MAX_SEARCHED:
        return
    data = new.files.read(path) or b""
    names = {name.decode() for name in _NAMED.findall(data)} - new.linker.closure(path).found.keys()
    for name in sorted(names):
        if _HARMLESS.match(name):
            continue
        there = library(exhibit.old, name)
        if there and not library(new, name):
            message = f"/{path} names {name}, which the old image has and the new has not."
            yield Objection(Lesson.LIBRARY, name, message, path=there, detail=path)


def _opened_by_sources(exhibit: Exhibit) -> Iterator[Objection]:
    """Libraries that sources open themselves, by a name that stands in them or in the data."""
    old, new = exhibit.old, exhibit.new
    if not any(_OPENS.search(text) for text in old.code.values()):
        return
    words = {x for text in old.code.values() for x in _QUOTED.findall(text)}
    words |= {x for text in old.data.values() for x in _WORD.findall(text)}
    for soname in sorted(filter(_VERSIONED.search, old.places.cache)):
        stem = soname.removeprefix("lib").partition(".so")[0]
        if soname in words or stem in words or f"lib{stem}.so" in words:
            there = library(old, soname)
            if there and not library(new, soname) and not _HARMLESS.match(soname):
                message = f"The sources open libraries by name, and {soname} is named and gone."
                yield Objection(Lesson.LIBRARY, soname, message, path=there)


def library(piece: Piece, soname: str) -> str | None:
    """Where an image has a library in the usual places."""
    usual = [*piece.places.cache.get(soname, ())]
    triples = ("x86_64-linux-gnu/", "aarch64-linux-gnu/", "")
    usual += [f"{top}/{triple}{soname}" for top in ("usr/lib", "lib") for triple in triples]
    usual += [f"{top}/{soname}" for top in ("usr/lib64", "lib64", "usr/local/lib")]
    return next((real for place in usual if (real := piece.paths.real(place))), None)


def _missed(exhibit: Exhibit, missing: Missing) -> Objection:
    by = f"/{missing.wanted_by}"
    there = library(exhibit.old, missing.name)
    if missing.lack is Lack.INTERPRETER:
        there = exhibit.old.paths.real(missing.name)
        message = f"{by} needs the loader {missing.name}, which the new image does not have."
    elif missing.lack is Lack.VERSION:
        message = f"{by} needs {missing.version} of {missing.name}, which is older there."
    else:
        message = f"{by} needs {missing.name}, which the new image does not have."
    old = exhibit.old.linker.closure(missing.wanted_by).found.get(missing.name)
    detail = missing.version or missing.wanted_by
    return Objection(
        _LESSONS[missing.lack], missing.name, message, path=old or there or "", detail=detail
    )
