package main

import (
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"

	_ "github.com/mattn/go-sqlite3"
)

func open() (*sql.DB, error) {
	db, err := sql.Open("sqlite3", os.Getenv("GUESTBOOK_DB"))
	if err != nil {
		return nil, err
	}
	schema, err := os.ReadFile(os.Getenv("GUESTBOOK_SCHEMA"))
	if err != nil {
		return nil, err
	}
	_, err = db.Exec(string(schema))
	return db, err
}

func main() {
	db, err := open()
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		var visits int
		if _, err := db.Exec("INSERT INTO visit(path) VALUES (?)", r.URL.Path); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if err := db.QueryRow("SELECT count(*) FROM visit").Scan(&visits); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "visit %d\n", visits)
	})
	log.Fatal(http.ListenAndServe(":8000", nil))
}
