import ujson
from bottle import Bottle, response

app = Bottle()


@app.get("/")
def index():
    response.content_type = "application/json"
    return ujson.dumps({"encoder": ujson.__version__, "πi": 3.14}, ensure_ascii=False)


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
