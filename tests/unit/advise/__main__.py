"""Write the index of the rules in docs/rules.md: `python -m tests.unit.advise`."""

from bot.advise.rules import RULES
from tests.unit.advise.rule_pages import INDEX, row

if __name__ == "__main__":
    head = INDEX.read_text("utf-8").partition("| --- | --- |\n")
    INDEX.write_text("".join([*head[:2], *(f"{row(name)}\n" for name in RULES)]), "utf-8")
