package com.example.tally

import java.io.File
import picocli.CommandLine
import picocli.CommandLine.Command
import picocli.CommandLine.Option
import picocli.CommandLine.Parameters

@Command(name = "tally", version = ["1.4"], mixinStandardHelpOptions = true, description = ["Counts words."])
class Tally : Runnable {
    @Parameters(description = ["The files to count."])
    lateinit var files: List<File>

    @Option(names = ["--top"], description = ["How many words to show."])
    var top: Int = 3

    override fun run() {
        files.flatMap { it.readText().split(Regex("\\W+")) }
            .filter { it.isNotEmpty() }
            .groupingBy { it.toLowerCase() }
            .eachCount()
            .toList()
            .sortedWith(compareBy({ -it.second }, { it.first }))
            .take(top)
            .forEach { println("${it.second} ${it.first}") }
    }
}

fun main(arguments: Array<String>) {
    System.exit(CommandLine(Tally()).execute(*arguments))
}
