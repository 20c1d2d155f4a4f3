"""A comment as GitHub shows it: its Markdown, GitHub's style, and the frame of a comment.

`github-markdown.css` is the package github-markdown-css of npm, which is made from GitHub's own style.
"""

import re
from pathlib import Path

from tests.unit.report.rendered_page import parser

_STYLE = Path(__file__).with_name("github-markdown.css")
_CODE = re.compile(r"(<code>.*?</code>)", re.DOTALL)
_SHA = re.compile(r"\b([0-9a-f]{7})[0-9a-f]{33}\b")
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Comment</title>
<style>
{style}
body {{ margin: 0; background: #fff; color-scheme: light dark; }}
.comment {{ margin: 16px; border: 1px solid #d1d9e0; border-radius: 6px; }}
.author {{ padding: 8px 16px; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; }}
.author {{ background: #f6f8fa; color: #59636e; font: 14px/1.5 Helvetica, Arial, sans-serif; }}
.markdown-body {{ padding: 16px; font-size: 14px; border-radius: 6px; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #0d1117; }}
  .author {{ background: #151b23; color: #9198a1; }}
  .author, .comment {{ border-color: #3d444d; }}
}}
</style>
</head>
<body>
<main class="comment">
<div class="author"><b>github-actions</b> bot commented</div>
<div class="markdown-body">
{body}</div>
</main>
</body>
</html>
"""


def render_comment(markdown: str) -> str:
    """Return a page with one comment on it."""
    body = parser().render(markdown)
    # GitHub links a commit by its first seven digits; in code, it leaves it as it is.
    parts = enumerate(_CODE.split(body))
    body = "".join(
        part if index % 2 else _SHA.sub(r'<a href="#"><code>\1</code></a>', part)
        for index, part in parts
    )
    return _PAGE.format(style=_STYLE.read_text("utf-8"), body=body)
