import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
import psycopg2.extensions


class Reports(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"driver": psycopg2.__version__, "libpq": psycopg2.extensions.libpq_version()})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())


ThreadingHTTPServer(("", 8080), Reports).serve_forever()
