"""Names of images, by the grammar that registries and engines share."""

import re
from dataclasses import dataclass

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_DOMAIN = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"(?:(?P<domain>{_DOMAIN})/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?",
    re.ASCII,
)
HUB = "docker.io"
_MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class Reference:
    """An image of a registry. With a digest the tag says nothing and is only shown."""

    domain: str
    path: str
    tag: str
    digest: str = ""

    def __str__(self) -> str:
        tag, digest = self.tag and f":{self.tag}", self.digest and f"@{self.digest}"
        return f"{self.domain}/{self.path}{tag}{digest}"

    @property
    def version(self) -> str:
        """What names the image within its repository."""
        return self.digest or self.tag


def parse_reference(text: str) -> Reference:
    """A reference with its defaults filled in; ValueError if it is none."""
    match = _REFERENCE.fullmatch(text)
    if match is None or len(text) > _MAX_NAME + 128 + 136:
        raise ValueError(f"{text!r} is not the name of an image")
    domain, path = match["domain"] or "", match["path"]
    if not _is_domain(domain):
        domain, path = HUB, f"{domain}/{path}" if domain else path
    if domain in (HUB, "index.docker.io"):
        domain, path = HUB, path if "/" in path else f"library/{path}"
    if len(path) > _MAX_NAME or path != path.lower():
        raise ValueError(f"{text!r} is not the name of an image: lower-case letters only")
    tag = match["tag"] or ("" if match["digest"] else "latest")
    return Reference(domain, path, tag, match["digest"] or "")


def same_name(one: str, other: str) -> bool:
    """Whether two names mean one image, defaults and all."""
    try:
        return one == other or parse_reference(one) == parse_reference(other)
    except ValueError:
        return False


def _is_domain(text: str) -> bool:
    """Whether the first part of a name is a host, and not a folder of Docker Hub."""
    return "." in text or ":" in text or text == "localhost" or text != text.lower()
