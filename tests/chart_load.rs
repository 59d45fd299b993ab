//! Loading charts: what is a chart, what is not, and what is hostile.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::error::Error;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use platctl::chart::load::{self, LoadError};
use platctl::chart::{File, Value};
use proptest::prelude::{any, prop, proptest};
use tar::{Builder, EntryType, Header};

const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.0.0\n";

/// An archive of entries as they are given, however odd their names.
fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, kind, data) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        // Written by hand: the builder refuses names that lead outside.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *data).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn good(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<_> = entries.iter().map(|(name, data)| (*name, EntryType::Regular, *data)).collect();
    archive(&entries)
}

fn refused(bytes: &[u8]) -> String {
    let error = load::from_archive(bytes).unwrap_err();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[test]
fn an_archive_is_taken_apart_by_helms_rules() {
    let chart = load::from_archive(&good(&[
        ("app/templates/a.yaml", b"a"),
        ("app/values.yaml", b"\xEF\xBB\xBFa: 1\n---\nb: {c: 2}\n---\nb: {d: 3}\n"),
        (
            "app/Chart.yaml",
            b"apiVersion: v2\nname: app\nversion: 1.10\nappVersion: 2.50\nannotations: {a: true}\n",
        ),
        ("app/README.md", b"hello"),
        ("app/crds/x.yaml", b"crd"),
        ("app/crds/README.md", b"no crd"),
        ("app/charts/sub/Chart.yaml", b"apiVersion: v1\nname: sub\nversion: 0.1.0\n"),
        ("app/charts/sub/requirements.yaml", b"dependencies: [{name: x, version: 1.x, repository: r}]"),
        (
            "app/charts/sub/charts/deep/Chart.yaml",
            b"apiVersion: v2\nname: deep\nversion: 1.0.0\ntype: library\n",
        ),
        ("app/charts/_skipped/Chart.yaml", b"not yaml: ["),
        ("app/charts/.hidden", b"x"),
        ("app/charts/sub.tgz.prov", b"signature"),
        ("app/Chart.lock", b"digest: sha256:x\ngenerated: \"2020-01-01T00:00:00Z\"\ndependencies: []\n"),
    ]))
    .unwrap();
    assert_eq!((chart.metadata.version.as_str(), chart.metadata.app_version.as_str()), ("1.1", "2.5"));
    assert_eq!(chart.metadata.annotations.as_ref().unwrap()["a"], "true");
    assert_eq!(chart.values["b"].at(["d"]), Some(&Value::Float(3.0)));
    assert_eq!(chart.lock.as_ref().unwrap().digest, "sha256:x");
    let files: Vec<&str> = chart.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(files, ["README.md", "crds/x.yaml", "crds/README.md", "charts/sub.tgz.prov"]);
    let crds: Vec<String> = chart.crds().into_iter().map(|(path, _)| path).collect();
    assert_eq!(crds, ["app/crds/x.yaml"]);
    let sub = &chart.dependencies[0];
    assert_eq!(sub.metadata.dependencies.as_ref().unwrap()[0].name, "x");
    assert_eq!(sub.files[0].name, "requirements.yaml");
    assert!(sub.dependencies[0].is_library());
}

#[test]
fn archives_that_lead_outside_are_refused() {
    for (name, message) in [
        ("app/../../etc/passwd", "outside the base directory"),
        ("app//etc/passwd", "outside the base directory"),
        ("../app/Chart.yaml", "outside the base directory"),
        ("app/..", "outside the base directory"),
        ("Chart.yaml", "chart yaml not in base directory"),
        ("app/c:/windows", "illegally named"),
        ("app\\..\\..\\x", "outside the base directory"),
        ("file", "outside the base directory"),
    ] {
        let bytes = good(&[("app/Chart.yaml", CHART.as_bytes()), (name, b"x")]);
        // The first of these is one folder up from the chart's own, which is still inside the archive.
        match load::from_archive(&bytes) {
            Err(_) => assert!(refused(&bytes).contains(message), "{name}: {}", refused(&bytes)),
            Ok(chart) => {
                assert_eq!(name, "../app/Chart.yaml");
                assert!(chart.files.iter().all(|file| !file.name.contains("..")));
            }
        }
    }
}

#[test]
fn links_and_devices_are_refused() {
    for (kind, word) in [
        (EntryType::Symlink, "symbolic link"),
        (EntryType::Link, "hard link"),
        (EntryType::Char, "device"),
        (EntryType::Fifo, "pipe"),
    ] {
        let bytes = archive(&[
            ("app/Chart.yaml", EntryType::Regular, CHART.as_bytes()),
            ("app/templates/x", kind, b""),
        ]);
        assert!(refused(&bytes).contains(word), "{}", refused(&bytes));
    }
}

#[test]
fn bombs_are_stopped_by_what_they_unpack_to() {
    let file = vec![0; 5 << 20];
    let mut entries = vec![("app/Chart.yaml", CHART.as_bytes())];
    entries.extend((0..25).map(|_| ("app/files/zeros", file.as_slice())));
    assert!(refused(&good(&entries)).contains("larger than the maximum size"));
    let large = vec![0; (5 << 20) + 1];
    let bytes = good(&[("app/Chart.yaml", CHART.as_bytes()), ("app/files/large", &large)]);
    assert!(refused(&bytes).contains("larger than the maximum file size"));
    // A header that promises more than there is.
    let mut header = Header::new_gnu();
    header.set_path("app/Chart.yaml").unwrap();
    header.set_size(4 << 20);
    header.set_cksum();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(header.as_bytes()).unwrap();
    gzip.write_all(b"short").unwrap();
    assert!(load::from_archive(&gzip.finish().unwrap()).is_err());
}

#[test]
fn archives_in_archives_share_one_budget_and_end() {
    let mut inner = good(&[("app/Chart.yaml", CHART.as_bytes())]);
    for _ in 0..20 {
        inner = good(&[("app/Chart.yaml", CHART.as_bytes()), ("app/charts/app-1.0.0.tgz", &inner)]);
    }
    assert!(refused(&inner).contains("nested more than 16 levels"), "{}", refused(&inner));
    let many: Vec<String> = (0..60_000).map(|index| format!("app/f{index}")).collect();
    let mut entries = vec![("app/Chart.yaml", CHART.as_bytes())];
    entries.extend(many.iter().map(|name| (name.as_str(), b"".as_slice())));
    assert!(refused(&good(&entries)).contains("more than"));
}

#[test]
fn what_is_wrong_in_a_chart_is_named() {
    for (chart, message) in [
        ("name: a", "chart.metadata.version is required"),
        ("apiVersion: v2\nversion: 1.0.0", "chart.metadata.name is required"),
        ("apiVersion: v2\nname: ..\nversion: 1.0.0", "is not allowed"),
        ("apiVersion: v2\nname: a/b\nversion: 1.0.0", "\"a/b\" is invalid"),
        ("apiVersion: v2\nname: a\nversion: latest", "chart.metadata.version \"latest\" is invalid"),
        ("apiVersion: v2\nname: a\nversion: 1.0.0\ntype: x", "must be application or library"),
        ("apiVersion: v2\nname: [a]\nversion: 1.0.0", "field name must be a text, not list"),
        ("apiVersion: v2\nname: a\nversion: 1.0.0\nkeywords: x", "field keywords must be a list"),
        ("apiVersion: v2\nname: a\nversion: 1.0.0\nmaintainers: [null]", "without empty or null nodes"),
        (
            "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: x, alias: 'a b'}]",
            "disallowed characters",
        ),
        (
            "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies: [{name: x}, {name: x}]",
            "more than one dependency",
        ),
        ("a: [", "cannot load Chart.yaml: error converting YAML to JSON"),
        ("- a", "must be a map, not list"),
    ] {
        let text = refused(&good(&[("app/Chart.yaml", chart.as_bytes())]));
        assert!(text.contains(message), "{chart}: {text}");
    }
    assert!(refused(&good(&[("app/x", b"")])).contains("Chart.yaml file is missing"));
    assert!(refused(b"hello").contains("not a gzipped chart archive"));
    assert!(refused(&archive(&[])).contains("no files in chart archive"));
    let values = good(&[("app/Chart.yaml", CHART.as_bytes()), ("app/values.yaml", b"a: 1\n b: 2\n")]);
    assert!(refused(&values).contains("cannot load values.yaml"), "{}", refused(&values));
    let sub = good(&[("app/Chart.yaml", CHART.as_bytes()), ("app/charts/sub/x", b"")]);
    assert!(refused(&sub).contains("error unpacking subchart sub in app: Chart.yaml file is missing"));
    let tgz = good(&[("app/Chart.yaml", CHART.as_bytes()), ("app/charts/sub.tgz", b"no")]);
    assert!(refused(&tgz).contains("error unpacking subchart sub.tgz"));
}

#[test]
fn a_packed_chart_is_the_same_chart() {
    let files = vec![File::new("templates/a.yaml", b"x"), File::new("Chart.yaml", CHART.as_bytes())];
    let packed = load::pack("app", &files).unwrap();
    assert_eq!(packed, load::pack("app", &files).unwrap());
    let chart = load::from_archive(&packed).unwrap();
    assert_eq!((chart.name(), chart.templates[0].name.as_str()), ("app", "templates/a.yaml"));
    assert!(matches!(load::from_files(vec![]), Err(LoadError::NoMetadata)));
}

proptest! {
    #[test]
    fn no_bytes_make_the_archive_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = load::from_archive(&bytes);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&bytes).unwrap();
        let _ = load::from_archive(&gzip.finish().unwrap());
    }

    #[test]
    fn no_change_of_a_good_archive_makes_the_reader_panic(at in 0usize..1536, byte in any::<u8>()) {
        let mut builder = Builder::new(Vec::new());
        for (name, data) in [("app/Chart.yaml", CHART), ("app/templates/x.yaml", "x")] {
            let mut header = Header::new_gnu();
            header.set_size(data.len() as u64);
            builder.append_data(&mut header, name, data.as_bytes()).unwrap();
        }
        let mut tar = builder.into_inner().unwrap();
        tar[at] = byte;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&tar).unwrap();
        let _ = load::from_archive(&gzip.finish().unwrap());
    }
}
