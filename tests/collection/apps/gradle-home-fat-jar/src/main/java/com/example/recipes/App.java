package com.example.recipes;

import static spark.Spark.get;
import static spark.Spark.port;
import static spark.Spark.staticFiles;

import com.google.gson.Gson;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

public class App {
    static class Recipe {
        String name;
        String[] steps;
    }

    public static void main(String[] args) throws Exception {
        Gson gson = new Gson();
        Recipe[] recipes = load(gson);
        port(Integer.parseInt(System.getenv().getOrDefault("PORT", "4567")));
        staticFiles.location("/public");
        get("/recipes", (request, response) -> {
            response.type("application/json");
            return recipes;
        }, gson::toJson);
    }

    static Recipe[] load(Gson gson) throws Exception {
        try (Reader reader = new InputStreamReader(
                App.class.getResourceAsStream("/recipes.json"), StandardCharsets.UTF_8)) {
            return gson.fromJson(reader, Recipe[].class);
        }
    }
}
