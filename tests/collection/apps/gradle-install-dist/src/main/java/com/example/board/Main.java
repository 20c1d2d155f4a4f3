package com.example.board;

import com.github.mustachejava.DefaultMustacheFactory;
import com.github.mustachejava.Mustache;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.handlers.resource.PathResourceManager;
import io.undertow.util.Headers;
import java.io.File;
import java.io.StringWriter;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Collections;

public class Main {
    public static void main(String[] args) {
        DefaultMustacheFactory factory = new DefaultMustacheFactory(new File("views"));
        Undertow.builder()
            .addHttpListener(7000, "0.0.0.0")
            .setHandler(Handlers.path()
                .addPrefixPath("/static", Handlers.resource(new PathResourceManager(Paths.get("public"))))
                .addExactPath("/", exchange -> {
                    Mustache page = factory.compile("board.mustache");
                    StringWriter text = new StringWriter();
                    page.execute(text, Collections.singletonMap("notes", Arrays.asList("Buy tea", "Call Ada"))).flush();
                    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/html; charset=utf-8");
                    exchange.getResponseSender().send(text.toString());
                }))
            .build()
            .start();
        System.out.println("board listens on port 7000");
    }
}
