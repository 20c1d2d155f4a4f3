<?php

namespace App;

use League\CommonMark\GithubFlavoredMarkdownConverter;

final class Pages
{
    public function names(): array
    {
        $files = glob(base_path('resources/pages/*.md'));
        return array_map(fn (string $file): string => basename($file, '.md'), $files);
    }

    /** The HTML of a page, from the cache if its source has not changed; null if there is none. */
    public function html(string $name): ?string
    {
        $source = base_path("resources/pages/$name.md");
        if (!in_array($name, $this->names(), true)) {
            return null;
        }
        $cached = base_path("storage/cache/$name.html");
        if (!is_file($cached) || filemtime($cached) < filemtime($source)) {
            $html = (new GithubFlavoredMarkdownConverter())->convert(file_get_contents($source))->getContent();
            file_put_contents($cached, $html);
        }
        return file_get_contents($cached);
    }
}
