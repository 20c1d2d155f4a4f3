import getpass
from pathlib import Path

from greenlet import greenlet

PAGES = Path.home() / "pages.txt"
PAGES.touch()


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    switch = greenlet(lambda: f"{getpass.getuser()} has {len(PAGES.read_text().splitlines())} pages\n")
    return [switch.switch().encode()]
