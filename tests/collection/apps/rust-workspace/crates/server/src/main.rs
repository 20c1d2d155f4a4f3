use std::{env, fs, io::{Read, Write}, net::TcpListener};

fn main() {
    let path = env::args().skip_while(|word| word != "--config").nth(1).expect("--config FILE");
    let settings = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let address = text::value(&settings, "listen").expect("listen");
    let listener = TcpListener::bind(&address).expect("a free port");
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let _ = stream.read(&mut [0; 4096]);
        let body = format!("{}\n", text::value(&settings, "greeting").unwrap_or_default());
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    }
}
