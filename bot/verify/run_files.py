"""Files that the command of a `RUN` names: it made them on purpose, beside what it installed."""

import posixpath
import re

from bot.image.open_image import OpenImage

# `crontab -` writes a user's table, and names no path.
_CRONTAB_CALL = re.compile(r"\bcrontab\s+(?:-u\s*\S+\s+)?(?:-|[\w./]+)")
_CRONTAB_FOLDER = "var/spool/cron/"


def is_named_by_run(open_image: OpenImage, path: str) -> bool:
    """Return True if the `RUN` that made a file names it, or its folder and its name.

    `wget -P /usr/share/tessdata https://example.org/fra.traineddata` does.
    """
    index = open_image.image.layer_by_path.get(path)
    command = "" if index is None else open_image.image.layers[index].created_by
    if path.startswith(_CRONTAB_FOLDER):
        return bool(_CRONTAB_CALL.search(command))
    folder, name = posixpath.split(path)
    return _names(command, f"/{path}") or (
        "/" in folder and _names(command, f"/{folder}") and _names(command, name)
    )


def _names(command: str, word: str) -> bool:
    return bool(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])", command))
