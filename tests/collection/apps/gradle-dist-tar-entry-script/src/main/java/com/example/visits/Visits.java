package com.example.visits;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

public class Visits {
    private final Connection connection;

    Visits(String file) throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists visit (path text)");
        }
    }

    synchronized int count(String path) throws SQLException {
        try (java.sql.PreparedStatement insert = connection.prepareStatement("insert into visit values (?)")) {
            insert.setString(1, path);
            insert.execute();
        }
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from visit")) {
            result.next();
            return result.getInt(1);
        }
    }

    public static void main(String[] args) throws Exception {
        Visits visits = new Visits(System.getenv().getOrDefault("VISITS_DB", "visits.db"));
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 8090;
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
        server.createContext("/", exchange -> {
            try {
                byte[] body = (visits.count(exchange.getRequestURI().getPath()) > 0 ? "counted\n" : "none\n")
                    .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } catch (SQLException error) {
                throw new IOException(error);
            } finally {
                exchange.close();
            }
        });
        server.start();
    }
}
