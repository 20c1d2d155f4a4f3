require("polka")().get("/", (request, response) => response.end("lean\n")).listen(3820);
