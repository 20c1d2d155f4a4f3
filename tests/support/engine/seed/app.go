package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/net/html"
)

func count(page io.Reader) int {
	links := 0
	tokens := html.NewTokenizer(page)
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return links
		case html.StartTagToken:
			if name, _ := tokens.TagName(); string(name) == "a" {
				links++
			}
		}
	}
}

func main() {
	if address := os.Getenv("url"); address != "" {
		answer, err := http.Get(address)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer answer.Body.Close()
		fmt.Println(count(answer.Body))
		return
	}
	fmt.Println(count(strings.NewReader(`<a href="/">one</a><a href="/two">two</a>`)))
}
