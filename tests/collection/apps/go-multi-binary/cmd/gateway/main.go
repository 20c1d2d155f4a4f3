package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"os"
	"os/exec"
)

type config struct{ Listen, Worker string }

func read(path string) (c config, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}

func main() {
	path := flag.String("config", "config.json", "configuration")
	flag.Parse()
	c, err := read(*path)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer, err := exec.Command(c.Worker, r.URL.Path).Output()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		_, _ = w.Write(answer)
	})
	log.Fatal(http.ListenAndServe(c.Listen, nil))
}
