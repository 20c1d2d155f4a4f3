<?php

namespace Guestbook;

/** A picture with the first letter of a name, in Latin letters. */
final class Badge
{
    public static function svg(string $name): string
    {
        $latin = transliterator_transliterate('Any-Latin; Latin-ASCII; Upper()', $name);
        $letter = htmlspecialchars(mb_substr($latin, 0, 1));
        $hue = crc32($name) % 360;
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">"
            . "<rect width=\"32\" height=\"32\" fill=\"hsl($hue 60% 40%)\"/>"
            . "<text x=\"16\" y=\"21\" text-anchor=\"middle\" fill=\"white\">$letter</text></svg>";
    }
}
