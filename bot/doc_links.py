"""The addresses of the documentation's pages, for messages in logs and comments."""

# The branch and no release: a page may say more by the time that somebody reads a comment.
DOCS_BASE_URL = "https://github.com/image-size-review/image-size-review/blob/main/docs/"


def doc_url(name: str) -> str:
    """Return the address of a page by the stem of its file."""
    return f"{DOCS_BASE_URL}{name}.md"
