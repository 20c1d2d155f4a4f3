"""Second offers from end to end: real programs on bases that are smaller than the distribution's.

What is offered is built here by hand from the report's text, and asked what it finds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.engine.test_verified_advice import REWRITE, by_rule, run_advise
from tests.support.engine import PrivateEngine
from tests.support.engine.errors import EngineUnavailable

GO_MOD = "module example.com/app\n\ngo 1.22\n"
# What Go finds in the system: certificates, a zone, its user and its home, temporary files.
CLOCK = """\
package main

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"os/user"
	"time"
)

func report() string {
	roots, err := x509.SystemCertPool()
	zone, zoneErr := time.LoadLocation("Europe/Berlin")
	me, meErr := user.Current()
	home, _ := os.UserHomeDir()
	file, fileErr := os.CreateTemp("", "x")
	if err != nil || zoneErr != nil || meErr != nil || fileErr != nil {
		return fmt.Sprint(err, zoneErr, meErr, fileErr)
	}
	os.Remove(file.Name())
	noon := time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC).In(zone)
	none := roots.Equal(x509.NewCertPool())
	return fmt.Sprintln(noon.Format("15:04 MST"), me.Username, me.Uid, home, "roots:", !none)
}

func main() {
	if len(os.Args) > 1 {
		fmt.Print(report())
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, report()) })
	panic(http.ListenAndServe(":8080", nil))
}
"""
CLOCK_DOCKERFILE = """\
FROM golang:1.22
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata \\
    && useradd --uid 1500 --create-home app
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /usr/local/bin/clock .
EXPOSE 8080
USER app
ENTRYPOINT ["clock"]
"""
SHELL = """\
package main

import (
	"fmt"
	"os/exec"
)

func main() {
	out, err := exec.Command("s"+"h", "-c", "echo $((6 * 7))").Output()
	fmt.Println(string(out), err)
}
"""
# The library starts a browser, which this program never asks it for.
BROWSER = """\
package main

import (
	"fmt"

	"github.com/pkg/browser"
)

func main() {
	fmt.Println("good morning")
	if len(fmt.Sprint()) > 0 {
		browser.OpenURL("http://localhost")
	}
}
"""
READER = """\
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	for _, path := range []string{"/etc/passwd", "/etc/debian_version"} {
		file, err := os.Open(path)
		if err != nil {
			panic(err)
		}
		lines := bufio.NewScanner(file)
		lines.Scan()
		fmt.Println(lines.Text())
	}
}
"""
GO_DOCKERFILE = """\
FROM golang:1.22
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /app .
CMD ["/app"]
"""
STATIC_C = """\
FROM gcc:13
COPY main.c /src/
RUN gcc -O2 -static -o /usr/local/bin/greet /src/main.c
CMD greet
"""
# What no class names, so that `jdeps` does not find it: providers, charsets, locales, naming.
REFLECTION = """\
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.text.DateFormatSymbols;
import java.util.Hashtable;
import java.util.Locale;
import javax.naming.Context;
import javax.naming.directory.InitialDirContext;
import javax.net.ssl.SSLContext;

public class Main {
  public static void main(String[] words) throws Exception {
    var keys = KeyPairGenerator.getInstance("EC");
    keys.initialize(256);
    System.out.println(keys.generateKeyPair().getPublic().getAlgorithm());
    System.out.println(new DateFormatSymbols(Locale.forLanguageTag("ja")).getMonths()[0]);
    System.out.println(Charset.forName("Shift_JIS").encode("\\u3042").remaining());
    var settings = new Hashtable<String, String>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    settings.put(Context.PROVIDER_URL, "dns://127.0.0.1");
    System.out.println(new InitialDirContext(settings).getNameInNamespace());
    System.out.println(Class.forName("sun.misc.Unsafe").getName());
    System.out.println(FileSystems.newFileSystem(Path.of("/app/main.jar")).getPath("/").toString());
    System.out.println(SSLContext.getDefault().getSocketFactory().getDefaultCipherSuites().length > 9);
    var store = java.security.KeyStore.getInstance("JKS");
    store.load(new java.io.FileInputStream(
        System.getProperty("java.home") + "/lib/security/cacerts"), "changeit".toCharArray());
    System.out.println(store.size() > 50);
  }
}
"""
JAVA_DOCKERFILE = """\
FROM openjdk:17-jdk-slim
WORKDIR /app
COPY Main.java .
RUN javac -d classes Main.java && jar --create --file main.jar --main-class Main -C classes .
CMD ["java", "-jar", "/app/main.jar"]
"""
PAGES_DOCKERFILE = """\
FROM node:20
RUN npm install --global --no-audit --no-fund serve@14.2.4
WORKDIR /app
COPY package.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN npx esbuild app.js --bundle --outfile=dist/app.js && cp index.html about.html dist/
EXPOSE 3000
CMD ["serve", "--single", "dist"]
"""
PAGES = {
    "package.json": '{"name": "pages", "devDependencies": {"esbuild": "0.21.5"}}',
    "app.js": "document.title = 'pages';\n",
    "index.html": "<script src=/app.js></script>\n",
    "about.html": "<p>about</p>\n",
}
DISTROLESS = """\
FROM debian:bookworm-slim AS system
RUN mkdir -p /system/tmp /system/root /system/etc && chmod 1777 /system/tmp \\
    && cp -a --parents /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 \\
        /lib/x86_64-linux-gnu/lib[cm].so.6 /system/ \\
    && cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/os-release /system/etc/
FROM gcc:13 AS data
FROM scratch
COPY --from=system /system/ /
COPY --from=data /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=data /usr/share/zoneinfo /usr/share/zoneinfo
"""

# The instruction, and the one that it comes above
BUILD_SETTING = re.compile(
    r"# It needs `(ENV .*?)`, above the `RUN` of `(.*?)` in the build stage\."
)


@dataclass(frozen=True)
class App:
    """An application in a folder, with its second offer as a Dockerfile beside it."""

    engine: PrivateEngine
    folder: Path

    def advise(self) -> dict[str, Any]:
        """Return the rewrite of the report; it is verified."""
        image = run_advise(self.engine, self.folder / "Dockerfile")
        rewrite = by_rule(image)[REWRITE]
        assert rewrite["confidence"] == "verified", rewrite["verification"]
        return rewrite

    def build_offer(self, rewrite: Mapping[str, Any]) -> str:
        """Build the rewrite with the offer's last stage; return its tag."""
        offer = rewrite["second_offer"]
        above, _, _ = rewrite["dockerfile"].partition("# What runs: ")
        if note := BUILD_SETTING.match(offer["last_stage"]):
            start = above.rindex("\nRUN ", 0, above.index(note[2]))
            above = f"{above[:start]}\n{note[1]}{above[start:]}"
        (self.folder / "Dockerfile.offer").write_text(above + offer["last_stage"], "utf-8")
        return self.build("Dockerfile.offer")

    def build(self, dockerfile: str) -> str:
        tag = f"second-offer:{dockerfile.lower()}"
        network = ("--network", self.engine.build_network)
        command = ("buildx", "build", *network, "--provenance=false", "-t", tag, "-f", dockerfile)
        self.engine.docker(*command, ".", folder=self.folder)
        return tag

    def run(self, tag: str, *arguments: str) -> str:
        return self.engine.docker("run", "--rm", "--network", "none", tag, *arguments)

    def request(self, tag: str, *paths: str) -> str:
        """Start an image and return what it answers, path by path."""
        wget = ";".join(f"wget -qO- localhost:3000{path}" for path in paths)
        name = self.engine.docker("run", "--detach", "--network", "none", tag).strip()
        try:
            network = ("--network", f"container:{name}")
            script = f"for try in 1 2 3 4 5 6 7 8 9; do {wget} && exit; sleep 1; done"
            return self.engine.docker("run", "--rm", *network, "busybox", "sh", "-c", script)
        finally:
            self.engine.docker("rm", "--force", name)


def make_app(engine: PrivateEngine, folder: Path, files: Mapping[str, str]) -> App:
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
    return App(engine, folder)


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("golang:1.22", "gcc:13", "debian:bookworm-slim", "busybox")
    return overlay2_engine


@pytest.mark.long
def test_a_static_server_runs_on_scratch(engine: PrivateEngine, tmp_path: Path) -> None:
    files = {"main.go": CLOCK, "go.mod": GO_MOD, "Dockerfile": CLOCK_DOCKERFILE}
    app = make_app(engine, tmp_path, files)
    rewrite = app.advise()
    offer = rewrite["second_offer"]
    assert offer["base_image"] == "scratch", rewrite["verification"]["log"]
    assert "A second offer, built and verified: on scratch it has " in rewrite["message"]
    assert offer["unpacked_bytes"] < 0.3 * rewrite["verification"]["unpacked_bytes"]
    answers = [app.run(tag, "-") for tag in (app.build("Dockerfile"), app.build_offer(rewrite))]
    assert answers == ["14:00 CEST app 1500 /home/app roots: true\n"] * 2


@pytest.mark.long
def test_a_program_that_calls_a_shell_gets_no_offer(engine: PrivateEngine, tmp_path: Path) -> None:
    engine.ensure("alpine:3")
    files = {"main.go": SHELL, "go.mod": GO_MOD, "Dockerfile": GO_DOCKERFILE}
    rewrite = make_app(engine, tmp_path, files).advise()
    assert "second_offer" not in rewrite
    assert "built and verified" not in rewrite["message"]


@pytest.mark.long
def test_a_program_of_which_a_library_starts_others_runs_on_alpine(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    engine.ensure("alpine:3")
    dockerfile = GO_DOCKERFILE.replace("RUN ", "RUN go mod tidy && ")
    app = make_app(
        engine, tmp_path, {"main.go": BROWSER, "go.mod": GO_MOD, "Dockerfile": dockerfile}
    )
    rewrite = app.advise()
    assert "second_offer" in rewrite, rewrite["verification"]["log"]
    assert rewrite["second_offer"]["base_image"] == "alpine:3"
    assert app.run(app.build_offer(rewrite)) == "good morning\n"


@pytest.mark.long
def test_a_server_that_is_linked_with_glibc_for_names_alone_runs_on_scratch(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    dockerfile = CLOCK_DOCKERFILE.replace("CGO_ENABLED=0 ", "")
    app = make_app(engine, tmp_path, {"main.go": CLOCK, "go.mod": GO_MOD, "Dockerfile": dockerfile})
    rewrite = app.advise()
    assert "second_offer" in rewrite, rewrite["verification"]["log"]
    assert rewrite["second_offer"]["base_image"] == "scratch"
    setting = "`ENV CGO_ENABLED=0 GOFLAGS=-ldflags=-s`, above the `RUN` of `go build -o "
    assert setting in rewrite["message"]
    tags = (app.build("Dockerfile"), app.build_offer(rewrite))
    assert [app.run(tag, "-") for tag in tags] == [
        "14:00 CEST app 1500 /home/app roots: true\n"
    ] * 2


@pytest.mark.long
def test_files_of_the_system_that_a_program_reads_come_along(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    files = {"main.go": READER, "go.mod": GO_MOD, "Dockerfile": GO_DOCKERFILE}
    app = make_app(engine, tmp_path, files)
    rewrite = app.advise()
    assert rewrite["second_offer"]["base_image"] == "scratch", rewrite["verification"]["log"]
    assert "/etc/debian_version" in rewrite["second_offer"]["last_stage"]
    assert app.run(app.build("Dockerfile")) == app.run(app.build_offer(rewrite))


def test_a_static_program_in_c_runs_on_scratch(engine: PrivateEngine, tmp_path: Path) -> None:
    source = '#include <stdio.h>\nint main(void) { puts("good morning"); return 0; }\n'
    app = make_app(engine, tmp_path, {"main.c": source, "Dockerfile": STATIC_C})
    rewrite = app.advise()
    assert rewrite["second_offer"]["base_image"] == "scratch", rewrite["verification"]["log"]
    assert '\nCMD ["greet"]\n' in rewrite["second_offer"]["last_stage"]
    assert app.run(app.build_offer(rewrite)) == "good morning\n"


def test_a_program_that_ends_for_want_of_settings_gets_an_offer_that_was_not_started(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    source = (
        '#include <stdio.h>\nint main(void) { if (fopen("app.conf", "r")) return 0;'
        ' fputs("I need app.conf\\n", stderr); return 3; }\n'
    )
    app = make_app(engine, tmp_path, {"main.c": source, "Dockerfile": STATIC_C})
    rewrite = by_rule(run_advise(engine, app.folder / "Dockerfile"))[REWRITE]
    assert rewrite["verification"]["started"] == "not-run", rewrite["verification"]["log"]
    log = rewrite["verification"]["log"].splitlines()
    assert "its own command until it ends: same, exit status 3" in log
    assert rewrite["confidence"] != "verified"
    offer = rewrite["second_offer"]
    assert (offer["base_image"], offer["started"]) == ("scratch", "not-run")
    assert "built and checked, but not started" in rewrite["message"]
    with pytest.raises(EngineUnavailable, match=r"ended with status 3:\n *I need app.conf"):
        app.run(app.build_offer(rewrite))


def test_a_program_that_loads_glibc_runs_on_distroless(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    """On a stand-in: glibc, without a shell or packages, under the name of the real image."""
    name = "gcr.io/distroless/base-debian12"
    system = tmp_path / "system"
    system.mkdir()
    (system / "Dockerfile").write_text(DISTROLESS, "utf-8")
    engine.docker("buildx", "build", "--provenance=false", "-t", name, ".", folder=system)
    folder = tmp_path / "app"
    folder.mkdir()
    source = '#include <stdio.h>\nint main(void) { puts("good morning"); return 0; }\n'
    dockerfile = STATIC_C.replace(" -static", "")
    app = make_app(engine, folder, {"main.c": source, "Dockerfile": dockerfile})
    try:
        rewrite = app.advise()
        assert "second_offer" in rewrite, rewrite["verification"]["log"]
        assert rewrite["second_offer"]["base_image"] == name
        assert app.run(app.build_offer(rewrite)) == "good morning\n"
    finally:
        engine.docker("image", "rm", name)


@pytest.mark.long
def test_a_runtime_of_jlink_has_what_only_reflection_finds(
    engine: PrivateEngine, tmp_path: Path
) -> None:
    engine.ensure("openjdk:17-jdk-slim", "eclipse-temurin:17-jre")
    app = make_app(engine, tmp_path, {"Main.java": REFLECTION, "Dockerfile": JAVA_DOCKERFILE})
    rewrite = app.advise()
    offer = rewrite["second_offer"]
    assert offer["base_image"] == "debian:bookworm-slim", rewrite["verification"]["log"]
    assert offer["unpacked_bytes"] < 0.6 * rewrite["verification"]["unpacked_bytes"]
    answers = [app.run(tag) for tag in (app.build("Dockerfile"), app.build_offer(rewrite))]
    assert answers[0] == answers[1]
    assert answers[0].splitlines()[0] == "EC"


@pytest.mark.long
def test_pages_that_node_serves_are_served_by_nginx(engine: PrivateEngine, tmp_path: Path) -> None:
    engine.ensure("node:20", "node:20-slim", "nginx:alpine")
    app = make_app(engine, tmp_path, {**PAGES, "Dockerfile": PAGES_DOCKERFILE})
    rewrite = app.advise()
    assert "second_offer" in rewrite, rewrite["verification"]["log"]
    offer = rewrite["second_offer"]
    assert offer["base_image"] == "nginx:alpine"
    assert offer["started"] == "same"
    assert offer["unpacked_bytes"] < 0.8 * rewrite["verification"]["unpacked_bytes"]
    tags = (app.build("Dockerfile"), app.build_offer(rewrite))
    before, after = (app.request(tag, "/", "/app.js", "/about", "/deep/link") for tag in tags)
    assert before == after
    assert before.count("<script") == 3
