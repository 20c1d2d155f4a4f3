"""Small applications with habits that rewrites break."""

from tests.support.verifier_bench import GO_EXPLAINED, App

_SERVER = """\
package main

import (
	"crypto/tls"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"os/exec"
)

func history(w http.ResponseWriter, r *http.Request) {
	out, _ := exec.Command("report", "-n", "1").Output()
	w.Write(out)
}

func main() {
	if len(os.Args) > 1 {
		if _, err := http.Get("http://127.0.0.1:" + os.Getenv("PORT") + "/"); err != nil {
			os.Exit(1)
		}
		return
	}
	_ = tls.Config{}
	http.Handle("/static/", http.FileServer(http.Dir(".")))
	http.HandleFunc("/history", history)
	http.HandleFunc("/about", func(w http.ResponseWriter, r *http.Request) {
		template.Must(template.ParseFiles("templates/about.html")).Execute(w, nil)
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		template.Must(template.ParseFiles("templates/index.html")).Execute(w, os.Getenv("GREETING"))
	})
	os.WriteFile("data/started", []byte("yes"), 0o644)
	fmt.Println("listening on", os.Getenv("PORT"))
	panic(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
"""

GO = App(
    base="golang:1.16",
    files={
        "main.go": _SERVER,
        "go.mod": "module example.com/server\n\ngo 1.24\n",
        "README.md": "# Server\n",
        "main_test.go": "package main\n",
        "templates/index.html": "<h1>{{.}}</h1>\n",
        "templates/about.html": "<h1>About</h1>\n",
        "static/site.css": "h1 { color: red }\n",
        "migrations/001.sql": "CREATE TABLE x (y int);\n",
        "report": "#!/bin/sh\necho report\n",
    },
    modes={"report": 0o755},
    old="""\
FROM golang:1.16
RUN useradd --uid 1500 --create-home app
WORKDIR /app
COPY report /usr/local/bin/report
COPY . .
RUN CGO_ENABLED=0 go build -o server . && mkdir data && chown app data
ENV PORT=8080 GREETING=Hello
EXPOSE 8080
HEALTHCHECK CMD ["/app/server", "-health"]
USER app
CMD ["/app/server"]
""",
    new="""\
FROM golang:1.16 AS build
RUN useradd --uid 1500 --create-home app
WORKDIR /app
COPY report /usr/local/bin/report
COPY . .
RUN CGO_ENABLED=0 go build -o server . && mkdir data && chown app data

FROM debian:bookworm-slim
RUN useradd --uid 1500 --create-home app
WORKDIR /app
COPY report /usr/local/bin/report
COPY --from=build /app/server ./
COPY templates templates
COPY static static
COPY migrations migrations
COPY report ./
COPY --from=build --chown=app /app/data data
ENV PORT=8080 GREETING=Hello
EXPOSE 8080
HEALTHCHECK CMD ["/app/server", "-health"]
USER app
CMD ["/app/server"]
""",
    explained=GO_EXPLAINED,
)

C = App(
    base="golang:1.16",
    files={
        "greet.c": '#include <stdio.h>\nvoid greet(void) { puts("hello"); }\n',
        "main.c": (
            "#include <string.h>\n#include <stdio.h>\nvoid greet(void);\n"
            "int main(int n, char **a) {\n"
            '  if (n > 1 && !strcmp(a[1], "--help")) { puts("usage: hello"); return 0; }\n'
            "  greet(); return 0; }\n"
        ),
        "start.sh": '#!/bin/sh\nset -e\nhead -n 1 /app/motd.txt\nexec /app/hello "$@"\n',
        "motd.txt": "welcome\n",
    },
    modes={"start.sh": 0o755},
    old="""\
FROM golang:1.16
WORKDIR /app
COPY . .
RUN gcc -shared -fPIC -o /usr/local/lib/libgreet.so.1 -Wl,-soname,libgreet.so.1 greet.c && ldconfig \\
    && gcc -o hello main.c /usr/local/lib/libgreet.so.1
ENTRYPOINT ["/app/start.sh"]
""",
    new="""\
FROM golang:1.16 AS build
WORKDIR /app
COPY . .
RUN gcc -shared -fPIC -o /usr/local/lib/libgreet.so.1 -Wl,-soname,libgreet.so.1 greet.c && ldconfig \\
    && gcc -o hello main.c /usr/local/lib/libgreet.so.1

FROM debian:bookworm-slim
WORKDIR /app
COPY --from=build /usr/local/lib/libgreet.so.1 /usr/local/lib/
RUN ldconfig
COPY --from=build /app/hello ./
COPY start.sh motd.txt ./
ENTRYPOINT ["/app/start.sh"]
""",
    explained={**GO_EXPLAINED, "CMD": "the base's own"},
)

_WEB = """\
import http.server, json, os, pathlib, subprocess

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/safe":
            import markupsafe
            body = str(markupsafe.escape("<b>")).encode()
        elif self.path == "/tool":
            body = subprocess.run(["helper"], capture_output=True).stdout
        else:
            body = json.dumps(json.load(open("settings.json"))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

pathlib.Path("/data/started").write_text("yes")
print("serving as", os.getuid())
http.server.HTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
"""

PYTHON = App(
    base="python:3.12-slim",
    files={
        "app.py": _WEB,
        "settings.json": '{"name": "web"}\n',
        "requirements.txt": "markupsafe==3.0.2\n",
        "helper": "#!/bin/sh\necho help\n",
        "tests/test_app.py": "def test_it(): pass\n",
    },
    modes={"helper": 0o755},
    old="""\
FROM python:3.12-slim
WORKDIR /srv/web
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install -r requirements.txt \\
    && mkdir -p /root/.cache/pip && head -c 9000000 /dev/zero > /root/.cache/pip/wheel
RUN useradd --uid 1600 web && mkdir /data && chown web /data
ENV PATH=/opt/venv/bin:$PATH
COPY helper /usr/local/bin/helper
COPY . .
USER web
CMD ["python", "app.py"]
""",
    new="""\
FROM python:3.12-slim AS build
WORKDIR /srv/web
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install -r requirements.txt

FROM python:3.12-slim
WORKDIR /srv/web
RUN useradd --uid 1600 web && mkdir /data && chown web /data
ENV PATH=/opt/venv/bin:$PATH
COPY --from=build /opt/venv /opt/venv
COPY helper /usr/local/bin/helper
COPY app.py settings.json helper ./
USER web
CMD ["python", "app.py"]
""",
)

NODE = App(
    base="node:20",
    files={
        "server.js": (
            'const http = require("http");\n'
            'http.createServer((q, r) => { r.setHeader("Content-Type", "text/plain");\n'
            '  r.end(q.url === "/late" ? require("late-module")() : "up"); }).listen(3000);\n'
        ),
        "package.json": '{"name": "n", "dependencies": {"late-module": "1.0.0"}}\n',
        "modules/late-module/package.json": '{"name": "late-module", "main": "index.js"}\n',
        "modules/late-module/index.js": 'module.exports = () => "late";\n',
        "modules/late-module/README.md": "# late\n",
        "locales/de.json": '{"hello": "hallo"}\n',
    },
    old="""\
FROM node:20
WORKDIR /usr/src/app
COPY package.json server.js ./
COPY locales locales
COPY modules node_modules
RUN mkdir -p /root/.npm/_cacache && head -c 9000000 /dev/zero > /root/.npm/_cacache/x
EXPOSE 3000
STOPSIGNAL SIGINT
CMD ["node", "server.js"]
""",
    new="""\
FROM node:20
WORKDIR /usr/src/app
COPY package.json server.js ./
COPY locales locales
COPY modules node_modules
EXPOSE 3000
STOPSIGNAL SIGINT
CMD ["node", "server.js"]
""",
)

_SETUP = """\
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends busybox curl locales tzdata \\
    && localedef -i de_DE -f UTF-8 de_DE.UTF-8 && rm -rf /var/lib/apt/lists/*
"""
_REST = """\
ENV LANG=de_DE.UTF-8 TZ=Europe/Berlin
COPY index.html /srv/www/
COPY --chmod=755 start.sh /usr/local/bin/start
HEALTHCHECK CMD curl --fail --silent http://127.0.0.1:8000/ || exit 1
ENTRYPOINT ["start"]
CMD ["8000"]
"""

SHELL = App(
    base="debian:bookworm-slim",
    files={
        "index.html": "<p>hello</p>\n",
        "start.sh": '#!/bin/sh\ndate +%Z\nexec busybox httpd -f -p "$1" -h /srv/www\n',
    },
    old=_SETUP + "RUN head -c 9000000 /dev/zero > /root/.cache\n" + _REST,
    new=_SETUP + _REST,
)
