"""`python -m tests.goldens` writes the golden pages anew; read what that changes."""

from tests.support.report_cases import FOLDER, golden_files

if __name__ == "__main__":
    for name, page in golden_files():
        (FOLDER / name).write_text(page, encoding="utf-8")
