<?php

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES);
}

/** The path of a built file. */
function asset(string $source): string
{
    static $manifest;
    $manifest ??= json_decode(file_get_contents(base_path('public/build/manifest.json')), true);
    return $manifest[$source];
}

function base_path(string $path = ''): string
{
    return dirname(__DIR__) . ($path === '' ? '' : "/$path");
}
