"""The input of the rules."""

from dataclasses import replace

from bot.advise.subject import RuleInput
from tests.support.rule_inputs import make_rule_input


def test_a_question_of_several_rules_is_answered_once() -> None:
    inputs = list[RuleInput]()

    def question(rule_input: RuleInput) -> str:
        inputs.append(rule_input)
        return "a reason"

    first = make_rule_input("FROM a\n")
    assert first.ask_once(question) == first.ask_once(question) == "a reason"
    assert len(inputs) == 1
    assert replace(first, path="other").ask_once(question) == "a reason"
    assert len(inputs) == 2
