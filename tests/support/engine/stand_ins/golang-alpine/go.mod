// Lets Dockerfiles written before Go modules build below /go/src with today's Go.
module src

go 1.24

// The newest that Go 1.24 can build; `go get` would otherwise ask for one that it cannot.
replace golang.org/x/net => golang.org/x/net v0.38.0
