from flask import Flask, render_template

GOODS = {"kettle": 34, "lamp": 79}


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def index():
        return render_template("index.html", goods=GOODS)

    return app
