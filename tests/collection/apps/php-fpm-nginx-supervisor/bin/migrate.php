<?php

require dirname(__DIR__) . '/vendor/autoload.php';

Dotenv\Dotenv::createImmutable(dirname(__DIR__))->load();

$pdo = Guestbook\Database::open();
foreach (glob(dirname(__DIR__) . '/migrations/*.sql') as $file) {
    $pdo->exec(file_get_contents($file));
    echo 'applied ', basename($file), "\n";
}
