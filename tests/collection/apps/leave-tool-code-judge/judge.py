import subprocess
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

SAMPLE = "#include <stdio.h>\nint main(void) { puts(\"compiled\"); }\n"


def judge(source):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.c").write_text(source)
        subprocess.run(["gcc", "-o", f"{folder}/main", f"{folder}/main.c"], check=True)
        return subprocess.run([f"{folder}/main"], capture_output=True, timeout=5).stdout


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        answer = judge(SAMPLE)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)


HTTPServer(("", 8520), Handler).serve_forever()
