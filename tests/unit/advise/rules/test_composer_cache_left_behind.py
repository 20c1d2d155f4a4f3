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
        "FROM php\nENV COMPOSER_CACHE_DIR=/dev/null\nRUN composer install",
        "FROM php\nRUN COMPOSER_CACHE_DIR=/dev/null composer install",
        "FROM php\nENV COMPOSER_CACHE_DIR=/c\nRUN --mount=type=cache,target=/c composer install",
        "FROM php\nENV COMPOSER_CACHE_DIR=/c\nRUN composer install && rm -rf /c",
        'FROM php\nRUN export COMPOSER_HOME="$(mktemp -d)"; composer i; rm -rf "$COMPOSER_HOME"',
        "FROM php\nENV COMPOSER_HOME=/c\nRUN composer install && rm -rf /c",
        "FROM php\nRUN composer global config x y",
        "FROM php\nRUN composer global require x && composer clear",
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


@pytest.mark.parametrize(
    "program", ["php composer.phar", "php -d a=b /bin/composer", "./composer.phar"]
)
def test_php_runs_composer(program: str) -> None:
    assert apply_rule(RULE, f"FROM php\nRUN {program} install\n") == (
        f"FROM php\nRUN {program} install \\\n    && {program} clear-cache\n"
    )


@pytest.mark.parametrize("end", ["rm composer.phar", "cd /tmp && ls"])
def test_a_program_that_is_gone_at_the_end_is_called_before(end: str) -> None:
    run = "php composer.phar install"
    assert apply_rule(RULE, f"FROM php\nRUN {run} && {end}\n") == (
        f"FROM php\nRUN {run} && php composer.phar clear-cache && {end}\n"
    )


@pytest.mark.parametrize("run", ["composer i", "composer global require x", "composer u"])
def test_abbreviations_are_read(run: str) -> None:
    assert run_rule(RULE, f"FROM php\nRUN {run}\n")


def test_a_cache_elsewhere_is_measured_there() -> None:
    tree = "c/files/a.zip 4MB @2, app/vendor/a 9MB @2"
    text = "FROM php\nRUN COMPOSER_CACHE_DIR=/c composer install\n"
    looked_at = make_rule_input(text, "FROM php 90MB / RUN c 20MB", tree)
    (finding,) = run_rule(RULE, looked_at)
    assert finding.saving_bytes == 4_000_000
