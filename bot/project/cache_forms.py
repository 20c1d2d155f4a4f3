"""Parsers of caches: the forms of buildx's options, and of the inputs of docker/build-push-action.

Only kinds that need no further login are known. What the runner sets (addresses and tokens of
GitHub's cache) nobody else may set: a token would go to the address that a file names.
"""

import re
from pathlib import PurePosixPath

from bot.model.build_cache import IMAGE_PLACE, BuildCache, CacheKind
from bot.project.option_values import validate_argument, validate_path

# https://docs.docker.com/build/cache/backends/ has the fields of each kind.
_EXPORT_FIELDS = frozenset(
    (
        "mode",
        "ignore-error",
        "compression",
        "compression-level",
        "force-compression",
        "oci-mediatypes",
        "image-manifest",
    )
)
_SOURCE_FIELDS = {
    CacheKind.GHA: frozenset({"scope", "timeout"}),
    CacheKind.REGISTRY: frozenset({"ref"}),
    CacheKind.LOCAL: frozenset({"src", "digest", "tag"}),
}
_TARGET_FIELDS = {
    CacheKind.GHA: frozenset({"scope", "timeout", "mode", "ignore-error"}),
    CacheKind.REGISTRY: frozenset({"ref"}) | _EXPORT_FIELDS,
    CacheKind.LOCAL: frozenset({"dest", "tag"}) | _EXPORT_FIELDS,
    CacheKind.INLINE: frozenset[str](),
}
_OF_RUNNER = frozenset({"token", "url", "url_v2", "version", "repository", "ghtoken"})
_REFERENCE = re.compile(r"[A-Za-z0-9\[][\w.:/@\[\]-]*", re.ASCII)


def parse_cache_source(text: str) -> BuildCache:
    """Parse what `--cache-from` takes; a name alone is an image. ValueError for anything else."""
    kind, fields = _split(text)
    if kind is CacheKind.INLINE:
        raise ValueError("an inline cache is read from its image: type=registry,ref=IMAGE")
    return _check(kind, fields, _SOURCE_FIELDS[kind], "src")


def parse_cache_target(text: str) -> BuildCache:
    """Parse what `--cache-to` takes; a name alone is an image. ValueError for anything else."""
    kind, fields = _split(text)
    return _check(kind, fields, _TARGET_FIELDS[kind], "dest")


def parse_file_cache_source(text: str) -> BuildCache:
    """Parse a source of a file or an input, which has no folder outside; else ValueError."""
    return _check_folder(parse_cache_source(text))


def parse_file_cache_target(text: str) -> BuildCache:
    """Parse a target of a file or an input, which has no folder outside; else ValueError."""
    return _check_folder(parse_cache_target(text))


def _check_folder(cache: BuildCache) -> BuildCache:
    if not cache.folder:
        return cache
    path = validate_path(cache.folder)
    if any(part.lower() == ".git" for part in PurePosixPath(path).parts):
        raise ValueError(f"{path!r} is a folder of git, and no place for a cache")
    return cache.move(path)


def _split(text: str) -> tuple[CacheKind, dict[str, str]]:
    """Return the kind and the fields of a cache."""
    if '"' in validate_argument(text) or re.search(r"\s", text):
        raise ValueError("a cache has neither quotes nor spaces")
    if "=" not in text:
        return CacheKind.REGISTRY, {"ref": text}
    fields: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals or not value or name.lower() in fields:
            raise ValueError("a cache is written as type=KIND,NAME=VALUE, each name once")
        fields[name.lower()] = value
    kind = fields.pop("type", "")
    if kind not in set(CacheKind):
        kinds = ", ".join(CacheKind)
        raise ValueError(f"type={kind} is not a kind of cache that is known here: {kinds}")
    return CacheKind(kind), fields


def _check(
    kind: CacheKind, fields: dict[str, str], names: frozenset[str], folder: str
) -> BuildCache:
    """Return a cache whose fields are all known, and that says where it is."""
    for name in fields:
        if name in _OF_RUNNER:
            raise ValueError(f"{name} of type={kind} is the runner's to set")
        if name not in names:
            listed = ", ".join(sorted(names)) or "none"
            raise ValueError(f"type={kind} has no field {name!r} here: {listed}")
    needed = {CacheKind.REGISTRY: "ref", CacheKind.LOCAL: folder}.get(kind)
    if needed and needed not in fields:
        raise ValueError(f"type={kind} needs {needed}=…")
    reference = fields.get("ref")
    if reference and not _REFERENCE.fullmatch(reference.replace(IMAGE_PLACE, "image")):
        raise ValueError(f"{reference!r} is not the name of an image")
    return BuildCache(kind, tuple(fields.items()))
