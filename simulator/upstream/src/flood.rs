//! Header lines nobody asked for, as many bytes of them as a scenario wants.
//!
//! All lines are slices of one static block, so that a thousand floods of megabytes at once cost no memory. A line has
//! a kibibyte: callers bound the bytes of a head, the bytes of a line or the number of lines, and all three are met.

use bytes::Bytes;

/// Bytes of one line, with its end.
const LINE: usize = 1024;
/// Lines of one block.
const LINES: usize = 64;
const NAME: &[u8] = b"x-upstorm-flood: ";
const END: &[u8] = b"\r\n";
/// A line with one byte of value.
const SHORTEST: u64 = (NAME.len() + 1 + END.len()) as u64;

static BLOCK: [u8; LINE * LINES] = block();

const fn block() -> [u8; LINE * LINES] {
    let mut block = [b'.'; LINE * LINES];
    let mut at = 0;
    while at < block.len() {
        let column = at % LINE;
        if column < NAME.len() {
            block[at] = NAME[column];
        } else if column >= LINE - END.len() {
            block[at] = END[column + END.len() - LINE];
        }
        at += 1;
    }
    block
}

/// Header lines of so many bytes together; of the shortest line where that is more.
pub(crate) fn flood(size: u64) -> impl Iterator<Item = Bytes> {
    let line = LINE as u64;
    let (mut full, mut rest) = (size / line, size % line);
    if rest < SHORTEST && (rest > 0 || full == 0) {
        // Too short for a line: the last one is so much longer.
        rest = if full > 0 { rest + line } else { SHORTEST };
        full = full.saturating_sub(1);
    }
    let blocks = (0..full).step_by(LINES).map(move |first| {
        let lines = usize::try_from(full - first).unwrap_or(LINES).min(LINES);
        Bytes::from_static(&BLOCK[..lines * LINE])
    });
    blocks.chain((rest > 0).then(|| last(rest)))
}

/// One line of so many bytes, at least the shortest.
fn last(size: u64) -> Bytes {
    let value = usize::try_from(size.saturating_sub(SHORTEST - 1)).unwrap_or(LINE);
    Bytes::from([NAME, ".".repeat(value).as_bytes(), END].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(size: u64) -> String {
        String::from_utf8(flood(size).flatten().collect()).unwrap()
    }

    #[test]
    fn a_flood_is_as_large_as_it_is_told_and_made_of_headers() {
        for size in [20, 21, 1023, 1024, 1025, 1043, 1044, 2048, 65_536, 65_537, 70_000, 1 << 20] {
            let sent = sent(size);
            assert_eq!(sent.len() as u64, size);
            assert!(sent.ends_with("\r\n"));
            for line in sent.split_terminator("\r\n") {
                let (name, value) = line.split_once(": ").unwrap();
                assert!(name == "x-upstorm-flood" && !value.is_empty() && line.len() < 2048, "{size}");
            }
        }
        assert_eq!(sent(3).len() as u64, SHORTEST);
    }

    #[test]
    fn a_large_one_is_made_of_few_pieces() {
        assert_eq!(flood(16 << 20).count(), 256);
    }
}
