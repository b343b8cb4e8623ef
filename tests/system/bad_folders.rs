//! Data folders that cannot be one, or were damaged.

use std::{fs, path::Path};

use antiphon_tests::{Home, Mounted};

const STORAGE: i32 = 7;

#[test]
fn a_data_folder_that_is_a_file_is_named() {
    let home = Home::new();
    fs::write(home.folder(), "not a folder").expect("a temporary file");
    home.run(&[&"ls"]).refused(STORAGE, "data");
    home.run(&[&"serve"]).refused(STORAGE, "data");
    assert_eq!(fs::read(home.folder()).expect("still there"), b"not a folder");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let Some(disk) = Mounted::try_new("ro") else { return };
    Home::at(&disk.file("data")).run(&[&"ls"]).refused(STORAGE, "Read-only");
    Home::at(disk.path()).run(&[&"serve"]).refused(STORAGE, "Read-only");
}

#[test]
fn a_folder_of_a_newer_version_is_shown_and_left_as_it_is() {
    let home = Home::new();
    home.run(&[&"new", &"Kept"]).ok();
    fs::write(home.folder().join("format"), "antiphon store 99\n").expect("a temporary file");
    home.run(&[&"new", &"Other"]).refused(STORAGE, "format 99");
    home.run(&[&"edit", &"tempo", &"99"]).refused(STORAGE, "format 99");
    home.run(&[&"name", &"Someone Else"]).refused(STORAGE, "format 99");
    home.run(&[&"show"]).ok();
    fs::write(home.folder().join("format"), "antiphon store 1\n").expect("a temporary file");
    let listed = home.run(&[&"ls"]).ok().out;
    assert!(listed.contains("* ") && listed.contains("Kept") && !listed.contains("Other"), "{listed}");
    assert!(listed.contains("120.00 BPM"), "{listed}");
}

/// Damages each file of a stored session in turn. Whatever the damage, the program either works or says in one
/// sentence what is wrong; it never makes it worse, and never calls it a defect of its own.
#[test]
fn a_damaged_store_is_told_of_and_left_as_it_is() {
    let home = Home::new();
    home.run(&[&"new", &"Kept"]).ok();
    let mut told = 0;
    for file in ["format", "device.key", "store.commits", "store/conf", "store/db"] {
        for damage in [Damage::Emptied, Damage::Cut, Damage::Scribbled, Damage::Mutated] {
            let damaged = Home::new();
            copy(home.folder(), damaged.folder());
            damage.strike(&damaged.folder().join(file));
            let ran = damaged.run(&[&"ls"]);
            match ran.code {
                0 => ran.sane(),
                _ => {
                    told += 1;
                    ran.refused(STORAGE, "");
                    for word in ["backtrace", "Inline", "sled", "panic"] {
                        assert!(!ran.err.contains(word), "not for people: {}", ran.err);
                    }
                    assert!(!ran.err.contains("next: run `antiphon doctor`"), "it cannot run either");
                }
            }
        }
    }
    println!("bar: 20 kinds of damage to a store: {told} told of, the others opened, none called a defect");
    assert!(told >= 6, "{told}");
    // What was not damaged is as it was.
    assert!(home.run(&[&"ls"]).ok().out.contains("Kept"));
}

enum Damage {
    Emptied,
    Cut,
    Scribbled,
    Mutated,
}

impl Damage {
    fn strike(&self, file: &Path) {
        let mut bytes = fs::read(file).expect("the file is there");
        match self {
            Self::Emptied => bytes.clear(),
            Self::Cut => bytes.truncate(bytes.len() / 2),
            Self::Scribbled => bytes.iter_mut().take(40).for_each(|byte| *byte = 0xA5),
            Self::Mutated => bytes.iter_mut().step_by(37).for_each(|byte| *byte ^= 0x11),
        }
        fs::write(file, bytes).expect("a temporary file");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a temporary folder");
    for entry in fs::read_dir(from).expect("a folder").map_while(Result::ok) {
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a kind") {
            kind if kind.is_dir() => copy(&entry.path(), &target),
            kind if kind.is_file() => drop(fs::copy(entry.path(), target).expect("a temporary file")),
            // A socket that an owner left.
            _ => {}
        }
    }
}
