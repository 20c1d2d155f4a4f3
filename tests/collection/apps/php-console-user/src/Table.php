<?php

namespace Reports;

/** The rows of a CSV file: a label and an amount. */
final class Table
{
    /** @param list<array{string, string}> $rows */
    private function __construct(public readonly array $rows)
    {
    }

    public static function read(string $file): self
    {
        $lines = array_filter(file($file, FILE_IGNORE_NEW_LINES));
        return new self(array_map(fn (string $line): array => str_getcsv($line), array_values($lines)));
    }

    public function sum(): string
    {
        return array_reduce($this->rows, fn (string $sum, array $row): string => bcadd($sum, $row[1], 2), '0');
    }
}
