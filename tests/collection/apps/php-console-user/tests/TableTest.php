<?php

use PHPUnit\Framework\TestCase;
use Reports\Table;

final class TableTest extends TestCase
{
    public function testAmountsAreAdded(): void
    {
        $this->assertSame('1510.75', Table::read(__DIR__ . '/../config/sample.csv')->sum());
    }
}
