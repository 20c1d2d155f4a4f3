<?php

namespace Markup;

final class Text
{
    public static function bold(string $text): string
    {
        return "<b>" . htmlspecialchars($text) . "</b>";
    }
}
