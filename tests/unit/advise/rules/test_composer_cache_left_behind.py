"""Composer's cache."""

import pytest

from tests.support.rule_inputs import after, found, subject

RULE = "composer-cache-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM php\nRUN composer install && composer clear-cache",
        "FROM php\nRUN composer install --no-cache",
        "FROM php\nRUN composer install && composer clearcache",
        "FROM php\nRUN composer install && rm -rf ~/.composer/cache",
        "FROM php\nRUN --mount=type=cache,target=/root/.composer composer install",
        "FROM php\nRUN composer dump-autoload",
        "FROM php\nRUN composer --version",
        "FROM php AS a\nRUN composer install\nFROM php\nCOPY --from=a /app/vendor /app/vendor",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(RULE, text) == []


def test_emptied_in_the_same_run() -> None:
    assert after(RULE, "FROM php\nRUN composer require x\n") == (
        "FROM php\nRUN composer require x \\\n    && composer clear-cache\n"
    )


def test_worth_the_archives() -> None:
    tree = "root/.composer/cache/files/a.zip 4MB @2, app/vendor/a 9MB @2"
    looked_at = subject("FROM php\nRUN composer install\n", "FROM php 90MB / RUN c 20MB", tree)
    assert [finding.saving_bytes for finding in found(RULE, looked_at)] == [4_000_000]
