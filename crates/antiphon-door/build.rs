//! Bundles the built interface (`ui/dist`) into the program, so that an installed one needs no files beside it.
//! Without a built interface the list is empty and the gateway says how to build it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = root.join("../../ui/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    collect(&dist, &dist, &mut files);
    files.sort();
    let lines: String = files
        .iter()
        .map(|(name, path)| format!("    ({name:?}, include_bytes!({path:?}).as_slice()),\n"))
        .collect();
    let text = format!("pub const FILES: &[(&str, &[u8])] = &[\n{lines}];\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("interface.rs");
    fs::write(out, text).expect("the build folder is writable");
}

fn collect(base: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(base, &path, files);
        } else if let (Ok(name), Some(full)) = (path.strip_prefix(base), path.to_str()) {
            println!("cargo:rerun-if-changed={full}");
            files.push((name.to_string_lossy().replace('\\', "/"), full.to_owned()));
        }
    }
}
