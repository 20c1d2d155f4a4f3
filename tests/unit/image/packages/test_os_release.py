"""The distribution of an image."""

import pytest

from bot.image.packages.os_release import OsRelease, parse_os_release


@pytest.mark.parametrize("text", ["", "nothing\n", "id=debian\n", "# ID=debian\n", "\0\xff"])
def test_os_release_is_unknown(text: str) -> None:
    assert parse_os_release(text) == OsRelease()


@pytest.mark.parametrize(
    ("text", "release", "installer"),
    [
        (
            'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
            ("debian", "12", "bookworm"),
            "apt",
        ),
        ("ID=alpine\nVERSION_ID=3.20.3\n", ("alpine", "3.20.3", ""), "apk"),
        (
            'ID="ubuntu"\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy',
            ("ubuntu", "22.04", "jammy"),
            "apt",
        ),
        ("ID='debian'\nVERSION_ID='12'\n", ("debian", "12", ""), "apt"),
        ('ID="rhel"\nVERSION_ID="9.4"\nID_LIKE="fedora"\n', ("rhel", "9.4", ""), ""),
    ],
)
def test_os_release_is_read(text: str, release: tuple[str, str, str], installer: str) -> None:
    distribution = parse_os_release(text)
    assert (distribution.id, distribution.version, distribution.codename) == release
    assert distribution.package_manager == installer
