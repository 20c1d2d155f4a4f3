<?php

use Monolog\Handler\StreamHandler;
use Monolog\Logger;

require __DIR__ . '/../vendor/autoload.php';

$config = require base_path('config/app.php');
$logger = new Logger('app', [new StreamHandler($config['log'])]);

if ($config['debug'] && function_exists('dump')) {
    dump($config);
}

$app = new Slim\App(['settings' => ['displayErrorDetails' => $config['debug']]]);
require base_path('routes/web.php');
$app->run();
$logger->info($_SERVER['REQUEST_URI']);
