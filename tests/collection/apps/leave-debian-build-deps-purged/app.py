import ujson
from bottle import get, run


@get("/")
def index():
    return ujson.dumps({"purged": True})


run(host="0.0.0.0", port=8550)
