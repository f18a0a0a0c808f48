//! NumPy arrays (NEP 1: format versions 1 to 3).

use crate::bytes::{Bytes, Fields};
use crate::draft::Draft;
use crate::{Error, Layout, NamedCoding, Number, SampleCoding};

/// Recordings that one array may hold; more rows than this are samples.
const MAX_ROWS: u64 = 64;

/// What the header says.
struct Header {
    item: NamedCoding,
    fortran_order: bool,
    shape: Vec<u64>,
    /// Offset of the first item.
    data: u64,
}

/// Opens an array: (N,) and (R, N) complex; (N, 2), (2, N), (R, N, 2) and (R, 2, N) real as I and
/// Q; other real arrays are asked about. R rows are R recordings.
pub(crate) fn open(bytes: &Bytes) -> Result<Vec<Draft>, Error> {
    let header = Header::read(bytes)?;
    let Some(view) = View::of(&header) else {
        let what = format!("An array of shape {:?}", header.shape);
        let advice = "save samples as (N,) or (R, N) complex, or (N, 2) real";
        return Err(bytes.unsupported(0, what, advice));
    };
    let left = bytes.len().saturating_sub(header.data);
    let rows = (0..view.rows).map(|row| {
        let layout = view.layout(&header, row, left);
        let missing = view.samples.saturating_sub(layout.sample_count());
        let mut draft = Draft::new(bytes.name, "NumPy", layout);
        if view.rows > 1 {
            draft.name = format!("{} (row {})", bytes.name, row + 1);
            let stem = crate::filename::facts(bytes.name).station;
            let name = format!("{stem} {}", row + 1);
            draft.station = Some(crate::Fact::new(name, crate::Origin::FileName));
        }
        if missing > 0 {
            draft.notices.push(format!("Truncated: {missing} samples are missing at the end"));
        }
        if draft.layout.q_channel.is_none() {
            draft.ask_iq = true;
            draft.notices.push("The array holds real numbers: this is not IQ".into());
        }
        draft
    });
    // Rows that a cut file does not reach are left out; one without any sample is an error later.
    let (mut drafts, empty): (Vec<_>, Vec<_>) = rows.partition(|draft| draft.layout.sample_count() > 0);
    if drafts.is_empty() {
        drafts.extend(empty.into_iter().take(1));
    }
    Ok(drafts)
}

impl Header {
    fn read(bytes: &Bytes) -> Result<Self, Error> {
        let start: [u8; 10] = bytes.array(0, "the NumPy header")?;
        let (text_at, text_bytes) = match start.get(6) {
            Some(1) => (10_u64, u64::from(start.u16_at(8))),
            Some(2 | 3) => {
                let start: [u8; 12] = bytes.array(0, "the NumPy header")?;
                (12, u64::from(start.u32_at(8)))
            }
            version => {
                let version = version.copied().unwrap_or(0);
                let what = format!("NumPy format version {version}");
                return Err(bytes.unsupported(6, what, "save it with numpy.save"));
            }
        };
        let text = bytes.vec(text_at, text_bytes.min(1 << 20), "the NumPy header")?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let missing = |key: &str| bytes.corrupt(text_at, format!("A NumPy header without {key}"));
        let descr = value(&text, "descr").ok_or_else(|| missing("'descr'"))?;
        let quoted = descr.trim_start().strip_prefix(['\'', '"']);
        let name = quoted.and_then(|rest| rest.split(['\'', '"']).next());
        let Some(item) = name.and_then(dtype) else {
            let shown: String = descr.chars().take(40).collect();
            let advice = "save samples as complex64, complex128 or (N, 2) numbers";
            return Err(bytes.unsupported(text_at, format!("NumPy dtype {shown}"), advice));
        };
        let order = value(&text, "fortran_order").ok_or_else(|| missing("'fortran_order'"))?;
        let shape = value(&text, "shape").and_then(shape).ok_or_else(|| missing("'shape'"))?;
        Ok(Self {
            item,
            fortran_order: order.trim_start().starts_with("True"),
            shape,
            data: text_at.saturating_add(text_bytes),
        })
    }
}

/// The text behind a key of the header's dictionary.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = ['\'', '"'].iter().find_map(|quote| {
        let quoted = format!("{quote}{key}{quote}");
        text.find(&quoted).map(|at| at + quoted.len())
    })?;
    text.get(at..)?.trim_start().strip_prefix(':').map(str::trim_start)
}

fn shape(text: &str) -> Option<Vec<u64>> {
    let inside = text.strip_prefix('(')?.split(')').next()?;
    let sizes = inside.split(',').map(str::trim).filter(|size| !size.is_empty());
    sizes.map(|size| size.trim_end_matches('L').parse().ok()).collect()
}

/// `<c8`: byte order, kind, bytes.
fn dtype(name: &str) -> Option<NamedCoding> {
    let big_endian = name.starts_with('>');
    let name = name.trim_start_matches(['<', '>', '=', '|']);
    let (kind, bytes) = (name.chars().next()?, name.get(1..)?.parse::<u8>().ok()?);
    let (number, complex) = match kind {
        'c' => (Number::Float, true),
        'f' => (Number::Float, false),
        'i' => (Number::Signed, false),
        'u' => (Number::Unsigned, false),
        _ => return None,
    };
    let width_bits = bytes.checked_mul(if complex { 4 } else { 8 })?;
    let coding = SampleCoding::new(number, width_bits);
    let coding = if big_endian { coding.big_endian() } else { coding };
    coding.is_readable().then_some(NamedCoding { coding, complex })
}

/// The array as rows of samples. Strides count numbers (a complex item is two).
struct View {
    rows: u64,
    samples: u64,
    row_stride: u64,
    sample_stride: u64,
    q_stride: Option<u64>,
}

impl View {
    fn of(header: &Header) -> Option<Self> {
        let complex = header.item.complex;
        let numbers = if complex { 2 } else { 1 };
        let strides = strides(&header.shape, header.fortran_order, numbers)?;
        // An axis of I and Q: the innermost of 2, else one before the samples.
        let axes: Vec<(u64, u64)> = header.shape.iter().copied().zip(strides.iter().copied()).collect();
        let (q_stride, axes) = match (complex, axes.as_slice()) {
            (true, axes) => (Some(1), axes.to_vec()),
            (false, [rest @ .., (2, q)]) if !rest.is_empty() => (Some(*q), rest.to_vec()),
            (false, [rest @ .., (2, q), samples]) => {
                let mut axes = rest.to_vec();
                axes.push(*samples);
                (Some(*q), axes)
            }
            (false, axes) => (None, axes.to_vec()),
        };
        let (rows, samples) = match axes.as_slice() {
            [samples] => ((1, 0), *samples),
            // The shorter axis counts the recordings.
            [rows, samples] if rows.0 <= MAX_ROWS => (*rows, *samples),
            [samples, rows] if rows.0 <= MAX_ROWS => (*rows, *samples),
            _ => return None,
        };
        Some(Self { rows: rows.0, samples: samples.0, row_stride: rows.1, sample_stride: samples.1, q_stride })
    }

    /// The layout of a row, as far as the file's `left` bytes of items reach.
    fn layout(&self, header: &Header, row: u64, left: u64) -> Layout {
        let bytes = header.item.coding.bytes();
        let stride = self.sample_stride.max(1);
        let frame = stride.saturating_mul(bytes);
        // Rows lie within each frame or one after the other.
        let at = row.saturating_mul(self.row_stride);
        let (start, i_channel) = if self.row_stride < stride { (0, at) } else { (at, 0) };
        let start = start.saturating_mul(bytes);
        let q_channel = self.q_stride.map(|q| i_channel.saturating_add(q));
        let q_frames = q_channel.unwrap_or(0) / stride;
        let room = (left.saturating_sub(start) / frame).saturating_sub(q_frames);
        let byte_len = room.min(self.samples).saturating_mul(frame);
        let channels = u32::try_from(stride).unwrap_or(u32::MAX);
        let offset = header.data.saturating_add(start);
        let mut layout = Layout::contiguous(offset, byte_len, header.item.coding, channels);
        (layout.i_channel, layout.q_channel) = (i_channel, q_channel);
        layout
    }
}

/// Strides in numbers; `None` where they overflow.
fn strides(shape: &[u64], fortran_order: bool, numbers: u64) -> Option<Vec<u64>> {
    let mut strides = vec![0; shape.len()];
    let mut stride = numbers;
    let axes: Vec<usize> = if fortran_order { (0..shape.len()).collect() } else { (0..shape.len()).rev().collect() };
    for axis in axes {
        *strides.get_mut(axis)? = stride;
        stride = stride.checked_mul(*shape.get(axis)?)?;
    }
    Some(strides)
}
