//! Takes what `/docs` serves out of the vendored archive of Swagger UI, and packs it.
//!
//! The archive also holds builds for other kinds of pages; a service serves none of them. What is
//! left is held compressed in the binary, as browsers take it: half a megabyte instead of four.

use std::error::Error;
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// The files of the archive that the page loads, and their types.
const FILES: [(&str, &str); 6] = [
    ("favicon-16x16.png", "image/png"),
    ("favicon-32x32.png", "image/png"),
    ("index.css", "text/css; charset=utf-8"),
    ("swagger-ui.css", "text/css; charset=utf-8"),
    ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ("swagger-ui-standalone-preset.js", "text/javascript; charset=utf-8"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo sets no OUT_DIR")?);
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let paths: Vec<String> = archive.file_names().filter_map(|path| Some(path.ok()?.into_owned())).collect();
    let mut table = String::from("[\n");
    for (name, content_type) in FILES {
        let end = format!("/dist/{name}");
        // The archive's own folder is named after its version.
        let path = paths.iter().find(|path| path.ends_with(&end));
        let path = path.ok_or_else(|| format!("{name} is not in the archive"))?;
        let mut content = Vec::new();
        archive.by_name(path)?.read_to_end(&mut content)?;
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&content)?;
        fs::write(folder.join(format!("{name}.gz")), packed.finish()?)?;
        table.push_str(&format!(
            "    File {{ name: {name:?}, content_type: {content_type:?}, \
             packed: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.gz\")) }},\n"
        ));
    }
    table.push_str("]\n");
    fs::write(folder.join("documentation_files.rs"), table)?;
    Ok(())
}
