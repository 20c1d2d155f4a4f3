#!/usr/bin/env node
import { program } from "commander";

program
  .name("wordy")
  .version("5.1.0")
  .argument("[words...]", "words to count")
  .action((words: string[]) => console.log(words.length));
program.parse();
