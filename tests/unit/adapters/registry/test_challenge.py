"""WWW-Authenticate headers, as registries write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.registry.challenge import Challenge, parse_challenge

TOKEN = Challenge("bearer", "https://a.b/token", "a service")


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ('Bearer realm="https://a.b/token",service="a service",scope="x:y:pull,push"', TOKEN),
        ('bearer service="a service", realm="https://a.b/token"', TOKEN),
        ('Basic realm="r", Bearer realm="https://a.b/token",service="a service"', TOKEN),
        ('Bearer realm=https://a.b/token,service="a service",error="invalid_token"', TOKEN),
        ('Basic realm="Registry"', Challenge("basic", "Registry")),
        ("Basic", Challenge("basic")),
        ("Negotiate", None),
        ("", None),
    ],
)
def test_what_is_asked_for(header: str, meant: Challenge | None) -> None:
    assert parse_challenge(header) == meant


@given(st.text('Bearbsic ="\\,x', max_size=60))
def test_no_header_is_too_odd(header: str) -> None:
    parse_challenge(header)
