package main

import "net"

func main() {
	listener, err := net.Listen("tcp", ":8510")
	if err != nil {
		panic(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		_, _ = connection.Read(make([]byte, 4096))
		_, _ = connection.Write([]byte("HTTP/1.0 200 OK\r\n\r\nwatched\n"))
		_ = connection.Close()
	}
}
