"""Factories of tests with which a program fills its database."""

import pytest

from bot.advise.factory_uses import uses_test_factories
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import make_rule_input, run_rule


def make_context(name: str, text: str) -> BuildContext:
    sizes = {"Gemfile": 100, name: 100, "spec/factories/user.rb": 50_000}
    return BuildContext(sizes, read_text={name: text}.__getitem__)


@pytest.mark.parametrize(
    ("name", "text", "lines", "uses"),
    [
        ("lib/seed/users.rb", "FactoryBot.create(:user)", "", True),
        ("db/seeds.rb", "require 'factory_bot_rails'", "", True),
        ("config/demo/book.yml", "run: FactoryGirl.create :book", "", True),
        ("lib/seed/users.rb", "User.create!", "", False),
        ("config/environments/test.rb", "FactoryBot.find", "", False),
        ("app/models/user.rb", "FactoryBot.create", "", False),
        ("lib/x.rb", "FactoryBot.create", 'ENV BUNDLE_WITHOUT="development test"\n', False),
        ("lib/x.rb", "FactoryBot.create", "RUN bundle install --without test\n", False),
    ],
)
def test_sources_that_use_factories(name: str, text: str, lines: str, uses: bool) -> None:
    dockerfile = f"FROM ruby\n{lines}COPY . /app\n"
    rule_input = make_rule_input(dockerfile, context=make_context(name, text))
    assert uses_test_factories(rule_input) is uses
    assert bool(run_rule("needless-files-copied", rule_input)) is not uses


def test_another_language_is_not_read() -> None:
    context = BuildContext({"lib/x.rb": 10})
    assert not uses_test_factories(make_rule_input("FROM a\nCOPY . /a\n", context=context))
