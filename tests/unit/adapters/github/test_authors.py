"""Which texts on GitHub are a token's own."""

import pytest
from github import Github
from github.NamedUser import NamedUser

from bot.adapters.github.authors import is_written_by


def make_user(login: str, kind: str) -> NamedUser:
    return Github().create_from_raw_data(NamedUser, {"login": login, "type": kind})


@pytest.mark.parametrize(
    ("login", "is_own"), [("octo", True), ("eve", False), (None, False), ("Octo", False)]
)
def test_a_person_is_known_by_the_login(login: str | None, is_own: bool) -> None:
    assert is_written_by(make_user("octo", "User"), login) is is_own


def test_a_token_without_a_login_has_written_what_a_bot_has() -> None:
    assert is_written_by(make_user("github-actions[bot]", "Bot"), None)


@pytest.mark.parametrize("login", ["octo", None])
def test_a_text_of_an_account_that_is_gone_is_nobodys(login: str | None) -> None:
    assert not is_written_by(None, login)
