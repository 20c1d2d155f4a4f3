"""Settings of the tools of Node that an image starts, most of them through an npm script."""

import posixpath
import re

from bot.image.tool_settings import find_tool_settings
from bot.verify.image_pair import ImagePair
from bot.verify.started_programs import list_started_programs

_WORD = re.compile(r"[^\s;&|()\"']+")


def list_tool_settings(pair: ImagePair) -> frozenset[str]:
    """Return the files of the old image that its tools read for their settings.

    None counts if the new image starts another program on purpose.
    """
    if pair.starts_other_program:
        return frozenset()
    old = pair.old
    started = list_started_programs(pair, old, old.config.command_line)
    words = {posixpath.basename(start.name) for start in started}
    words |= _split_words(" ".join(old.config.command_line))
    scripts = pair.old_app.npm_scripts
    # A script may start others: `npm run build && npm run serve`.
    while named := scripts.keys() & words:
        words |= _split_words(" ".join(scripts[name] for name in named))
        scripts = {name: text for name, text in scripts.items() if name not in named}
    return frozenset(find_tool_settings(old.own_files, words))


def _split_words(text: str) -> set[str]:
    return {posixpath.basename(word) for word in _WORD.findall(text)}
