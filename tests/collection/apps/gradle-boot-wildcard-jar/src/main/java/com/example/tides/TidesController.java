package com.example.tides;

import java.util.Arrays;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;

@Controller
public class TidesController {
    private static final List<String> TIDES = Arrays.asList("05:12 low", "11:30 high", "17:41 low");

    @Value("${tides.station}")
    private String station;

    @GetMapping("/")
    public String index(Model model) {
        model.addAttribute("station", station);
        model.addAttribute("tides", TIDES);
        return "index";
    }

    @GetMapping("/api/tides")
    @ResponseBody
    public List<String> tides() {
        return TIDES;
    }
}
