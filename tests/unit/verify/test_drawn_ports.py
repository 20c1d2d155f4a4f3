"""Ports that the system draws for a server without one."""

from typing import Any

import pytest

from bot.model.container_run import ContainerRun
from bot.verify.app_files import AppFiles
from bot.verify.drawn_ports import find_drawn_port
from tests.support.image_pair_world import SHELL, make_image


@pytest.mark.parametrize(
    ("ports", "source", "config", "expected"),
    [
        ((40123,), "app.listen(process.env.PORT)", {}, 40123),
        ((40123, 50321), "app.listen(process.env.PORT)", {}, 40123),
        ((3000,), "app.listen(3000)", {}, None),
        ((3000, 40123), "app.listen(3000)", {}, None),
        ((), "", {}, None),
        ((50051,), 'net.Listen("tcp", ":50051")', {}, None),
        ((50051,), "", {"exposed_ports": ("50051/tcp",)}, None),
        ((50051,), "", {"env": {"ADDRESS": "0.0.0.0:50051"}}, None),
        ((50051,), "", {"command": ("node", "app.js", "--port=50051")}, None),
        ((50051,), "const size = 1500510;", {}, 50051),
    ],
)
def test_a_port_that_nothing_names_is_drawn(
    ports: tuple[int, ...], source: str, config: dict[str, Any], expected: int | None
) -> None:
    image = make_image(SHELL, copy={"app/app.js": source}, workdir="/app", **config)
    assert find_drawn_port(ContainerRun(None, ports=ports), AppFiles(image)) == expected
