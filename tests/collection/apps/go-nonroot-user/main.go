package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/user"
)

var version = "dev"

func main() {
	me, err := user.Current()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("started", []byte(version), 0o600); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			file, err := os.CreateTemp(".", "upload-*")
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			defer file.Close()
			_, _ = io.Copy(file, r.Body)
		}
		fmt.Fprintf(w, "uploads %s as %s\n", version, me.Username)
	})
	log.Fatal(http.ListenAndServe(":7000", nil))
}
