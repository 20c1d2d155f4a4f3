package com.example;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;

public class Ledger {
    public static void main(String[] arguments) throws Exception {
        Connection database = DriverManager.getConnection("jdbc:sqlite:" + arguments[0]);
        try (var statement = database.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS entry (cents INTEGER)");
            statement.execute("INSERT INTO entry VALUES (1250)");
        }
        var server = HttpServer.create(new InetSocketAddress(8084), 0);
        server.createContext("/", exchange -> {
            byte[] body;
            try (var statement = database.createStatement(); var rows = statement.executeQuery("SELECT sum(cents) FROM entry")) {
                rows.next();
                body = (rows.getLong(1) + "\n").getBytes();
            } catch (java.sql.SQLException error) {
                throw new java.io.IOException(error);
            }
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
