require("polka")().get("/", (request, response) => response.end("staged\n")).listen(3700);
