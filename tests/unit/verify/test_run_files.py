"""Files that the command of a RUN names."""

import pytest

from bot.verify.run_files import is_named_by_run
from tests.support.image_pair_world import SHELL, make_image


@pytest.mark.parametrize(
    ("path", "ran", "is_named"),
    [
        ("etc/sudoers.d/app", "RUN apt-get install -y sudo && echo x > /etc/sudoers.d/app", True),
        ("etc/sudoers.d/README", "RUN apt-get install -y sudo && echo x > /etc/sudoers.d/app", False),
        ("usr/share/tessdata/fra.traineddata", "RUN wget -P /usr/share/tessdata https://a.b/fra.traineddata", True),
        ("usr/share/tessdata/eng.traineddata", "RUN wget -P /usr/share/tessdata https://a.b/fra.traineddata", False),
        ("var/spool/cron/crontabs/app", "RUN echo '@daily x' | crontab -u app -", True),
        ("var/spool/cron/crontabs/app", "RUN apt-get install -y cron", False),
        ("usr/bin/yq", "RUN curl -Lo /usr/bin/yq https://a.b/yq && chmod +x /usr/bin/yq", True),
        ("usr/bin/y", "RUN curl -Lo /usr/bin/yq https://a.b/yq", False),
    ],
)  # fmt: skip
def test_files_of_a_run(path: str, ran: str, is_named: bool) -> None:
    assert is_named_by_run(make_image(SHELL, {path: "x"}, ran=ran), path) is is_named
