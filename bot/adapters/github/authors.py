"""Authors of what is on GitHub: which texts a token has written itself."""

from github.NamedUser import NamedUser
from github.Organization import Organization


def is_written_by(author: NamedUser | Organization | None, login: str | None) -> bool:
    """Return True for the texts of a token; that of a workflow has no login, but is a bot's.

    GitHub may name no author, if the account is gone: anybody can have written that.
    """
    if author is None:
        return False
    return author.login == login if login else author.type == "Bot"
