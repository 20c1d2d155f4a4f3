"""The archives of gems."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "gem-caches-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM ruby\nRUN bundle install && rm -rf /usr/local/bundle/cache/*.gem",
        'FROM ruby\nRUN bundle install && rm -rf ~/.bundle/ "${BUNDLE_PATH}"/ruby/*/cache "${BUNDLE_PATH}"/ruby/*/bundler/gems/*/.git',
        'FROM ruby\nRUN gem install x && rm -rf "$(gem env gemdir)"/cache',
        "FROM ruby\nRUN bundle install && find / -name '*.gem' -delete",
        "FROM ruby\nRUN --mount=type=cache,target=/usr/local/bundle/cache bundle install",
        "FROM ruby\nRUN bundle exec rake x",
        "FROM ruby\nRUN gem list",
        "FROM ruby\nRUN bundle config set without test",
        "FROM ruby AS a\nRUN bundle install\nFROM ruby\nCOPY --from=a /usr/local/bundle /usr/local/bundle",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


def test_deleted_in_the_same_run() -> None:
    assert apply_rule(RULE, "FROM ruby\nRUN gem install x\n") == (
        'FROM ruby\nRUN gem install x \\\n    && rm -rf "$(gem env gemdir)"/cache/*\n'
    )


def test_saving_is_the_size_of_the_archives() -> None:
    tree = "usr/local/bundle/cache/a.gem 4MB @2, usr/local/bundle/ruby/3.3.0/cache/b.gem 1MB @2"
    looked_at = make_rule_input(
        "FROM ruby\nRUN bundle install\n", "FROM ruby 90MB / RUN b 20MB", tree
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [5_000_000]
