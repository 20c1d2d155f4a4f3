package com.example;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Greeter {
    public static void main(String[] arguments) throws Exception {
        var body = (System.getProperty("greeting") + " with " + Runtime.getRuntime().maxMemory() / 1_000_000 + " MB\n").getBytes();
        var server = HttpServer.create(new InetSocketAddress(8083), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
