//! ELF binaries: what they run on, and a section more.
//!
//! ("Executable and Linking Format", System V ABI, chapters 4 and 5; 64 bits and little-endian only.)

use super::platform::Platform;

const HEADER: usize = 64;
const SECTION: usize = 64;
const SEGMENT: usize = 56;
/// `PT_INTERP`: the loader that the binary needs.
const INTERPRETER: u32 = 3;

/// A view of a binary.
struct Elf<'a>(&'a [u8]);

impl Elf<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..at.checked_add(N)?)?.try_into().ok()
    }
    fn half(&self, at: usize) -> Option<usize> {
        self.bytes(at).map(|bytes| usize::from(u16::from_le_bytes(bytes)))
    }
    fn word(&self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_le_bytes)
    }
    fn long(&self, at: usize) -> Option<usize> {
        usize::try_from(u64::from_le_bytes(self.bytes(at)?)).ok()
    }
}

/// Why a binary does not run on a platform in an image of its own; `None` when it does.
pub(super) fn unfit(binary: &[u8], platform: Platform) -> Option<String> {
    let elf = Elf(binary);
    if elf.bytes(0) != Some(*b"\x7fELF\x02\x01") {
        return Some("it is no 64-bit ELF file".to_owned());
    }
    let truncated = || Some("it is cut off".to_owned());
    let Some(machine) = elf.half(18) else { return truncated() };
    if machine != usize::from(platform.elf_machine()) {
        let is = Platform::ALL.iter().find(|other| usize::from(other.elf_machine()) == machine);
        return Some(match is {
            Some(other) => format!("it is one for {other}"),
            None => format!("it is for another processor (ELF machine {machine})"),
        });
    }
    let (Some(table), Some(count)) = (elf.long(32), elf.half(56)) else { return truncated() };
    for at in 0..count {
        match elf.word(table.saturating_add(at * SEGMENT)) {
            None => return truncated(),
            Some(INTERPRETER) => {
                return Some(
                    "it needs a loader and shared libraries, which an image from scratch has not".to_owned(),
                );
            }
            Some(_) => {}
        }
    }
    None
}

/// The content of a section.
pub(super) fn section<'a>(binary: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let elf = Elf(binary);
    let (table, count, names) = (elf.long(40)?, elf.half(60)?, elf.half(62)?);
    let names_at = elf.long(table.checked_add(names * SECTION + 24)?)?;
    (0..count).map(|at| table + at * SECTION).find_map(|header| {
        let start = names_at.checked_add(usize::try_from(elf.word(header)?).ok()?)?;
        let found = binary.get(start..)?.split(|byte| *byte == 0).next()?;
        let (offset, size) = (elf.long(header + 24)?, elf.long(header + 32)?);
        (found == name.as_bytes()).then(|| binary.get(offset..offset.checked_add(size)?))?
    })
}

/// The binary with one section more, which is not loaded: at its end follow the content, the names of all
/// sections and the table of them. `None` when the binary has no table to add to.
pub(super) fn with_section(binary: &[u8], name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let elf = Elf(binary);
    let (table, count, names) = (elf.long(40)?, elf.half(60)?, elf.half(62)?);
    if count == 0 || names >= count || elf.half(58)? != SECTION || binary.len() < HEADER {
        return None;
    }
    let mut headers = binary.get(table..table.checked_add(count * SECTION)?)?.to_vec();
    let of_names = names * SECTION;
    let (names_at, names_size) = (elf.long(table + of_names + 24)?, elf.long(table + of_names + 32)?);
    let mut all_names = binary.get(names_at..names_at.checked_add(names_size)?)?.to_vec();
    let name_at = u32::try_from(all_names.len()).ok()?;
    all_names.extend_from_slice(name.as_bytes());
    all_names.push(0);

    let mut out = binary.to_vec();
    let content_at = append(&mut out, content);
    let names_at = append(&mut out, &all_names);
    put(&mut headers, of_names + 24, &names_at.to_le_bytes());
    put(&mut headers, of_names + 32, &(all_names.len() as u64).to_le_bytes());
    let mut header = [0; SECTION];
    put(&mut header, 0, &name_at.to_le_bytes());
    // SHT_PROGBITS
    put(&mut header, 4, &1_u32.to_le_bytes());
    put(&mut header, 24, &content_at.to_le_bytes());
    put(&mut header, 32, &(content.len() as u64).to_le_bytes());
    put(&mut header, 48, &1_u64.to_le_bytes());
    headers.extend_from_slice(&header);
    let table_at = append(&mut out, &headers);
    put(&mut out, 40, &table_at.to_le_bytes());
    put(&mut out, 60, &u16::try_from(count + 1).ok()?.to_le_bytes());
    Some(out)
}

/// Puts content at the end, where a multiple of eight is, and says where.
fn append(out: &mut Vec<u8>, content: &[u8]) -> u64 {
    out.resize(out.len().next_multiple_of(8), 0);
    let at = out.len() as u64;
    out.extend_from_slice(content);
    at
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    #[test]
    fn a_section_more_is_found_and_the_binary_still_runs() {
        use std::os::unix::fs::PermissionsExt as _;
        let before = own();
        assert_eq!(section(&before, ".dep-v0"), None);
        let after = with_section(&before, ".dep-v0", b"content").unwrap();
        assert_eq!(section(&after, ".dep-v0"), Some(&b"content"[..]));
        assert_eq!(section(&after, ".text"), section(&before, ".text"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("again");
        std::fs::write(&path, &after).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let output = std::process::Command::new(&path).arg("--list").output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    #[test]
    fn what_is_no_binary_for_the_platform_is_told() {
        for (bytes, why) in
            [(&b""[..], "no 64-bit ELF"), (b"#!/bin/sh\n", "no 64-bit ELF"), (b"\x7fELF\x02\x01", "cut off")]
        {
            assert!(unfit(bytes, Platform::Amd64).unwrap().contains(why), "{bytes:?}");
        }
        let mut header = [0; HEADER];
        put(&mut header, 0, b"\x7fELF\x02\x01");
        put(&mut header, 18, &183_u16.to_le_bytes());
        assert_eq!(unfit(&header, Platform::Arm64), None);
        assert_eq!(unfit(&header, Platform::Amd64).unwrap(), "it is one for linux/arm64");
        put(&mut header, 56, &1_u16.to_le_bytes());
        assert!(unfit(&header, Platform::Arm64).is_none_or(|why| why.contains("loader")));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes: Vec<u8>) {
            let head = b"\x7fELF\x02\x01";
            let many = bytes.len().min(head.len());
            bytes[..many].copy_from_slice(&head[..many]);
            let _any = unfit(&bytes, Platform::Amd64);
            let _any = section(&bytes, ".dep-v0");
            let _any = with_section(&bytes, ".dep-v0", b"x");
        }
    }
}
