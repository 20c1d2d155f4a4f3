"""References of images, by the grammar that registries and engines share."""

import re
from dataclasses import dataclass

# The grammar of github.com/distribution/reference (reference.go), with its separators.
_PATH_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_DOMAIN = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_REFERENCE_PATTERN = re.compile(
    rf"(?:(?P<domain>{_DOMAIN})/)?(?P<path>{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?",
    re.ASCII,
)
DOCKER_HUB = "docker.io"
_MAX_NAME_LENGTH = 255
_MAX_LENGTH = 2 * _MAX_NAME_LENGTH + 128 + 136  # domain and path, tag, digest
_QUOTED_LENGTH = 100


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image in a registry; beside a digest the tag is only for display."""

    domain: str
    path: str
    tag: str
    digest: str = ""

    def __str__(self) -> str:
        tag, digest = self.tag and f":{self.tag}", self.digest and f"@{self.digest}"
        return f"{self.domain}/{self.path}{tag}{digest}"

    @property
    def tag_or_digest(self) -> str:
        """Return what identifies the image within its repository."""
        return self.digest or self.tag


@dataclass(frozen=True, slots=True)
class ReferenceParts:
    """A reference as it was written, in parts: `docker.io/library/`, `python`, `3.12`.

    Nothing is filled in but the tag, so that a name that is put together again looks as before.
    """

    prefix: str
    name: str
    tag: str

    @property
    def repository(self) -> str:
        """Return the reference without its tag."""
        return f"{self.prefix}{self.name}"

    def with_tag(self, tag: str) -> str:
        """Return the same repository with another tag."""
        return f"{self.repository}:{tag}"


def split_reference(text: str) -> ReferenceParts:
    """Split a reference at its last `/` and `:`; the tag is `latest` if it has none.

    Unlike `parse_reference` it takes any text, as a `FROM` may hold a variable. A digest is left
    out.
    """
    name, _, _ = text.partition("@")
    prefix, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return ReferenceParts(prefix + slash, last, tag or "latest")


def parse_reference(text: str) -> ImageReference:
    """Read a reference and fill in its defaults; raise ValueError if it is malformed."""
    match = _REFERENCE_PATTERN.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        raise ValueError(explain_invalid_reference(text))
    domain, path = match["domain"] or "", match["path"]
    if not _is_domain(domain):
        domain, path = DOCKER_HUB, f"{domain}/{path}" if domain else path
    # Docker Hub's official images are in the namespace `library`.
    if domain in (DOCKER_HUB, "index.docker.io"):
        domain, path = DOCKER_HUB, path if "/" in path else f"library/{path}"
    if len(path) > _MAX_NAME_LENGTH or path != path.lower():
        raise ValueError(explain_invalid_reference(text))
    tag = match["tag"] or ("" if match["digest"] else "latest")
    return ImageReference(domain, path, tag, match["digest"] or "")


def shorten_reference(text: str) -> str:
    """Return a reference as BuildKit looks named contexts up: without what Docker fills in.

    `docker.io/library/python:latest` is `python`; text that is no reference stays.
    """
    try:
        full = str(parse_reference(text))
    except ValueError:
        return text
    return full.removeprefix(f"{DOCKER_HUB}/").removeprefix("library/").removesuffix(":latest")


def explain_invalid_reference(text: str) -> str:
    """Return what is wrong with text that is no reference."""
    if not text.strip():
        return "the name is empty"
    quoted = f"{text[:_QUOTED_LENGTH]!r}{'…' * (len(text) > _QUOTED_LENGTH)}"
    if len(text) > _MAX_LENGTH:
        return f"{quoted} is too long for the name of an image"
    if text != text.lower():
        return f"{quoted} is not the name of an image: lower-case letters only"
    return f"{quoted} is not the name of an image"


def is_reference(text: str) -> bool:
    """Return True for text that an engine may be asked for: a name or an ID, never a path."""
    try:
        parse_reference(text)
    except ValueError:
        return False
    return True


def is_same_reference(first: str, second: str) -> bool:
    """Return True if two references name one image, defaults filled in."""
    try:
        return first == second or parse_reference(first) == parse_reference(second)
    except ValueError:
        return False


def _is_domain(text: str) -> bool:
    """Return True if the first part of a reference is a host, not a Docker Hub namespace."""
    # The rule of splitDockerDomain in github.com/distribution/reference (normalize.go).
    return "." in text or ":" in text or text == "localhost" or text != text.lower()
