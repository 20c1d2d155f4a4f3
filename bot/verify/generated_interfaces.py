"""Interfaces of Protocol Buffers that Go code was made of, which holds what they say."""

import posixpath
import re
from collections.abc import Iterable, Mapping

_GENERATED_SUFFIX = ".pb.go"
_HEAD_CHARACTERS = 2000
# The head of what protoc-gen-go and protoc-gen-go-grpc write.
_SOURCE = re.compile(r"(?m)^// source: (\S+\.proto)$")


def is_generated_interface(sources: Mapping[str, str], path: str) -> bool:
    """Return True for a `.proto` file that Go code was made of, unless another source may read it.

    A source may read it by its name, with all files of the kind, or with its folder.
    """
    if not path.endswith(".proto"):
        return False
    generated = [text for name, text in sources.items() if name.endswith(_GENERATED_SUFFIX)]
    if posixpath.basename(path) not in set(_list_origins(generated)):
        return False
    folder = posixpath.basename(posixpath.dirname(path))
    reading = re.compile(rf"\.proto\b|[\"'`](?:\.?/)*{re.escape(folder)}[\"'`/]")
    others = (text for name, text in sources.items() if not name.endswith(_GENERATED_SUFFIX))
    return not any(map(reading.search, others))


def _list_origins(texts: Iterable[str]) -> Iterable[str]:
    """Yield the names of the files that generated code was made of."""
    for text in texts:
        if match := _SOURCE.search(text[:_HEAD_CHARACTERS]):
            yield posixpath.basename(match[1])
