package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--help" {
		fmt.Println("usage: clock ZONE…")
		return
	}
	moment := time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println("here", moment.Local().Format(time.RFC3339))
	for _, name := range os.Args[1:] {
		zone, err := time.LoadLocation(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, "clock:", err)
			os.Exit(1)
		}
		fmt.Println(name, moment.In(zone).Format(time.RFC3339))
	}
}
