<?php

namespace Guestbook;

use PDO;

final class Database
{
    public static function open(): PDO
    {
        $pdo = new PDO('sqlite:' . dirname(__DIR__) . '/' . $_ENV['DATABASE']);
        $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        return $pdo;
    }
}
