"""The archives of gems."""

import pytest

from bot.advise.finding import FixSafety
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
        "FROM ruby\nRUN bundle install --local",
        "FROM ruby\nRUN bundle --version",
        "FROM ruby\nRUN bundle install && rm -rf vendor/bundle/ruby/*/cache",
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


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        ("RUN bundle install --path vendor/bundle", "vendor/bundle/ruby/*/cache"),
        ("RUN bundle install --deployment", "vendor/bundle/ruby/*/cache"),
        ("RUN bundle config set --local path /gems\nRUN bundle install", "/gems/ruby/*/cache"),
        ("RUN bundle config deployment true\nRUN bundle", "vendor/bundle/ruby/*/cache"),
        ("ENV BUNDLE_PATH=/gems\nRUN bundle install", "/gems/ruby/*/cache"),
        ("ENV BUNDLE_DEPLOYMENT=1\nRUN bundle install", "vendor/bundle/ruby/*/cache"),
        ("RUN bundle install", '~/.bundle/cache "$(gem env gemdir)"/cache/*'),
        (
            "RUN gem install bundler && bundle install",
            '~/.bundle/cache "$(gem env gemdir)"/cache/*',
        ),
        (
            "RUN bundle install && gem install x",
            '~/.bundle/cache "$(gem env gemdir)"/cache/*',
        ),
        ("RUN /o/bin/gem install x", '"$(/o/bin/gem env gemdir)"/cache/*'),
        ("RUN bin/bundle install", '~/.bundle/cache "$(gem env gemdir)"/cache/*'),
        ("RUN /o/bin/bundle install", '~/.bundle/cache "$(/o/bin/gem env gemdir)"/cache/*'),
    ],
)
def test_the_cache_is_below_the_folder_of_the_gems(text: str, removed: str) -> None:
    saved = apply_rule(RULE, f"FROM ruby\n{text}\n")
    assert saved == f"FROM ruby\n{text} \\\n    && rm -rf {removed}\n"


@pytest.mark.parametrize(
    "run",
    [
        "bundle install ; exit 0",
        "cd app && bundle install --path vendor/bundle",
        "bundle install --path $DIR",
        "gem install --user-install x",
        "gem install -i /gems x",
        "bash -lc 'gem install x'",
        '["gem","install","x"]',
    ],
)
def test_no_fix_where_the_folder_or_the_end_is_unclear(run: str) -> None:
    (finding,) = run_rule(RULE, f"FROM ruby\nRUN {run}\n")
    assert finding.changes == ()


def test_no_fix_if_a_later_line_fails_without_the_cache() -> None:
    text = "FROM ruby\nRUN gem install x\nRUN rm /usr/local/bundle/cache/*.gem\n"
    (finding,) = run_rule(RULE, text)
    assert finding.changes == ()


def test_the_fix_is_in_front_of_the_removal_of_ruby() -> None:
    assert apply_rule(RULE, "FROM a\nRUN gem install x && apk del ruby\n") == (
        'FROM a\nRUN gem install x && rm -rf "$(gem env gemdir)"/cache/* && apk del ruby\n'
    )


@pytest.mark.parametrize(
    ("user", "safety"),
    [
        ("root", FixSafety.SAFE),
        ("0:0", FixSafety.SAFE),
        ("app", FixSafety.NEEDS_CHECK),
        ("1001", FixSafety.NEEDS_CHECK),
    ],
)
def test_another_user_may_not_remove_the_cache(user: str, safety: FixSafety) -> None:
    (finding,) = run_rule(RULE, f"FROM ruby\nUSER {user}\nRUN bundle install\n")
    assert finding.safety is safety


def test_sudo_may_not_allow_rm() -> None:
    text = "FROM ruby\nUSER app\nRUN sudo gem install x\n"
    (finding,) = run_rule(RULE, text)
    assert finding.safety is FixSafety.NEEDS_CHECK
    assert '&& sudo rm -rf "$(sudo gem env gemdir)"/cache/*' in apply_rule(RULE, text)


def test_the_folder_of_another_engine() -> None:
    text = "FROM logstash:9\nENV PATH /opt/jruby/bin:$PATH\nRUN bundle install --path /x\n"
    assert apply_rule(RULE, text).endswith("&& rm -rf /x/jruby/*/cache\n")
