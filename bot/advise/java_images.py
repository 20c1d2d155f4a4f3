"""JRE images in place of JDK images, of the same publisher, release and system."""

import re

from bot.image.archives.reference import split_reference
from bot.pattern_lists import read_names

_JDK_IMAGES = read_names("bot.advise", "full_images.txt", "JDK images")
# 17, 17.0.9_9, 8u402-b06, or open-17, as ibm-semeru-runtimes has it.
_RELEASE = re.compile(r"(?:open-)?(?P<major>\d+)[\w.+]*")
_JDK_PART = re.compile(r"(?<=-)jdk(?=-|$)")
# openjdk has had no JRE since Java 12; its tags say `8-jre`, `11-jre-slim`.
_LAST_OPENJDK_JRE = 11
_OTHER_SYSTEM = re.compile(r"windows|nanoserver|oraclelinux|crac")
_LIBERICA = ("liberica-openjdk-debian", "liberica-openjdk-alpine")


def find_jre_variant(image: str) -> str | None:
    """Return the JRE image that belongs to a JDK image; None if there is none.

    >>> find_jre_variant("eclipse-temurin:17-jdk-alpine")
    'eclipse-temurin:17-jre-alpine'
    """
    reference = split_reference(image)
    path = f"{reference.prefix}{reference.name}".removeprefix("docker.io/").removeprefix("library/")
    release = _RELEASE.match(reference.tag)
    if path not in _JDK_IMAGES or "@" in image or "jre" in reference.tag or not release:
        return None
    if _OTHER_SYSTEM.search(reference.tag):
        return None
    if reference.name in _LIBERICA:
        return image.replace("openjdk", "openjre")
    if reference.name == "openjdk" and int(release["major"]) > _LAST_OPENJDK_JRE:
        return None
    if _JDK_PART.search(reference.tag):
        return reference.with_tag(_JDK_PART.sub("jre", reference.tag))
    suffix = reference.tag[release.end() :]
    return reference.with_tag(f"{release[0]}-jre{suffix}")
