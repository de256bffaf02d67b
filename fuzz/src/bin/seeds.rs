//! Writes the seeds of every target:   seeds FOLDER

use std::path::Path;

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| String::from("corpus"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (target, seeds) in taskward_fuzz::seeds::seeds(root) {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}
