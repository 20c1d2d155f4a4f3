"""Where the documentation stands, for messages that are read far away from it."""

PAGES = "https://github.com/image-size-review/image-size-review/blob/main/docs/"


def page(name: str) -> str:
    """The address of a page, by its file's stem."""
    return f"{PAGES}{name}.md"
