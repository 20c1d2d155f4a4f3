<?php echo "plain ", 6 * 7, "\n";
