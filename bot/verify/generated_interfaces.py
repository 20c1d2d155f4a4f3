"""Interfaces of Protocol Buffers that Go code was made of, which holds what they say."""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

_GENERATED_SUFFIX = ".pb.go"
_HEAD_CHARACTERS = 2000
# The head of what protoc-gen-go and protoc-gen-go-grpc write.
_SOURCE = re.compile(r"(?m)^// source: (\S+\.proto)$")


def make_generated_interface_matcher(sources: Mapping[str, str]) -> Callable[[str], bool]:
    """Return a predicate for `.proto` files that Go code was made of, and no other source may read.

    A source may read one by its name, with all files of the kind, or with its folder.
    """
    generated = [text for name, text in sources.items() if name.endswith(_GENERATED_SUFFIX)]
    others = [text for name, text in sources.items() if not name.endswith(_GENERATED_SUFFIX)]
    origins = frozenset(_list_origins(generated))

    @cache
    def is_read(folder: str) -> bool:
        reading = re.compile(rf"\.proto\b|[\"'`](?:\.?/)*{re.escape(folder)}[\"'`/]")
        return any(map(reading.search, others))

    def is_generated(path: str) -> bool:
        folder, name = posixpath.split(path)
        return name in origins and not is_read(posixpath.basename(folder))

    return is_generated


def _list_origins(texts: Iterable[str]) -> Iterable[str]:
    """Yield the names of the files that generated code was made of."""
    for text in texts:
        if match := _SOURCE.search(text[:_HEAD_CHARACTERS]):
            yield posixpath.basename(match[1])
