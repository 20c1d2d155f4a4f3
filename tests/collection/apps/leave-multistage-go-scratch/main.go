package main

import "fmt"

func main() { fmt.Println("72 beats") }
