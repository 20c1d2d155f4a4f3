require("polka")().get("/", (request, response) => response.end("dev\n")).listen(3800);
