<?php
// Packs Debian's Composer into one file, as the real image has it: Dockerfiles copy that file alone.
$phar = new Phar('composer.phar');
$phar->buildFromDirectory('php');
$program = file_get_contents('/usr/bin/composer');
$program = preg_replace('/^#!.*\n/', '', $program);
$phar['composer'] = str_replace("__DIR__ . '/../share/php/", "'phar://composer.phar/", $program);
$phar->setStub("#!/usr/bin/env php\n<?php Phar::mapPhar('composer.phar'); require 'phar://composer.phar/composer'; __HALT_COMPILER();");
