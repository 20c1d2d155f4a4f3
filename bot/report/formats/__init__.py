"""The forms that a report takes: Markdown, text, HTML, annotations, outputs."""
