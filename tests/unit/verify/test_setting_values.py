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
    make_value,
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


@given(st.text("abcXYZ019+=-", min_size=11))
def test_a_secret_that_a_service_is_set_up_with_stays(secret: str) -> None:
    values = {"DB_PASSWORD": secret, "URL": f"postgres://user:{secret}@db:5432/app"}
    assert replace_secrets(values, [f"--requirepass={secret}"]) == values
    assert replace_secrets(values, ["another"]) == replace_secrets(values)


def test_a_short_secret_is_no_part_of_a_longer_text() -> None:
    assert replace_secrets({"PASSWORD": "app"}, ["my-app"]) != {"PASSWORD": "app"}
    assert replace_secrets({"PASSWORD": "app"}, ["app"]) == {"PASSWORD": "app"}
    assert replace_secrets({"PASSWORD": ""}, ["", "a"]) != {"PASSWORD": ""}


def test_values_are_made_up_for_what_a_service_is_set_up_with() -> None:
    assert make_value("DB_PASSWORD") == make_placeholder("DB_PASSWORD")
    assert {make_value(name) for name in ("POSTGRES_USER", "DB_NAME", "MYSQL_DATABASE")} == {"app"}
    assert make_value("DB_HOST") == "localhost"
    assert make_value("HOST") is None
    assert make_value("TAG") is None
