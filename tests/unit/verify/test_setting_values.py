"""Values of settings that nobody names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.container_config import ContainerConfig
from bot.verify.setting_values import (
    choose_port,
    is_port_name,
    is_secret_name,
    make_placeholder,
    replace_secrets,
)


@pytest.mark.parametrize("name", ["JWT_SECRET", "DB_PASSWORD", "API_KEY", "bot_token", "SECRET"])
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["TOKEN_EXPIRE_MINUTES", "MONKEY", "KEYCLOAK_URL", "PORT"])
def test_names_of_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


def test_a_port_is_the_servers_own() -> None:
    assert is_port_name("PORT")
    assert not is_port_name("DB_PORT")
    assert choose_port(ContainerConfig(exposed_ports=("3000/tcp", "4000/tcp"))) == "3000"
    assert choose_port(ContainerConfig()) == "8080"


@given(st.text("abcXYZ019/+=-", min_size=11))
def test_no_secret_is_passed_on(secret: str) -> None:
    shown = replace_secrets({"API_KEY": secret, "URL": f"postgres://user:{secret}@db:5432/app"})
    assert shown["API_KEY"] == make_placeholder("API_KEY")
    if "/" not in secret:
        assert shown["URL"] == "postgres://user:placeholder@db:5432/app"


def test_values_that_are_no_secrets_stay() -> None:
    values = {"DB_HOST": "db", "MAX_TOKEN": "100", "USE_KEY": "false", "URL": "http://db:80/a@b"}
    assert replace_secrets(values) == values


def test_a_placeholder_is_long_enough_for_a_key_and_always_the_same() -> None:
    assert len(make_placeholder("A")) > 32
    assert make_placeholder("A") == make_placeholder("A") != make_placeholder("B")
