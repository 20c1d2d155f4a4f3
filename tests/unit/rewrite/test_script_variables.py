"""The variables of start scripts."""

import pytest

from bot.rewrite.script_variables import fill_variables, read_script_variables
from tests.support.rewrite_world import make_facts


def read_variables(text: str) -> dict[str, str]:
    script = make_facts("FROM x\n").built.parse_script(text)
    return dict(read_script_variables(script, {"PORT": "80", "MODE": "prod"}))


def test_variables_with_one_known_value() -> None:
    text = "app=/srv/app\nexport name=shop\nMODE=$1\nif x; then y=1; else y=2; fi\n"
    assert read_variables(text) == {"PORT": "80", "app": "/srv/app", "name": "shop"}
    assert read_variables("y=1\ny=1\n")["y"] == "1"


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ('"$app"', "/srv/app"),
        ("${app}/bin/$name", "/srv/app/bin/shop"),
        ("$app$other", None),
        ("${app:-/opt}", None),
        ("$app/$(hostname)", None),
        ("/srv/app", None),
    ],
)
def test_a_word_with_variables(text: str, filled: str | None) -> None:
    assert fill_variables(text, {"app": "/srv/app", "name": "shop"}) == filled
