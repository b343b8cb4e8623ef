//! The signal path calls no function whose result depends on the platform.

use std::{fs, path::Path};

/// Methods of numbers that call the platform's maths library or leave their precision open. Clippy knows those of `std`
/// as well (`clippy.toml`); this list cannot be switched off.
const INEXACT: &[&str] = &[
    ".sin()",
    ".cos()",
    ".tan()",
    ".sin_cos()",
    ".asin()",
    ".acos()",
    ".atan()",
    ".atan2(",
    ".sinh()",
    ".cosh()",
    ".tanh()",
    ".exp()",
    ".exp2()",
    ".exp_m1()",
    ".ln()",
    ".ln_1p()",
    ".log(",
    ".log2()",
    ".log10()",
    ".powf(",
    ".powi(",
    ".asinh()",
    ".acosh()",
    ".atanh()",
    ".cbrt()",
    ".hypot(",
    ".mul_add(",
    // Of `wide`: fused where the processor can, approximated as each maker likes, summed in an order of its own.
    ".mul_sub(",
    ".mul_neg_add(",
    ".mul_neg_sub(",
    ".recip()",
    ".recip_sqrt()",
    ".reduce_add()",
];

#[test]
fn no_platform_dependent_maths_in_dsp_and_engine() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = 0;
    for name in ["antiphon-dsp", "antiphon-engine"] {
        check(&crates.join(name).join("src"), &mut files);
    }
    assert!(files > 30, "only {files} files were found");
}

fn check(folder: &Path, files: &mut usize) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check(&path, files);
            continue;
        }
        *files += 1;
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            for call in INEXACT {
                assert!(!line.contains(call), "{}:{number}: {call}", path.display());
            }
        }
    }
}
