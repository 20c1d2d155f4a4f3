package main

import (
	"embed"
	"flag"
	"io/fs"
	"log"
	"net/http"
)

//go:embed pages
var files embed.FS

func main() {
	listen := flag.String("listen", ":8080", "address to listen on")
	flag.Parse()
	pages, err := fs.Sub(files, "pages")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(*listen, http.FileServer(http.FS(pages))))
}
