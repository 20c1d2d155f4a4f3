<?php
// Composer's release contains polyfills of these; Debian's needs the extension intl in their place.
if (!class_exists('Normalizer')) {
    class Normalizer
    {
        const NFD = 4;
        const NFKD = 8;
        const NFC = 16;
        const NFKC = 32;
    }

    function normalizer_is_normalized($text, $form = 16) { return true; }
    function normalizer_normalize($text, $form = 16) { return $text; }
    function grapheme_strlen($text) { return mb_strlen($text); }
    function grapheme_substr($text, $start, $length = null) { return mb_substr($text, $start, $length); }
    function grapheme_strpos($text, $part, $offset = 0) { return mb_strpos($text, $part, $offset); }
}
