"""The package.json of a folder, as npm reads it from an image."""

import json
import posixpath
from collections.abc import Mapping

from bot.rewrite.build_facts import BuildFacts


def find_package_folder(facts: BuildFacts) -> str:
    """Return the nearest folder, from the working directory upwards, with a package.json."""
    folder = facts.workdir
    while folder and f"{folder}/package.json" not in facts.built.tree:
        folder = posixpath.dirname(folder)
    return folder


def read_package(facts: BuildFacts, folder: str) -> Mapping[str, object]:
    """Return the contents of a folder's package.json; empty if there is none that can be read."""
    try:
        package = json.loads(facts.built.read_text(posixpath.join(folder, "package.json")))
    # The file is the image's: thousands of brackets in it are no reason to end the review.
    except (ValueError, RecursionError):
        return {}
    return package if isinstance(package, dict) else {}
