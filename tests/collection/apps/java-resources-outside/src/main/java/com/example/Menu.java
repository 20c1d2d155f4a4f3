package com.example;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

public class Menu {
    public static void main(String[] arguments) throws Exception {
        var settings = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(System.getProperty("conf")))) {
            settings.load(reader);
        }
        var page = Files.readString(Path.of("templates", "menu.html")).replace("{{dish}}", settings.getProperty("dish"));
        var server = HttpServer.create(new InetSocketAddress(Integer.parseInt(settings.getProperty("port"))), 0);
        server.createContext("/", exchange -> {
            var body = page.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
