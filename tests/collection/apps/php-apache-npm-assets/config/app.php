<?php

return [
    'name' => getenv('APP_NAME') ?: 'Handbook',
    'debug' => (bool) getenv('APP_DEBUG'),
    'log' => dirname(__DIR__) . '/storage/logs/app.log',
];
