package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"

	"example.com/ledger/internal/store"
	"github.com/go-chi/chi/v5"
)

func main() {
	db, err := store.Open(os.Getenv("MIGRATIONS_DIR"))
	if err != nil {
		log.Fatalf("migrations: %v", err)
	}
	router := chi.NewRouter()
	router.Get("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"applied": db.Applied()})
	})
	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), router))
}
