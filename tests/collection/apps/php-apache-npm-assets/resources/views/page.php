<!doctype html>
<html lang="en">
<head>
    <title><?= e($title) ?></title>
    <link rel="stylesheet" href="<?= asset('resources/css/app.css') ?>">
    <script type="module" src="<?= asset('resources/js/app.js') ?>"></script>
</head>
<body><?= $body ?></body>
</html>
