<?php

use App\Pages;

$render = function ($response, string $title, string $body) {
    ob_start();
    require base_path('resources/views/page.php');
    return $response->write(ob_get_clean());
};

$app->get('/', function ($request, $response) use ($render, $config) {
    $items = array_map(fn ($name) => "<li><a href=\"/pages/$name\">$name</a></li>", (new Pages())->names());
    return $render($response, $config['name'], '<input type="search"><ul>' . implode($items) . '</ul>');
});

$app->get('/pages/{name}', function ($request, $response, $arguments) use ($render) {
    $html = (new Pages())->html($arguments['name']);
    return $html === null ? $response->withStatus(404) : $render($response, $arguments['name'], $html);
});

$app->get('/allowance/{days}', function ($request, $response, $arguments) {
    return $response->write(bcmul($arguments['days'], '28.50', 2));
});

$app->get('/up', fn ($request, $response) => $response->write('up'));
