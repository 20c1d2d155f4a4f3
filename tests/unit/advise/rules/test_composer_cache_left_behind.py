"""Composer's cache."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

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
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


def test_the_fix_empties_the_cache_in_the_same_run() -> None:
    assert apply_rule(RULE, "FROM php\nRUN composer require x\n") == (
        "FROM php\nRUN composer require x \\\n    && composer clear-cache\n"
    )


def test_saving_is_the_size_of_the_archives() -> None:
    tree = "root/.composer/cache/files/a.zip 4MB @2, app/vendor/a 9MB @2"
    looked_at = make_rule_input(
        "FROM php\nRUN composer install\n", "FROM php 90MB / RUN c 20MB", tree
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [4_000_000]
