"""Front ends on nginx: their stage, and servers that nginx does not replace."""

import pytest

from bot.rewrite.second_offers import Offer
from tests.unit.rewrite.test_second_offers import list_offers

FRONT = (
    "FROM node:20\nRUN npm install -g serve\nWORKDIR /app\nCOPY . .\nRUN npm run build\n"
    'ENV API=/api\nEXPOSE 3000\nENTRYPOINT ["serve"]\nCMD ["-s", "dist"]\n'
)
MODULES = "usr/local/lib/node_modules"
FILES = f"""
    base 900MB NODE_VERSION=20.18.0
    ground node:20-slim 250MB NODE_VERSION=20.18.0
    ground nginx:alpine 50MB NGINX_VERSION=1.27
    usr/local/bin/node 90MB base 755
    usr/local/bin/npm -> ../lib/node_modules/npm/bin/npm-cli.js base
    {MODULES}/npm/bin/npm-cli.js 1kB base 755
    {MODULES}/serve/build/main.js 20kB @2 755 = #!/usr/bin/env node
    {MODULES}/http-server/bin/http-server 20kB @2 755 = #!/usr/bin/env node
    usr/local/bin/serve -> ../lib/node_modules/serve/build/main.js @2
    usr/local/bin/http-server -> ../lib/node_modules/http-server/bin/http-server @2
    app/node_modules/vite/index.js 80MB @4
    app/src/main.js 20kB @4
    app/dist/index.html 1kB @5
    app/dist/assets/main.js 100kB @5
"""


def offer_nginx(text: str = FRONT, files: str = FILES) -> Offer | None:
    offers = list_offers(files, text)
    assert len(offers) <= 1
    return offers[0] if offers else None


def start(command: str) -> str:
    """Return the Dockerfile with another command."""
    above, _, _ = FRONT.partition("ENTRYPOINT")
    return f"{above}CMD {command}\n"


def test_nginx_serves_the_same_folder_on_the_same_port() -> None:
    offer = offer_nginx()
    assert offer
    assert offer.base_image == "nginx:alpine"
    assert offer.needs_start
    assert offer.last_stage == (
        "# What runs: the tools and caches of the build stay in the stage above.\n"
        "FROM nginx:alpine\n"
        "RUN printf '%s\\n' \\\n"
        "    'server {' \\\n"
        "    '    listen 3000;' \\\n"
        "    '    root /app/dist;' \\\n"
        "    '    absolute_redirect off;' \\\n"
        "    '    charset utf-8;' \\\n"
        "    '    charset_types text/css text/plain application/javascript application/json;' \\\n"
        "    '    gzip on;' \\\n"
        "    '    gzip_types text/css text/plain application/javascript application/json"
        " image/svg+xml;' \\\n"
        '    \'    if ($request_uri ~ "^([^?]+)(\\.html?|/index)(\\?|$)")'
        " { return 301 $1; }' \\\n"
        "    '    if ($request_uri ~ \"^/index(\\?|$)\") { return 301 /; }' \\\n"
        "    '    location / {' \\\n"
        "    '        try_files $uri /index.html;' \\\n"
        "    '    }' \\\n"
        "    '}' > /etc/nginx/conf.d/default.conf\n"
        "WORKDIR /app\n"
        "COPY --from=build /app/dist ./dist\n"
        "ENV API=/api\n"
        "EXPOSE 3000\n"
    )
    assert offer.difference == (
        "nginx serves /app/dist on port 3000, without lists of the files in a folder, and neither"
        " Node nor `serve` is in it"
    )
    dropped, accepted = offer.candidate.dropped_paths, offer.candidate.accepted_changes
    assert {
        f"{MODULES}/serve/build/main.js",
        "usr/local/bin/serve",
        "app/node_modules/vite/index.js",
    } <= {*dropped}
    assert not any(path.startswith("app/dist") for path in dropped)
    assert {"CMD", "ENTRYPOINT", "STOPSIGNAL", "EXPOSE"} <= accepted.keys()


def test_the_page_for_missing_files_is_kept() -> None:
    files = FILES + "app/dist/404.html 1kB @5\n"
    offer, single = offer_nginx(start("serve dist"), files), offer_nginx(FRONT, files)
    assert offer
    assert "error_page 404 /404.html;" in offer.last_stage
    assert single
    assert "error_page" not in single.last_stage


@pytest.mark.parametrize(
    "text",
    [
        start("serve -s dist --cors"),
        FRONT.replace("EXPOSE", "COPY extra dist/extra\nEXPOSE"),
        FRONT.replace("EXPOSE", "HEALTHCHECK CMD wget localhost\nEXPOSE"),
        FRONT.replace("EXPOSE", "USER node\nEXPOSE"),
    ],
)
def test_what_nginx_may_do_in_another_way_is_not_offered(text: str) -> None:
    assert offer_nginx(text, f"user node 1000:1000 /home/node /bin/sh\n{FILES}") is None


def test_an_image_that_cannot_be_had_is_not_offered() -> None:
    assert (
        offer_nginx(FRONT, FILES.replace("ground nginx:alpine 50MB NGINX_VERSION=1.27\n", ""))
        is None
    )
