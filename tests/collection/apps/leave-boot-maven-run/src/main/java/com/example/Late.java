package com.example;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Late {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) return;
        var server = HttpServer.create(new InetSocketAddress(8570), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("late\n".getBytes());
            exchange.close();
        });
        server.start();
    }
}
