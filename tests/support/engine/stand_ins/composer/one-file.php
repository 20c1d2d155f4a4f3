<?php
// Packs Debian's Composer into one file, as the real image has it: Dockerfiles copy that file alone.
$settings = 'php/Composer/Config.php';
$source = file_get_contents($settings);
// packagist.org cannot be reached in the tests.
file_put_contents($settings, str_replace('https://repo.packagist.org', 'file:///usr/share/composer-packages', $source));
$phar = new Phar('composer.phar');
$phar->buildFromDirectory('php');
$program = file_get_contents('/usr/bin/composer');
$program = preg_replace('/^#!.*\n/', '', $program);
$phar['composer'] = str_replace("__DIR__ . '/../share/php/", "'phar://composer.phar/", $program);
$phar['intl.php'] = file_get_contents('intl.php');
$phar->setStub("#!/usr/bin/env php\n<?php Phar::mapPhar('composer.phar'); require 'phar://composer.phar/intl.php'; require 'phar://composer.phar/composer'; __HALT_COMPILER();");
