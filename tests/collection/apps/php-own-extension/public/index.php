<?php echo "yaml ", yamlver(), "\n";
