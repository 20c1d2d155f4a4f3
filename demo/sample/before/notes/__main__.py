"""Serves a page of notes."""

from http.server import BaseHTTPRequestHandler, HTTPServer

from markdown_it import MarkdownIt

PAGE = MarkdownIt().render("# Notes\n\n- keep images small\n")


class Notes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE.encode())


HTTPServer(("", 8000), Notes).serve_forever()
