"""Folders that a repository keeps empty, with a file that is there only because Git has no folders.

The last stage creates them: programs write into `log`, `tmp` and `storage`.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from bot.rewrite.build_facts import BuildFacts

_PLACEHOLDER = re.compile(r"\.(?:git)?keep|\.gitignore|\.empty|\.placeholder")


def list_kept_folders(
    facts: BuildFacts, dropped_paths: Collection[str], copied_paths: Iterable[str]
) -> frozenset[str]:
    """Return the folders that the Dockerfile copied, and of which only placeholders stay behind.

    `copied_paths` are the files and folders that the last stage has in any case.
    """
    copied = tuple(copied_paths)
    # A folder of tests with a placeholder beside them is needed as little as they are.
    others = [path for path in dropped_paths if not _is_placeholder(path)]
    return frozenset(
        folder
        for folder in set(_list_folders_of_placeholders(facts, dropped_paths))
        if not any(path.startswith(f"{folder}/") for path in (*others, *copied))
        and not any(f"{folder}/".startswith(f"{path}/") for path in copied)
    )


def _list_folders_of_placeholders(
    facts: BuildFacts, dropped_paths: Collection[str]
) -> Iterator[str]:
    """Yield the folders of placeholders below the working folder, and those above them."""
    for path in dropped_paths:
        # After `chown -R` in a RUN, no layer shows that the file came from the context.
        folder = posixpath.dirname(path) if _is_placeholder(path) else ""
        while folder.startswith(f"{facts.workdir}/"):
            yield folder
            folder = posixpath.dirname(folder)


def _is_placeholder(path: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(posixpath.basename(path)))
