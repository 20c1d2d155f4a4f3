package main

import (
	"html/template"
	"log"
	"net/http"
)

var pages = template.Must(template.ParseGlob("templates/*.html"))

type note struct{ Title, Text string }

func index(w http.ResponseWriter, r *http.Request) {
	notes := []note{{"Monday", "Water the plants"}, {"Tuesday", "Call the printer"}}
	if err := pages.ExecuteTemplate(w, "index.html", notes); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", index)
	mux.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir("static"))))
	log.Println("board listens on :8080")
	log.Fatal(http.ListenAndServe(":8080", mux))
}
