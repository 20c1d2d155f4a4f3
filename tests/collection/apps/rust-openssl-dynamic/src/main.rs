use openssl::hash::{hash, MessageDigest};
use tiny_http::{Response, Server};

fn main() {
    let server = Server::http("0.0.0.0:8300").expect("port 8300 is free");
    for request in server.incoming_requests() {
        let sum = hash(MessageDigest::sha256(), request.url().as_bytes()).expect("sha256");
        let hex: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = format!("{hex} ({})\n", openssl::version::version());
        let _ = request.respond(Response::from_string(body));
    }
}
