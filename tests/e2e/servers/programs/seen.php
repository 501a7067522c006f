<?php
// Tells what PHP saw of the request, and answers as its path asks.
function text($bytes) { return iconv('latin1', 'utf-8', $bytes); }

$body = file_get_contents('php://input');
$fields = [];
foreach ($_SERVER as $name => $value) {
    if (strncmp($name, 'HTTP_', 5) === 0) $fields[] = [$name, text($value)];
}
$record = ['method' => $_SERVER['REQUEST_METHOD'], 'target' => text($_SERVER['REQUEST_URI']),
           'path' => text($_SERVER['DOCUMENT_URI']), 'area' => $_SERVER['AREA'], 'fields' => $fields,
           'length' => strlen($body), 'sha256' => hash('sha256', $body)];
file_put_contents($_SERVER['SEEN'], json_encode($record) . "\n", FILE_APPEND);

header('Content-Type: text/plain');
$asked = basename($_SERVER['DOCUMENT_URI']);
if ($asked === 'status-204') {
    http_response_code(204);
} elseif ($asked === 'status-304') {
    http_response_code(304);
    header('ETag: "1"');
} elseif ($asked === 'pieces') {
    foreach (['one ', 'two ', 'three'] as $piece) {
        echo $piece;
        flush();
    }
} elseif ($asked === 'large-head') {
    for ($i = 0; $i < 40; ++$i) header("X-Large-$i: " . str_repeat('v', 400));
    echo 'large';
} elseif (sscanf($asked, 'bytes-%d', $count) === 1) {
    echo substr(str_repeat(implode(array_map('chr', range(0, 255))), intdiv($count, 256) + 1), 0, $count);
} else {
    header('Content-Length: 4');
    echo 'seen';
}
