"""Evidence that an image has a program."""

from dataclasses import replace

import pytest

from bot.advise.shipped_programs import has_program
from tests.support.rule_inputs import make_repository, make_rule_input


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
        # The program is elsewhere: only its dependencies are copied.
        ("FROM ruby\nCOPY $GEMFILE ${GEMFILE_LOCK} /app/\nCMD rails server\n", False),
        ("FROM ruby\nCOPY Gemfile start.sh /app/\nCMD rails server\n", False),
        ("FROM a\nCOPY requirements.txt .\nRUN git clone u\nCMD x\n", True),
        ("FROM php\nCOPY composer.json .\nRUN composer create-project a/b\nCMD x\n", True),
        ("FROM debian\nCOPY run.sh /\nCMD /run.sh\n", True),
    ],
)
def test_a_start_or_sources(text: str, is_there: bool) -> None:
    assert has_program(make_rule_input(text)) is is_there


@pytest.mark.parametrize(
    ("copy", "volume", "is_there"),
    [
        ("", ".:/app", False),
        ("COPY x.conf /etc/", "./:/app/", False),
        ("COPY src src", ".:/app", True),
        ("", "data:/app", True),
    ],
)
def test_sources_that_a_compose_file_mounts(copy: str, volume: str, is_there: bool) -> None:
    compose = f"services:\n  web:\n    build: .\n    volumes: ['{volume}']\n"
    context = make_repository({"compose.yml": compose})
    text = f"FROM golang\nWORKDIR /app\n{copy}\nRUN go get x\nCMD x\n"
    rule_input = replace(make_rule_input(text, context=context), path="Dockerfile")
    assert has_program(rule_input) is is_there
