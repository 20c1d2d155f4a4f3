fn main() {
    let mut arguments = pico_args::Arguments::from_env();
    if arguments.contains("--version") {
        println!("slug {}", env!("CARGO_PKG_VERSION"));
    } else if arguments.contains("--help") {
        println!("usage: slug WORD…");
    } else {
        let words: Vec<String> = arguments.finish().iter().map(|word| word.to_string_lossy().into_owned()).collect();
        println!("{}", deunicode::deunicode(&words.join("-")).to_lowercase());
    }
}
