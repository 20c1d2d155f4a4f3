from http.server import BaseHTTPRequestHandler, HTTPServer

from plugin._answer import ANSWER


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{ANSWER}\n".encode())


HTTPServer(("", 8580), Handler).serve_forever()
