"""Write the golden pages and the README's picture: `python -m tests.goldens`.

Read the difference before you commit it.
"""

from tests.support.pictures import README_COMMAND, README_PICTURE, draw_report
from tests.support.report_cases import CASES, FOLDER, golden_files

if __name__ == "__main__":
    for name, page in golden_files():
        (FOLDER / name).write_text(page, encoding="utf-8")
    README_PICTURE.write_text(draw_report(CASES["sample"](), README_COMMAND), encoding="utf-8")
