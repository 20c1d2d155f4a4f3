"""Print what `host/run` is to ask the credential helpers of the machine, one question a line."""

from bot.adapters.environment import read_environment
from bot.adapters.registry.helper_answers import list_questions

if __name__ == "__main__":
    for question in list_questions(read_environment()):
        print(question)  # noqa: T201 - the answer to the script, on standard output
