from bottle import get, run


@get("/")
def index():
    return "pure"


run(host="0.0.0.0", port=8530)
