"""The name by which a server wants to be called.

Django and Starlette answer 400 to each request for another one than their settings allow, so that
nothing of the application would be seen.
"""

import re

from bot.model.start_settings import LOCAL_NAME
from bot.verify.app_files import AppFiles

# `ALLOWED_HOSTS = ["shop.example.com"]`, `allowed_hosts=["*.example.com"]`
_ALLOWED = re.compile(r"(?i)\ballowed_hosts[\"']?\s*[:=]\s*[\[(]([^\])]*)[\])]")
_QUOTED = re.compile(r"[\"']([^\"'\n]*)[\"']")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_ANY_NAME = frozenset({"*", LOCAL_NAME, f".{LOCAL_NAME}"})


def find_host_name(app: AppFiles) -> str:
    """Return the first host that sources allow; localhost if they allow it, or name none."""
    for text in app.program_sources.values():
        for match in _ALLOWED.finditer(text):
            names = _QUOTED.findall(match[1])
            if _ANY_NAME.isdisjoint(names):
                plain = (name.removeprefix("*").removeprefix(".") for name in names)
                if host := next(filter(_PLAIN_NAME.fullmatch, plain), ""):
                    return host
    return LOCAL_NAME
