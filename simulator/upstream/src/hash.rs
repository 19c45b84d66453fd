//! 64-bit FNV-1a: short names for header values, so that a recording groups attempts without keeping what they said.
//!
//! Not for tables that an adversary may fill; see <http://www.isthe.com/chongo/tech/comp/fnv/>.

/// A running FNV-1a hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Fnv {
    /// Of nothing yet.
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// With these bytes, and a mark that they end here.
    pub(crate) fn eat(self, bytes: &[u8]) -> Self {
        // 0xff stands in no UTF-8 text, so ["ab", "c"] and ["a", "bc"] differ.
        Self(Self::step(self.more(bytes).0, &0xff))
    }

    /// With these bytes, which go on where those before ended.
    pub(crate) fn more(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, Self::step))
    }

    fn step(hash: u64, byte: &u8) -> u64 {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    }

    /// The hash.
    pub(crate) const fn get(self) -> u64 {
        self.0
    }
}

/// The hash of one text.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    Fnv::new().eat(bytes).get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let ab_c = Fnv::new().eat(b"ab").eat(b"c").get();
        let a_bc = Fnv::new().eat(b"a").eat(b"bc").get();
        assert_ne!(ab_c, a_bc);
        assert_eq!(fnv(b"ab"), Fnv::new().eat(b"ab").get());
    }
}
