"""Where the documentation stands, for messages that are read far away from it."""

DOCS_BASE_URL = "https://github.com/image-size-review/image-size-review/blob/main/docs/"


def doc_url(name: str) -> str:
    """The address of a page, by its file's stem."""
    return f"{DOCS_BASE_URL}{name}.md"
