use rusqlite::Connection;
use std::{fs, io::{Read, Write}, net::TcpListener};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Connection::open("keeper.db")?;
    for file in fs::read_dir("/usr/share/keeper/migrations")? {
        database.execute_batch(&fs::read_to_string(file?.path())?)?;
    }
    for stream in TcpListener::bind("0.0.0.0:8330")?.incoming() {
        let mut stream = stream?;
        let _ = stream.read(&mut [0; 4096])?;
        let count: i64 = database.query_row("SELECT count(*) FROM thing", [], |row| row.get(0))?;
        let body = format!("{count} things\n");
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())?;
    }
    Ok(())
}
