//! The store's format number: a line of text that any version can read without touching the database.

use std::{fs, io, path::Path};

use crate::{
    durable_file::{self, Readers},
    error::OpenStoreError,
};

/// The format written by this version.
pub(crate) const FORMAT: u32 = 1;
const HEADER: &str = "antiphon store ";

/// Notes the format in a new store. Says why an existing one must not be written to, if so.
pub(crate) fn check(folder: &Path) -> Result<Option<String>, OpenStoreError> {
    let path = folder.join("format");
    let io = |source| OpenStoreError::Io { path: path.clone(), source };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            durable_file::write(&path, format!("{HEADER}{FORMAT}\n").as_bytes(), Readers::Usual)
                .map_err(io)?;
            return Ok(None);
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
        Err(error) => return Err(io(error)),
    };
    match text.strip_prefix(HEADER).and_then(|number| number.trim_end().parse::<u32>().ok()) {
        Some(FORMAT) => Ok(None),
        Some(newer) if newer > FORMAT => Ok(Some(format!(
            "it was written by a newer Antiphon (format {newer}, newest known here is {FORMAT}); update Antiphon to change it"
        ))),
        _ => Err(OpenStoreError::Damaged {
            folder: folder.to_path_buf(),
            cause: format!("the file {} does not say what format the store has", path.display()),
        }),
    }
}
