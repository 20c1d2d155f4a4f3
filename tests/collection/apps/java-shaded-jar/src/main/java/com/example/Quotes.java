package com.example;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import com.sun.net.httpserver.HttpServer;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

public class Quotes {
    public static void main(String[] arguments) throws Exception {
        List<String> quotes;
        try (var reader = new InputStreamReader(Quotes.class.getResourceAsStream("/quotes.json"), StandardCharsets.UTF_8)) {
            quotes = new Gson().fromJson(reader, new TypeToken<List<String>>() {}.getType());
        }
        var server = HttpServer.create(new InetSocketAddress(8080), 0);
        server.createContext("/", exchange -> {
            var body = quotes.get((int) (System.nanoTime() % quotes.size())).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        System.out.println("quotes: " + quotes.size());
    }
}
