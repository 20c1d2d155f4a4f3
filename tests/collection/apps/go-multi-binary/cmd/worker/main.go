package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	fmt.Println("worked on", strings.Join(os.Args[1:], " "))
}
