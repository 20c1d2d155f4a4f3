package com.example.tides;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class TidesApplication {
    public static void main(String[] args) {
        SpringApplication.run(TidesApplication.class, args);
    }
}
