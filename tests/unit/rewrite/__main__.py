"""`python -m tests.unit.rewrite` rewrites the pages' results and the index of ecosystems."""

from bot.rewrite.ecosystems import ECOSYSTEMS
from tests.unit.rewrite.ecosystem_pages import INDEX, TABLE, row, write_after

if __name__ == "__main__":
    for ecosystem in ECOSYSTEMS:
        write_after(ecosystem.name)
    head, mark, rest = INDEX.read_text("utf-8").partition(TABLE)
    tail = rest[rest.index("\n\n") :]
    rows = "\n".join(row(x.name) for x in ECOSYSTEMS)
    INDEX.write_text(f"{head}{mark}{rows}{tail}", "utf-8")
