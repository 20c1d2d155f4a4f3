import os
from pathlib import Path

import psycopg2
from flask import Flask, jsonify

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def connect():
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        for file in sorted(MIGRATIONS.glob("*.sql")):
            cursor.execute(file.read_text())
    return connection


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def list_items():
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT name, price FROM items ORDER BY name")
            return jsonify([{"name": name, "price": price} for name, price in cursor.fetchall()])

    @app.get("/health")
    def check_health():
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {"database": "up"}

    return app
