import http from "node:http"; const greeting: string = process.env.GREETING ?? "late"; http.createServer((request, response) => { response.end(greeting); }).listen(3830);
