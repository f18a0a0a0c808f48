//! How one number of a sample is coded, and the names under which users know the codings.

use serde::{Deserialize, Serialize};

/// Kind of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// Two's complement.
    Signed,
    /// Offset binary; zero lies in the middle (127.5 for 8 bits).
    Unsigned,
    /// IEEE 754.
    Float,
}

/// Coding of one number (an I, a Q, or a real sample).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleCoding {
    /// Kind of number.
    pub number: Number,
    /// Width in bits: 8, 16, 24, 32 or 64.
    pub width_bits: u8,
    /// Most significant byte first.
    pub big_endian: bool,
}

impl SampleCoding {
    /// RTL-SDR's bytes.
    pub const U8: Self = Self::new(Number::Unsigned, 8);
    /// HackRF's bytes.
    pub const I8: Self = Self::new(Number::Signed, 8);
    /// 16-bit integers, little endian.
    pub const I16: Self = Self::new(Number::Signed, 16);
    /// 24-bit integers, little endian.
    pub const I24: Self = Self::new(Number::Signed, 24);
    /// 32-bit integers, little endian.
    pub const I32: Self = Self::new(Number::Signed, 32);
    /// 32-bit floats, little endian.
    pub const F32: Self = Self::new(Number::Float, 32);
    /// 64-bit floats, little endian.
    pub const F64: Self = Self::new(Number::Float, 64);

    /// A little-endian coding.
    #[must_use]
    pub const fn new(number: Number, width_bits: u8) -> Self {
        Self { number, width_bits, big_endian: false }
    }

    /// The same numbers, most significant byte first.
    #[must_use]
    pub const fn big_endian(self) -> Self {
        Self { big_endian: self.width_bits > 8, ..self }
    }

    /// Bytes of one number.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.width_bits as u64 / 8
    }

    /// True for the widths that [`crate::Recording::read`] decodes.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        match self.number {
            Number::Float => matches!(self.width_bits, 32 | 64),
            Number::Signed | Number::Unsigned => matches!(self.width_bits, 8 | 16 | 24 | 32 | 64),
        }
    }

    /// The name of complex samples of this coding, as [`NamedCoding::parse`] reads it.
    #[must_use]
    pub fn complex_name(self) -> String {
        let letter = match self.number {
            Number::Signed => 's',
            Number::Unsigned => 'u',
            Number::Float => 'f',
        };
        let order = if self.big_endian { "_be" } else { "" };
        format!("c{letter}{}{order}", self.width_bits)
    }
}

/// A coding by name, and whether the name says complex samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedCoding {
    /// Coding of one number.
    pub coding: SampleCoding,
    /// I and Q in turn; otherwise real samples.
    pub complex: bool,
}

/// Names in use for complex little-endian samples beside the regular ones: GNU Radio, UHD, gqrx,
/// SatDump, rtl_433, numpy.
const COMPLEX_NAMES: &[(&str, SampleCoding)] = &[
    ("u8", SampleCoding::U8),
    ("s8", SampleCoding::I8),
    ("s16", SampleCoding::I16),
    ("sc8", SampleCoding::I8),
    ("sc16", SampleCoding::I16),
    ("s32", SampleCoding::I32),
    ("f32", SampleCoding::F32),
    ("f64", SampleCoding::F64),
    ("cfile", SampleCoding::F32),
    ("fc32", SampleCoding::F32),
    ("fc64", SampleCoding::F64),
    ("c64", SampleCoding::F32),
    ("complex64", SampleCoding::F32),
    ("c128", SampleCoding::F64),
    ("complex128", SampleCoding::F64),
];

impl NamedCoding {
    /// Reads a coding's name: a file extension (`cu8`, `sc16`, `cfile`), a SigMF datatype
    /// (`ci16_le`, `rf32_be`; SigMF 1.2, "Dataset Format"), or either with `_be`.
    /// Bare names without `c` or `r` (`s16`, `f32`) are complex, as SDR programs use them.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim().trim_start_matches('.').to_ascii_lowercase();
        let (stem, big_endian) = match (name.strip_suffix("_be"), name.strip_suffix("_le")) {
            (Some(stem), _) => (stem, true),
            (_, Some(stem)) => (stem, false),
            _ => (name.as_str(), false),
        };
        let known = COMPLEX_NAMES.iter().find(|(known, _)| *known == stem);
        let (coding, complex) = match known {
            Some((_, coding)) => (*coding, true),
            None => regular(stem)?,
        };
        let coding = if big_endian { coding.big_endian() } else { coding };
        Some(Self { coding, complex })
    }
}

/// `c` or `r`, then `f`, `i`, `s` or `u`, then the width.
fn regular(stem: &str) -> Option<(SampleCoding, bool)> {
    let mut letters = stem.chars();
    let complex = match letters.next()? {
        'c' => true,
        'r' => false,
        _ => return None,
    };
    let number = match letters.next()? {
        'f' => Number::Float,
        'i' | 's' => Number::Signed,
        'u' => Number::Unsigned,
        _ => return None,
    };
    let coding = SampleCoding::new(number, letters.as_str().parse().ok()?);
    coding.is_readable().then_some((coding, complex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sigmf_and_of_sdr_programs_are_read() {
        let cases = [
            ("cu8", SampleCoding::U8, true),
            ("ci16_le", SampleCoding::I16, true),
            ("ri16_le", SampleCoding::I16, false),
            ("cf32_be", SampleCoding::F32.big_endian(), true),
            (".CFILE", SampleCoding::F32, true),
            ("sc16", SampleCoding::I16, true),
            ("ci8", SampleCoding::I8, true),
            ("cu32_be", SampleCoding::new(Number::Unsigned, 32).big_endian(), true),
        ];
        for (name, coding, complex) in cases {
            assert_eq!(NamedCoding::parse(name), Some(NamedCoding { coding, complex }), "{name}");
        }
        for name in ["", "c", "cf16", "cx32", "iq", "c²", "cf"] {
            assert_eq!(NamedCoding::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_coding_is_found_again_by_its_own_name() {
        for coding in [SampleCoding::U8, SampleCoding::I24, SampleCoding::F64.big_endian()] {
            let named = NamedCoding::parse(&coding.complex_name());
            assert_eq!(named, Some(NamedCoding { coding, complex: true }));
        }
    }
}
