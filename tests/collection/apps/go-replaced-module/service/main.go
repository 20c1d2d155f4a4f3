package main

import (
	"encoding/json"
	"log"
	"net/http"

	"example.com/shared/words"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(words.Count(r.URL.Query().Get("text")))
	})
	log.Fatal(http.ListenAndServe(":8060", nil))
}
