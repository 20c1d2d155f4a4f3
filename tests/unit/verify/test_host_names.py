"""The name by which requests call a server."""

import pytest

from bot.verify.app_files import AppFiles
from bot.verify.host_names import find_host_name
from tests.support.image_pair_world import SHELL, make_image


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('ALLOWED_HOSTS = ["203.0.113.7", "shop.example.com"]', "203.0.113.7"),
        ("ALLOWED_HOSTS = [\n    '.example.com',\n]", "example.com"),
        ("app.add_middleware(TrustedHost, allowed_hosts=['*.example.com'])", "example.com"),
        ("'ALLOWED_HOSTS': ('a.example.com',)", "a.example.com"),
        ("ALLOWED_HOSTS = ['shop.example.com', 'localhost']", "localhost"),
        ("ALLOWED_HOSTS = ['*']", "localhost"),
        ("ALLOWED_HOSTS = []", "localhost"),
        ("ALLOWED_HOSTS = os.environ['HOSTS'].split(',')", "localhost"),
        ("ALLOWED_HOSTS = ['a b', \"'; reboot\"]", "localhost"),
        ("hosts = ['shop.example.com']", "localhost"),
    ],
)
def test_a_server_is_called_as_its_sources_allow(source: str, expected: str) -> None:
    image = make_image(SHELL, copy={"app/settings.py": source}, workdir="/app")
    assert find_host_name(AppFiles(image)) == expected
