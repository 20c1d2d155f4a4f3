"""Check shared libraries: all that the programs load is there, in the versions that they require.

The rules of the dynamic linker are followed; nothing is started.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator

from bot.image.elf.dynamic_linker import MULTIARCH_TRIPLETS, LinkError, LinkErrorKind
from bot.image.open_image import OpenImage
from bot.model.proof import Regression, RegressionKind
from bot.verify.image_pair import ImagePair, is_file_entry
from bot.verify.started_programs import list_started_programs

_LIBRARY_FILE = re.compile(r"\.so(?:\.[\d.]+)?$|\.node$")
_NON_ELF_FILE = re.compile(r"\.(?:py|sh|js|rb|pl|php|txt|json|html|md|jar|a|o|h|pyc)$")
_SONAME_IN_BINARY = re.compile(rb"\blib[A-Za-z0-9_+-]{1,30}\.so\.\d+\b")
# How scripts open a library, and the words that may be its name.
_DLOPEN_CALL = re.compile(
    r"\bctypes\b|\bcffi\b|\bdlopen\b|\bFiddle\b|\bFFI\b|\bffi\b|\bkoffi\b|\bloadLibrary\b|\blibloading\b"
)
_QUOTED_NAME = re.compile(r"[\"'`]([\w.+-]{3,60})[\"'`]")
_VERSIONED_SONAME = re.compile(r"\.so\.\d")
_BARE_NAME = re.compile(r"(?<![\w.+-])[\w.+-]{3,60}(?![\w.+-])")
# `pillow.libs/libpng16-58efbb84.so.16.43.0`, `numpy.libs/libquadmath-96973f99-934c22de.so.0.0.0`
_WHEEL_LIBRARIES = re.compile(r"(?:\.libs|/\.dylibs|[_-]libs)$")
_VENDORED_LIBRARY = re.compile(r"(lib[\w.+-]*?)(?:-[0-9a-f]{8})+\.so(?:\.|$)")
_DEPENDENCY_FOLDER = re.compile(r".*?/(?:(?:site|dist)-packages|gems)(?=/)")
_OPENING_CALL = re.compile(rb"\bctypes\b|\bdlopen\b|\bffi_lib\b|\bFiddle\b")
_MAX_MODULE_BYTES = 1 << 20
_MAX_SEARCHED_BYTES = 96 << 20
# Programs linked statically with glibc name these (for NSS, say) and hardly ever load one.
_IGNORED_SONAME = re.compile(r"libgcc_s\.so|libnss_|lib(?:c|m|pthread|dl|rt|resolv)\.so")
_REGRESSION_KINDS = {
    LinkErrorKind.INTERPRETER: RegressionKind.INTERPRETER,
    LinkErrorKind.LIBRARY: RegressionKind.LIBRARY,
    LinkErrorKind.VERSION: RegressionKind.VERSION,
    LinkErrorKind.MACHINE: RegressionKind.LIBRARY,
}


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield libraries that the linker would not find, unless the old image lacks them, too."""
    for path in list_elf_files(pair):
        errors = pair.new.linker.resolve_libraries(path).errors
        # The old image may lack a library as well, for a plug-in that nothing loads.
        if errors:
            old_errors = {(x.kind, x.name) for x in pair.old.linker.resolve_libraries(path).errors}
            yield from (
                _make_regression(pair, error)
                for error in errors
                if (error.kind, error.name) not in old_errors
            )
        yield from _check_dlopened_libraries(pair, path)
    yield from _check_libraries_in_sources(pair)
    yield from _check_libraries_of_dependencies(pair)


def list_elf_files(pair: ImagePair) -> list[str]:
    """List the ELF files that the Dockerfile added, and the programs that the command starts."""
    new = pair.new
    added_files = [
        path
        for path, entry in new.image.tree.items()
        if is_file_entry(entry)
        and new.is_added_by_dockerfile(path)
        and path not in new.packaged_files
        and (entry.mode & 0o111 or _LIBRARY_FILE.search(path))
        and not _NON_ELF_FILE.search(path)
        and new.read_elf(path)
    ]
    started = (
        new.find_program(program.name)
        for program in list_started_programs(pair, new, new.config.command_line)
    )
    return list(dict.fromkeys([*added_files, *(path for path in started if path)]))


def _check_dlopened_libraries(pair: ImagePair, path: str) -> Iterator[Regression]:
    """Yield lost libraries that a program contains the names of: it may open them with `dlopen`."""
    new, entry = pair.new, pair.new.image.tree.get(path)
    if (
        entry is None
        or not new.is_added_by_dockerfile(path)
        or path in new.packaged_files
        or entry.size > _MAX_SEARCHED_BYTES
    ):
        return
    data = new.files.read(path) or b""
    libraries = new.linker.resolve_libraries(path).libraries
    names = {name.decode() for name in _SONAME_IN_BINARY.findall(data)} - libraries.keys()
    vendored_stems = _list_vendored_stems(pair, path, libraries.values())
    for name in sorted(names):
        if _IGNORED_SONAME.match(name) or name.partition(".so")[0] in vendored_stems:
            continue
        old_path = find_library(pair.old, name)
        if old_path and not find_library(new, name):
            message = f"/{path} names {name}, which only the old image has."
            yield Regression(RegressionKind.LIBRARY, name, message, path=old_path, detail=path)


def _list_vendored_stems(pair: ImagePair, path: str, libraries: Iterable[str]) -> frozenset[str]:
    """Return the libraries that a wheel brings, as they were called before it renamed them.

    auditwheel adds a hash to their names, and leaves the old names in the files.
    """
    folder = posixpath.dirname(path)
    siblings = pair.new_folders.get(folder, ()) if _WHEEL_LIBRARIES.search(folder) else ()
    names = (posixpath.basename(library) for library in (*libraries, *siblings))
    return frozenset(match[1] for name in names if (match := _VENDORED_LIBRARY.match(name)))


def _check_libraries_in_sources(pair: ImagePair) -> Iterator[Regression]:
    """Yield lost libraries that sources open by a name in them or in the data."""
    old, new = pair.old, pair.new
    if not any(_DLOPEN_CALL.search(text) for text in pair.old_app.program_sources.values()):
        return
    code = "\n".join(pair.old_app.program_sources.values())
    words = set(_QUOTED_NAME.findall(code))
    words |= {x for text in pair.old_app.data_texts.values() for x in _BARE_NAME.findall(text)}
    # `CDLL("libmagic.so.1")`, `find_library("magic")` and `dlopen("libmagic.so")` mean the same
    # file.
    for soname in sorted(filter(_VERSIONED_SONAME.search, old.loader_config.cache)):
        stem = soname.removeprefix("lib").partition(".so")[0]
        if soname in words or stem in words or f"lib{stem}.so" in words:
            old_path = find_library(old, soname)
            if old_path and not find_library(new, soname) and not _IGNORED_SONAME.match(soname):
                message = f"The sources open {soname} by name, which the new image does not have."
                yield Regression(RegressionKind.LIBRARY, soname, message, path=old_path)


def _check_libraries_of_dependencies(pair: ImagePair) -> Iterator[Regression]:
    """Yield lost libraries that the Dockerfile installed and that a dependency opens by name.

    pyzbar does so when it is imported, which may be in a function.
    """
    old, new = pair.old, pair.new
    lost_libraries = {
        soname: path
        for soname in filter(_VERSIONED_SONAME.search, old.loader_config.cache)
        if (path := find_library(old, soname))
        and old.is_added_by_dockerfile(path)
        and not find_library(new, soname)
        and not _IGNORED_SONAME.match(soname)
    }
    for module, text in _list_opening_modules(pair) if lost_libraries else ():
        words = set(_QUOTED_NAME.findall(text))
        for soname in sorted(lost_libraries):
            stem = soname.removeprefix("lib").partition(".so")[0]
            if words & {soname, stem, f"lib{stem}", f"lib{stem}.so"}:
                message = f"/{module} opens {soname} by name, which the new image does not have."
                yield Regression(
                    RegressionKind.LIBRARY, soname, message, path=lost_libraries.pop(soname)
                )


def _list_opening_modules(pair: ImagePair) -> Iterator[tuple[str, str]]:
    """Yield the modules of installed dependencies that open libraries, with their texts."""
    matches = map(_DEPENDENCY_FOLDER.match, pair.old.own_files)
    folders = {match[0] for match in matches if match}
    for folder in sorted(folders):
        for path, content in pair.old.files.read_below(
            folder, lambda path, size: path.endswith((".py", ".rb")) and size < _MAX_MODULE_BYTES
        ):
            if _OPENING_CALL.search(content):
                yield path, content.decode(errors="replace")


def find_library(open_image: OpenImage, soname: str) -> str | None:
    """Return the path of a library in the usual folders of an image."""
    candidates = [*open_image.loader_config.cache.get(soname, ())]
    triples = (*(f"{triple}/" for triple in MULTIARCH_TRIPLETS.values()), "")
    candidates += [f"{top}/{triple}{soname}" for top in ("usr/lib", "lib") for triple in triples]
    candidates += [f"{top}/{soname}" for top in ("usr/lib64", "lib64", "usr/local/lib")]
    return next(
        (real for candidate in candidates if (real := open_image.paths.resolve(candidate))), None
    )


def _make_regression(pair: ImagePair, link_error: LinkError) -> Regression:
    needed_by = f"/{link_error.needed_by}"
    old_path = find_library(pair.old, link_error.name)
    if link_error.kind is LinkErrorKind.INTERPRETER:
        old_path = pair.old.paths.resolve(link_error.name)
        message = (
            f"{needed_by} needs the loader {link_error.name}, which the new image does not have."
        )
    elif link_error.kind is LinkErrorKind.VERSION:
        message = (
            f"{needed_by} needs {link_error.version} of {link_error.name}, "
            "but the new image has an older version."
        )
    else:
        message = f"{needed_by} needs {link_error.name}, which the new image does not have."
    old_library = pair.old.linker.resolve_libraries(link_error.needed_by).libraries.get(
        link_error.name
    )
    detail = link_error.version or link_error.needed_by
    return Regression(
        _REGRESSION_KINDS[link_error.kind],
        link_error.name,
        message,
        path=old_library or old_path or "",
        detail=detail,
    )
