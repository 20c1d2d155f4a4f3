<?php

namespace Guestbook;

use PDO;

final class Entries
{
    public function __construct(private PDO $pdo)
    {
    }

    public function newest(): array
    {
        return $this->pdo->query('SELECT * FROM entries ORDER BY id DESC LIMIT 50')->fetchAll(PDO::FETCH_ASSOC);
    }

    public function add(string $name, string $text): void
    {
        $this->pdo->prepare('INSERT INTO entries (name, text) VALUES (?, ?)')->execute([$name, $text]);
    }
}
