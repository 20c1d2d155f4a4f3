<?php

namespace Tests;

use App\Pages;
use PHPUnit\Framework\TestCase;

final class PagesTest extends TestCase
{
    public function testThereIsNoPageOutsideOfTheFolder(): void
    {
        $this->assertNull((new Pages())->html('../../composer'));
    }
}
