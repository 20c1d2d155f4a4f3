"""Evidence that an image has a program."""

import pytest

from bot.advise.shipped_programs import has_program
from tests.support.rule_inputs import make_rule_input


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("FROM php:8-fpm\nRUN docker-php-ext-install gd\n", False),
        ("FROM php:8-fpm\nCOPY php.ini /usr/local/etc/php/\nCOPY x.conf run.sh /\n", False),
        ("FROM php:8-fpm\nCOPY --from=composer /usr/bin/composer /usr/bin/composer\n", False),
        ("FROM php:8-fpm\nCOPY . /var/www/html\n", True),
        ("FROM nginx\nCOPY --from=build /site /srv/site\n", True),
        ("FROM debian\nRUN make\nCMD x\n", True),
        ('FROM debian\nRUN make\nENTRYPOINT ["/run.sh"]\n', True),
        ("FROM debian AS app\nCMD x\nFROM app\nRUN make\n", True),
        ("FROM golang:1.4-onbuild\n", True),
    ],
)
def test_a_start_or_sources(text: str, is_there: bool) -> None:
    assert has_program(make_rule_input(text)) is is_there
