package com.example.visits;

import static org.junit.Assert.assertEquals;

import org.junit.Test;

public class VisitsTest {
    @Test
    public void countsVisits() throws Exception {
        Visits visits = new Visits(":memory:");
        visits.count("/");
        assertEquals(2, visits.count("/about"));
    }
}
