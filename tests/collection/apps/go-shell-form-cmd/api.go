package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
)

func main() {
	port := flag.Int("port", 0, "port to listen on")
	greeting := flag.String("greeting", "", "what to say")
	flag.Parse()
	if *port == 0 || *greeting == "" {
		log.Fatal("api: -port and -greeting are needed")
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, *greeting) })
	log.Fatal(http.ListenAndServe(fmt.Sprintf(":%d", *port), nil))
}
