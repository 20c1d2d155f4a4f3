"""WWW-Authenticate headers, as registries write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.registry.challenge import Challenge, parse_challenge

TOKEN = Challenge("bearer", "https://a.b/token", "a service")


@pytest.mark.parametrize(
    ("header", "expected"),
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
def test_challenges(header: str, expected: Challenge | None) -> None:
    assert parse_challenge(header) == expected


@given(st.text('Bearbsic ="\\,x', max_size=60))
def test_arbitrary_headers_never_raise(header: str) -> None:
    challenge = parse_challenge(header)
    assert challenge is None or challenge.scheme in ("basic", "bearer")
