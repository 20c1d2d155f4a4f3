from jinja2 import Environment, PackageLoader

pages = Environment(loader=PackageLoader("mailer"), autoescape=True)


def application(environ, start_response):
    body = pages.get_template("form.html").render(path=environ["PATH_INFO"]).encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
