package main

import "fmt"

func main() { fmt.Println("compiled just now") }
