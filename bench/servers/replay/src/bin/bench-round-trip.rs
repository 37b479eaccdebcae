//! How long answers take that nobody looks at: the least that any client of that server needs.
//!
//!     bench-round-trip HOST:PORT ACCESS_KEY_ID TIMES PATH...
//!
//! Asks for all paths, one after the other on one connection, so many times, and prints the microseconds of each time as
//! an array.

use std::{
    env,
    error::Error,
    io::{Read, Write},
    net::TcpStream,
    time::Instant,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [address, access_key_id, times, paths @ ..] = &arguments[..] else {
        return Err("the address, the access key, the number of times and the paths are needed".into());
    };
    let request = |path: &String| {
        format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {access_key_id}\r\naccept: application/json\r\n\r\n"
        )
    };
    let requests: Vec<String> = paths.iter().map(request).collect();
    let mut connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut taken = Vec::new();
    for _ in 0..times.parse::<usize>()? {
        let started = Instant::now();
        for request in &requests {
            connection.write_all(request.as_bytes())?;
            receive(&mut connection, &mut buffer)?;
        }
        taken.push(format!("{:.1}", started.elapsed().as_secs_f64() * 1e6));
    }
    println!("[{}]", taken.join(","));
    Ok(())
}

/// Reads an answer to its end.
fn receive(connection: &mut TcpStream, buffer: &mut [u8]) -> Outcome<()> {
    let mut length = 0;
    let end = loop {
        length += read(connection, &mut buffer[length..])?;
        if let Some(end) =
            buffer[..length].windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD)
        {
            break end;
        }
    };
    let head = str::from_utf8(&buffer[..end])?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("the server answers with {head}").into());
    }
    let body: usize = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .ok_or("an answer without a length")?
        .parse()?;
    let mut missing = body - (length - end - END_OF_HEAD.len());
    while missing > 0 {
        missing -= read(connection, buffer)?;
    }
    Ok(())
}

fn read(connection: &mut TcpStream, buffer: &mut [u8]) -> Outcome<usize> {
    match connection.read(buffer)? {
        0 => Err("the server closed the connection".into()),
        length => Ok(length),
    }
}
