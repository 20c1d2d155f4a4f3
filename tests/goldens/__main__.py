"""Write the golden pages and what the README shows of them: `python -m tests.goldens`.

Read the difference before you commit it.
"""

from pathlib import Path

from tests.support.pictures import README_COMMAND, README_PICTURE, draw_report
from tests.support.report_cases import CASES, FOLDER, golden_files

_README = Path(__file__).parents[2] / "README.md"
_START, _END = "<!-- sample -->\n", "<!-- /sample -->"


def write_sample(page: str) -> None:
    """Write a comment into the README, without its first line, which is hidden."""
    before, _, rest = _README.read_text("utf-8").partition(_START)
    after = rest.partition(_END)[2]
    sample = page.partition("\n")[2]
    _README.write_text(f"{before}{_START}{sample}{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    for name, page in golden_files():
        (FOLDER / name).write_text(page, encoding="utf-8")
        if name == "sample.md":
            write_sample(page)
    README_PICTURE.write_text(draw_report(CASES["sample"](), README_COMMAND), encoding="utf-8")
