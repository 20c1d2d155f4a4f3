"""The keys of the configuration file by the revision that may set them.

A pull request must not be able to loosen its own gate. A new key needs a group here, and a row in
docs/configuration.md; tests/unit/project/test_key_groups.py holds both to the schema.
"""

from collections.abc import Mapping
from enum import StrEnum


class KeyGroup(StrEnum):
    """The revision that a key is taken from; the text is that of docs/configuration.md."""

    OWN = "each revision's own"
    BOTH = "both: the worse result counts"
    BASE = "the base's file"


# `images[].` are the keys of each image, and what is below a key is in its group. `defaults` has
# the same keys for all images, in the same groups.
KEY_GROUPS: Mapping[str, KeyGroup] = {
    "images": KeyGroup.BOTH,
    "images[].name": KeyGroup.OWN,
    "images[].dockerfile": KeyGroup.OWN,
    "images[].context": KeyGroup.OWN,
    "images[].target": KeyGroup.OWN,
    "images[].build-args": KeyGroup.OWN,
    "images[].build-contexts": KeyGroup.OWN,
    "images[].platforms": KeyGroup.OWN,
    "images[].provides": KeyGroup.OWN,
    "images[].smoke-test": KeyGroup.OWN,
    "images[].budget": KeyGroup.BOTH,
    "images[].secrets": KeyGroup.BASE,
    "images[].secret-files": KeyGroup.BASE,
    "images[].secret-envs": KeyGroup.BASE,
    "images[].ssh": KeyGroup.BASE,
    "images[].network": KeyGroup.BASE,
    "images[].add-hosts": KeyGroup.BASE,
    "images[].prepare": KeyGroup.BASE,
    "images[].build-timeout": KeyGroup.BASE,
    "images[].cache-from": KeyGroup.BASE,
    "images[].cache-to": KeyGroup.BASE,
    "images[].baseline": KeyGroup.BASE,
    "discover": KeyGroup.BOTH,
    "exclude": KeyGroup.BOTH,
    "compose": KeyGroup.BOTH,
    "bake": KeyGroup.BOTH,
    "builder": KeyGroup.BASE,
    "budget": KeyGroup.BOTH,
    "approve": KeyGroup.BASE,
    "comment": KeyGroup.BASE,
    "comment-threshold": KeyGroup.BASE,
    "history": KeyGroup.BASE,
    "commit-status": KeyGroup.BASE,
}
