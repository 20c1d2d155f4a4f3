<?php

namespace Reports\Command;

use NumberFormatter;
use Reports\Table;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputArgument;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Input\InputOption;
use Symfony\Component\Console\Output\OutputInterface;

final class SumCommand extends Command
{
    protected static $defaultName = 'sum';
    protected static $defaultDescription = 'Print the sum of a table';

    protected function configure(): void
    {
        $this->addArgument('file', InputArgument::OPTIONAL, 'a CSV file', __DIR__ . '/../../config/sample.csv');
        $this->addOption('locale', null, InputOption::VALUE_REQUIRED, 'how amounts are written', 'en');
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        $formatter = new NumberFormatter($input->getOption('locale'), NumberFormatter::DECIMAL);
        $output->writeln($formatter->format((float) Table::read($input->getArgument('file'))->sum()));
        return Command::SUCCESS;
    }
}
