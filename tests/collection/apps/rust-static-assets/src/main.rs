use std::{env, fs, path::Path};
use tiny_http::{Response, Server};

fn main() {
    let index = fs::read_to_string(Path::new("assets").join("index.html")).expect("assets/index.html");
    let server = Server::http(env::var("GALLERY_ADDRESS").expect("GALLERY_ADDRESS")).expect("a free port");
    for request in server.incoming_requests() {
        let answer = match request.url() {
            "/" => Response::from_string(index.clone()),
            other => match fs::read_to_string(Path::new("assets").join(other.trim_start_matches('/'))) {
                Ok(text) => Response::from_string(text),
                Err(_) => Response::from_string("not here\n").with_status_code(404),
            },
        };
        let _ = request.respond(answer);
    }
}
