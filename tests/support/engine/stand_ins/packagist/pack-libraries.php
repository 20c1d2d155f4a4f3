<?php
// Packs Debian's libraries for PHP, with a list of them as Composer reads it:
// php pack-libraries.php FOLDER THE_FOLDER_IN_USE

/** Return the upstream version of an installed package: 5.4.53 of 5.4.53+dfsg-0+deb12u1. */
function readVersion(string $package): string
{
    $version = shell_exec("dpkg-query --show --showformat='\${Version}' $package");
    return preg_replace('/^\d+:|[+~-].*/', '', $version);
}

/** Return the parts of composer.json that Composer needs to install and load a library. */
function describe(string $name, array $library): array
{
    $autoload = isset($library['namespace']) ? ['psr-4' => [$library['namespace'] => '']] : ['classmap' => ['.']];
    return [
        'name' => $name,
        'version' => readVersion($library['deb']),
        'type' => 'library',
        'require' => (object) array_fill_keys($library['require'] ?? [], '*'),
        'autoload' => $autoload + ['files' => $library['files'] ?? []],
    ];
}

/** Write an archive of the files that a Debian package installs below a folder, with composer.json. */
function pack_files(string $package, string $folder, array $description, string $archive): void
{
    $zip = new ZipArchive();
    $zip->open($archive, ZipArchive::CREATE);
    foreach (explode("\n", shell_exec("dpkg --listfiles $package")) as $path) {
        if (is_file($path) && str_starts_with($path, "$folder/") && basename($path) !== 'autoload.php') {
            $zip->addFile($path, 'library/' . substr($path, strlen("$folder/")));
        }
    }
    $zip->addFromString('library/composer.json', json_encode($description, JSON_PRETTY_PRINT));
    $zip->close();
}

[, $target, $inUse] = $argv;
mkdir($target);
$packages = [];
foreach (json_decode(file_get_contents('/libraries.json'), true) as $name => $library) {
    $description = describe($name, $library);
    $file = str_replace('/', '-', $name) . "-{$description['version']}.zip";
    pack_files($library['deb'], "/usr/share/php/{$library['folder']}", $description, "$target/$file");
    $dist = ['type' => 'zip', 'url' => "file://$inUse/$file"];
    $packages[$name][$description['version']] = $description + ['dist' => $dist];
}
file_put_contents("$target/packages.json", json_encode(['packages' => $packages]));
