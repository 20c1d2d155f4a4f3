package com.example.recipes;

import static org.junit.Assert.assertEquals;

import com.google.gson.Gson;
import org.junit.Test;

public class AppTest {
    @Test
    public void recipesHaveNames() throws Exception {
        assertEquals("Porridge", App.load(new Gson())[0].name);
    }
}
