//! How far Go's runtime grows the array behind a slice (`growslice`, Go 1.22 and later).
//!
//! Templates can see it: `slice` reaches past the length of a list, up to the capacity of its array.

/// The sizes, in bytes, in which Go's allocator hands out small objects.
const SIZE_CLASSES: [usize; 67] = [
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416,
    448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200,
    3456, 4096, 4864, 5120, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568,
    14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672,
];
const LARGEST_CLASS: usize = 32_768;
const PAGE: usize = 8_192;
/// Objects with pointers that are larger than this carry a header of [`HEADER`] bytes.
const LARGEST_WITHOUT_HEADER: usize = 512;
const HEADER: usize = 8;
/// From this many items on, an array no longer doubles.
const THRESHOLD: usize = 256;

/// What an item takes in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes an item.
    pub(crate) size: usize,
    /// Whether it holds pointers.
    pub(crate) pointers: bool,
}

/// The capacity of a slice of capacity `old` after an `append` that makes it `len` long.
pub(crate) fn grown(layout: Layout, old: usize, len: usize) -> usize {
    if len <= old {
        return old;
    }
    let mut capacity = old;
    if len > old.saturating_mul(2) {
        capacity = len;
    } else if old < THRESHOLD {
        capacity = old * 2;
    } else {
        while capacity < len {
            capacity += (capacity + 3 * THRESHOLD) >> 2;
        }
    }
    allocated(capacity.saturating_mul(layout.size), layout.pointers) / layout.size
}

/// The capacity after appending item by item, from capacity `start` up to `len` items.
pub(crate) fn grown_one_by_one(layout: Layout, start: usize, len: usize) -> usize {
    let mut capacity = start;
    while capacity < len {
        capacity = grown(layout, capacity, capacity + 1);
    }
    capacity
}

/// The usable bytes of an allocation of so many.
fn allocated(size: usize, pointers: bool) -> usize {
    if size > LARGEST_CLASS - HEADER {
        return size.div_ceil(PAGE).saturating_mul(PAGE);
    }
    let header = if pointers && size > LARGEST_WITHOUT_HEADER { HEADER } else { 0 };
    let class = SIZE_CLASSES.iter().find(|class| **class >= size + header).copied();
    class.unwrap_or(LARGEST_CLASS) - header
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Layout = Layout { size: 16, pointers: true };
    const INT: Layout = Layout { size: 8, pointers: false };

    #[test]
    fn arrays_grow_as_in_go() {
        // Measured with `slice` in Helm.
        for (len, capacity) in
            [(1, 1), (3, 4), (9, 16), (17, 32), (33, 71), (100, 143), (257, 303), (600, 1023)]
        {
            assert_eq!(grown_one_by_one(ANY, 0, len), capacity, "{len}");
        }
        for (len, capacity) in [(33, 64), (65, 128), (257, 512), (600, 848)] {
            assert_eq!(grown_one_by_one(INT, 0, len), capacity, "{len}");
        }
        for (len, capacity) in [(2, 2), (4, 6), (20, 39), (64, 127), (130, 303), (300, 591), (600, 1023)] {
            assert_eq!(grown(ANY, len - 1, len), capacity, "{len}");
        }
        for (len, capacity) in [(3, 3), (17, 18), (33, 35), (40, 43), (130, 143), (600, 607)] {
            assert_eq!(grown(ANY, 1, len), capacity, "{len}");
        }
    }
}
