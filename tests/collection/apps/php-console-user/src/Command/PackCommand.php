<?php

namespace Reports\Command;

use Reports\Table;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputArgument;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;
use Twig\Environment;
use Twig\Loader\FilesystemLoader;
use ZipArchive;

final class PackCommand extends Command
{
    protected static $defaultName = 'pack';
    protected static $defaultDescription = 'Write an archive with a page of a table';

    protected function configure(): void
    {
        $this->addArgument('target', InputArgument::REQUIRED, 'the archive');
        $this->addArgument('file', InputArgument::OPTIONAL, 'a CSV file', __DIR__ . '/../../config/sample.csv');
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        $twig = new Environment(new FilesystemLoader(__DIR__ . '/../../templates'));
        $table = Table::read($input->getArgument('file'));
        $zip = new ZipArchive();
        if ($zip->open($input->getArgument('target'), ZipArchive::CREATE) !== true) {
            $output->writeln('<error>The archive cannot be written.</error>');
            return Command::FAILURE;
        }
        $zip->addFromString('report.html', $twig->render('report.html.twig', ['table' => $table]));
        $zip->close();
        return Command::SUCCESS;
    }
}
