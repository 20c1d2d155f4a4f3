"""Files that differ between the images."""

from bot.verify.checks.changed_files import check
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

_PATH = "etc/nsswitch.conf"
_MODULE = {"lib/x86_64-linux-gnu/libnss_systemd.so.2": "x"}


def list_changed(old_text: str, new_text: str, module: dict[str, str]) -> list[str]:
    old = make_image(SHELL, run={**module, _PATH: old_text})
    new = make_image({**SHELL, _PATH: new_text})
    return list_subjects(check(make_image_pair(old, new)))


def test_name_services_of_a_module_that_is_gone() -> None:
    assert list_changed("passwd: files systemd\n", "passwd:  files\n", _MODULE) == []
    assert list_changed("passwd: files systemd\n", "passwd:  files\n", {}) == [_PATH]
    assert list_changed("hosts: files dns\n", "hosts: dns files\n", _MODULE) == [_PATH]
