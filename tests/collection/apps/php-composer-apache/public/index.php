<?php

require dirname(__DIR__) . "/vendor/autoload.php";

echo Notes\Page::show(), "\n";
