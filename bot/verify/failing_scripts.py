"""Shell scripts that fail in the old image: they call programs of the machine that builds it."""

import re

from bot.image.open_image import OpenImage
from bot.pattern_lists import read_names

_TOOLS = frozenset(read_names("bot.verify", "host_tools.txt", "host tools"))
_SUFFIXES = (".sh", ".bash")
_MAX_BYTES = 100_000
_FIRST_WORD = re.compile(r"^[ \t]*(?:sudo[ \t]+)?([\w-]+)(?=[ \t])", re.MULTILINE)
# With one of these a script finds out what there is, and may do something else.
_LOOKUPS = re.compile(r"\b(?:command[ \t]+-v|which|type|hash)[ \t]+(?:-\w+[ \t]+)*([\w-]+)")


def is_host_script(image: OpenImage, path: str) -> bool:
    """Return True for a script that calls a program of the host, which the image does not have."""
    if not path.endswith(_SUFFIXES) or image.tree[path].size > _MAX_BYTES:
        return False
    return calls_host(image, path, image.read_text(path))


def calls_host(image: OpenImage, path: str, text: str) -> bool:
    """Return True for the text of a script that calls a program which the image does not have."""
    if not path.endswith(_SUFFIXES):
        return False
    called = _TOOLS.intersection(_FIRST_WORD.findall(text)) - set(_LOOKUPS.findall(text))
    return any(image.find_program(name) is None for name in called)
