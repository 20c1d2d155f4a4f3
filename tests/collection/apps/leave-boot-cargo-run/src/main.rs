fn main() {
    println!("once again");
}
