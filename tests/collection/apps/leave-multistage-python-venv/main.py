from bottle import get, run


@get("/")
def index():
    return "built elsewhere"


run(host="0.0.0.0", port=8500)
