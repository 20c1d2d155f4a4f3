require("node:http").createServer((request, response) => response.end("watched\n")).listen(3810);
