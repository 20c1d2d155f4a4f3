"""Render: a finished report in, pages out. Pure: no clock, no environment, no files, no network."""
