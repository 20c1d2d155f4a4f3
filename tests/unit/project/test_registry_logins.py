"""Logins of the input `registry-auth`: what is read, and what would be another password."""

import pytest

from bot.model.registry_login import RegistryLogin
from bot.project.registry_logins import parse_registry_auth


def parse_one(text: str) -> RegistryLogin:
    (login,) = parse_registry_auth(text)
    return login


def test_a_list_in_the_form_of_login_action() -> None:
    text = """\
- username: ann
  password: hunter22
- registry: localhost:5000
  username: bob
  password: 'a: #b'
"""
    assert parse_registry_auth(text) == (
        RegistryLogin("docker.io", "ann", "hunter22"),
        RegistryLogin("localhost:5000", "bob", "a: #b"),
    )


@pytest.mark.parametrize(
    ("written", "password"),
    [
        ("0123", "0123"),
        ("1e5", "1e5"),
        ("true", "true"),
        ("2026-01-01", "2026-01-01"),
        ("a#b", "a#b"),
        ("'it''s'", "it's"),
        ('"a\\"b"', 'a"b'),
        ("|-\n    a: #b", "a: #b"),
        ("", ""),
    ],
)
def test_a_password_is_the_text_that_stands_there(written: str, password: str) -> None:
    assert parse_one(f"- username: a\n  password: {written}\n").password == password


@pytest.mark.parametrize(
    "written", ["abc #def", "&abc", "abc\t#def", "*abc", "!abc", "{a", "%a", "@a", "a: b"]
)
def test_a_password_that_would_be_cut_or_misread_is_a_mistake_and_not_shown(written: str) -> None:
    with pytest.raises(ValueError, match=r"line \d: .*single quotes") as caught:
        parse_registry_auth(f"- username: a\n  password: {written}\n")
    assert "abc" not in str(caught.value)
    assert "def" not in str(caught.value)


def test_the_empty_texts_of_a_fork_are_a_login_without_a_password() -> None:
    login = parse_one("- registry: ghcr.io\n  username: \n  password: \n")
    assert login == RegistryLogin("ghcr.io", "", "")


@pytest.mark.parametrize(
    ("scope", "repositories"),
    [
        ("octo/app", ["octo/app"]),
        ("octo/app@pull", ["octo/app"]),
        ("octo/app@pull,push", ["octo/app"]),
        ("octo/app@push", []),
        ("'@push'", []),
        ("'@pull'", [""]),
    ],
)
def test_a_scope_is_a_repository_and_only_to_pull(scope: str, repositories: list[str]) -> None:
    logins = parse_registry_auth(f"- username: a\n  password: b\n  scope: {scope}\n")
    assert [login.scope for login in logins] == repositories


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ghcr.io ann hunter22", "not a list of logins"),
        ("[]", "not a list of logins"),
        ("- hunter22", "login 1: it is not a mapping"),
        ("- {username: a, passwort: hunter22}", "login 1: it has 1 unknown keys"),
        ("- {username: a, password: [hunter22]}", "login 1: a value is not a text"),
        ("- {registry: 'a b', username: a, password: hunter22}", "`registry` is not the name"),
        ("- {username: 'a:b', password: hunter22}", "`username` has a colon"),
        ("- {username: a, password: hunter22, scope: 'a b'}", "`scope` is not a repository"),
        ('{"auths": {"ghcr.io": {"auth": "hunter22"}}}', "DOCKER_AUTH_CONFIG"),
    ],
)
def test_a_mistake_is_explained_and_no_value_is_shown(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        parse_registry_auth(text)
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("ecr", ["", "\n  ecr: auto", "\n  ecr: true"])
def test_keys_of_aws_are_no_login(ecr: str) -> None:
    registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    text = "- registry: " + registry + "\n  username: {}\n  password: b" + ecr
    assert parse_one(text.format("AWS")).registry == registry
    with pytest.raises(ValueError, match="aws ecr get-login-password"):
        parse_registry_auth(text.format("AKIAIOSFODNN7EXAMPLE"))


def test_a_login_is_not_shown_with_its_password() -> None:
    assert "hunter22" not in repr(parse_one("- {username: a, password: hunter22}"))
