"""The three examples of the text that this project began with, as repositories.

https://docs.docker.com once taught multi-stage builds with the first two; the third is a front end
copied whole into nginx.
"""

APP = """\
package main

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

func main() {
	page, _ := html.Parse(strings.NewReader(`<a href="x">x</a><a href="y">y</a>`))
	count := 0
	for node := range page.Descendants() {
		if node.Data == "a" {
			count++
		}
	}
	fmt.Println("links:", count)
}
"""

BUILDER_PATTERN = {
    "app.go": APP,
    "Dockerfile.build": """\
# syntax=docker/dockerfile:1
FROM golang:1.16
WORKDIR /go/src/github.com/alexellis/href-counter/
COPY app.go ./
RUN go get -d -v golang.org/x/net/html \\
  && CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o app .
""",
    "Dockerfile": """\
# syntax=docker/dockerfile:1
FROM alpine:latest\x20\x20
RUN apk --no-cache add ca-certificates
WORKDIR /root/
COPY app ./
CMD ["./app"]\x20\x20
""",
    "build.sh": """\
#!/bin/sh
docker build --build-arg https_proxy=$https_proxy --build-arg http_proxy=$http_proxy \\
    -t alexellis2/href-counter:build . -f Dockerfile.build
docker container create --name extract alexellis2/href-counter:build
docker container cp extract:/go/src/github.com/alexellis/href-counter/app ./app
docker container rm -f extract
docker build --no-cache -t alexellis2/href-counter:latest .
rm ./app
""",
}

MULTI_STAGE = {
    "app.go": APP,
    "Dockerfile": """\
# syntax=docker/dockerfile:1
FROM golang:1.16
WORKDIR /go/src/github.com/alexellis/href-counter/
RUN go get -d -v golang.org/x/net/html\x20\x20
COPY app.go ./
RUN CGO_ENABLED=0 GOOS=linux go build -a -installsuffix cgo -o app .

FROM alpine:latest\x20\x20
RUN apk --no-cache add ca-certificates
WORKDIR /root/
COPY --from=0 /go/src/github.com/alexellis/href-counter/app ./
CMD ["./app"]\x20\x20
""",
}

FRONT_END = {
    "web-nautilus/package.json": """\
{
  "name": "web-nautilus",
  "version": "1.0.0",
  "scripts": {"build": "mkdir -p dist && cp index.html dist/"},
  "dependencies": {"is-number": "7.0.0"}
}
""",
    "web-nautilus/index.html": "<h1>nautilus</h1>\n",
    "command.sh": "#!/bin/sh\nexec nginx -g 'daemon off;'\n",
    "Dockerfile": """\
FROM node:18.18.0-alpine as builder
WORKDIR /app
COPY ./web-nautilus .
RUN npm i
RUN npm run build

FROM nginx
COPY --from=builder /app /var/www/html/.
RUN mkdir -p /var/www/app
COPY ./command.sh /var/www/app/command.sh
RUN chmod +x /var/www/app/command.sh
ENTRYPOINT ["/var/www/app/command.sh"]
""",
}

IMAGES = ("golang:1.16", "alpine:latest", "docker/dockerfile:1", "node:18.18.0-alpine", "nginx")
