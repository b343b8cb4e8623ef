//! The TypeScript face of this crate, generated from the types themselves.

use std::{collections::BTreeMap, fmt::Write};

use ts_rs::{Config, TS, TypeVisitor};

/// The whole text of `ui/src/backend/generated/api.ts`.
pub fn typescript() -> String {
    let config = Config::new().with_large_int("number");
    let mut types = Types { config: &config, declarations: BTreeMap::new() };
    let table = crate::table::visit_types(&mut types, &config);
    let mut text = String::from("// Generated from antiphon-api by `cargo xtask bindings`. Do not edit.\n\n");
    for declaration in types.declarations.values() {
        let _ = writeln!(text, "{declaration}");
    }
    let _ = writeln!(text, "export interface Commands {{\n{}\n}}", table.join("\n"));
    text
}

struct Types<'a> {
    config: &'a Config,
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Types<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        T::visit_generics(self);
        let declared = T::output_path().is_some();
        if declared && !self.declarations.contains_key(&T::ident(self.config)) {
            let docs = T::docs().unwrap_or_default();
            self.declarations
                .insert(T::ident(self.config), format!("{docs}export {}\n", T::decl(self.config)));
            T::visit_dependencies(self);
        } else if !declared {
            T::visit_dependencies(self);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn committed_bindings_are_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/backend/generated/api.ts");
        let fresh = super::typescript();
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
            std::fs::write(path, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == fresh, "ui/src/backend/generated/api.ts is stale: run `cargo xtask bindings`");
    }
}
