<?php

use Guestbook\Badge;
use Guestbook\Database;
use Guestbook\Entries;
use Monolog\Handler\StreamHandler;
use Monolog\Logger;
use Twig\Environment;
use Twig\Loader\FilesystemLoader;

$root = dirname(__DIR__);
require "$root/vendor/autoload.php";

Dotenv\Dotenv::createImmutable($root)->load();

$twig = new Environment(new FilesystemLoader("$root/templates"), ['cache' => "$root/var/cache"]);
$logger = new Logger('guestbook', [new StreamHandler('php://stderr')]);

$app = new Slim\App();

$app->get('/', function ($request, $response) use ($twig) {
    $entries = (new Entries(Database::open()))->newest();
    return $response->write($twig->render('index.twig', ['title' => $_ENV['APP_NAME'], 'entries' => $entries]));
});

$app->post('/entries', function ($request, $response) use ($logger) {
    $body = $request->getParsedBody();
    (new Entries(Database::open()))->add($body['name'] ?? 'anonymous', $body['text'] ?? '');
    $logger->info('entry', ['name' => $body['name'] ?? '']);
    return $response->withRedirect('/');
});

$app->get('/badges/{name}', function ($request, $response, $arguments) {
    return $response->withHeader('Content-Type', 'image/svg+xml')->write(Badge::svg($arguments['name']));
});

$app->get('/export', function ($request, $response) {
    $file = tempnam(sys_get_temp_dir(), 'export');
    $zip = new ZipArchive();
    $zip->open($file, ZipArchive::OVERWRITE);
    $zip->addFromString('entries.json', json_encode((new Entries(Database::open()))->newest()));
    $zip->close();
    return $response->withHeader('Content-Type', 'application/zip')->write(file_get_contents($file));
});

$app->get('/health', fn ($request, $response) => $response->withJson(['ok' => true]));

$app->run();
