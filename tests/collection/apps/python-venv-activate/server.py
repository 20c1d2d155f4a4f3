from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cffi import FFI

ffi = FFI()
ffi.cdef("int abs(int);")
libc = ffi.dlopen(None)
GREETING = Path(__file__).parent.joinpath("locale/de/greeting.txt").read_text()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{GREETING.strip()} {libc.abs(-7)}\n".encode())


HTTPServer(("0.0.0.0", 8008), Handler).serve_forever()
