package com.example.hooks;

import io.javalin.Javalin;

public class Main {
    public static void main(String[] arguments) {
        Javalin.create()
            .get("/", context -> context.result(greeting("hooks")))
            .start(7070);
    }

    static String greeting(String name) {
        return "Hello from " + name;
    }
}
