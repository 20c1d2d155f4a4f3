package com.example.ferry;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

public class Timetable {
    public String harbour;
    public List<String> departures;

    public static Timetable read(Path file) throws IOException {
        try (Reader reader = Files.newBufferedReader(file)) {
            return new Gson().fromJson(reader, Timetable.class);
        }
    }
}
