<?php

use Guestbook\Badge;
use PHPUnit\Framework\TestCase;

final class BadgeTest extends TestCase
{
    public function testABadgeHasALatinLetter(): void
    {
        $this->assertStringContainsString('>A<', Badge::svg('Ада'));
    }
}
