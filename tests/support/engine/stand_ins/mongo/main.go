// The server of the stand-in for MongoDB: FerretDB on SQLite, without accounts.
package main

import (
	"context"
	"log"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "0.0.0.0:27017"},
		Handler:   "sqlite",
		SQLiteURL: "file:/data/db/",
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Run(context.Background()))
}
