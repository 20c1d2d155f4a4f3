<?php

namespace Notes;

use Markup\Text;

final class Page
{
    public static function show(): string
    {
        return Text::bold(\Locale::getDisplayLanguage("de", "en"));
    }
}
