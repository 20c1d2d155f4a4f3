package main

import (
	"log"
	"net/http"
	"os"
	"os/exec"
)

func history() ([]byte, error) {
	return exec.Command("git", "-C", os.Getenv("REPOSITORY"), "log", "--format=%h %s").Output()
}

func main() {
	if _, err := history(); err != nil {
		log.Fatalf("git log: %v", err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		lines, err := history()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(lines)
	})
	log.Fatal(http.ListenAndServe(":8085", nil))
}
