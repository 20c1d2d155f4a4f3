package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

var version = "dev"

func main() {
	asked := pflag.Bool("version", false, "print the version")
	pflag.Usage = func() {
		fmt.Println("usage: shout WORD…")
		fmt.Print(pflag.CommandLine.FlagUsages())
		os.Exit(0)
	}
	pflag.Parse()
	if *asked {
		fmt.Println("shout", version)
		return
	}
	fmt.Println(strings.ToUpper(strings.Join(pflag.Args(), " ")))
}
