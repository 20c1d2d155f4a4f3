package app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

public class Main {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0 || arguments[0].equals("--help")) {
            System.out.println("usage: words FILE");
            return;
        }
        var text = Files.readString(Path.of(arguments[0]));
        System.out.println(Arrays.stream(text.split("\\s+")).distinct().count());
    }
}
