//! Prints how long samples in archives take:
//! `cargo run --release -p heimdall-recording --example archive_speed`.

use std::error::Error;
use std::io::{Cursor, Write};
use std::rc::Rc;
use std::time::Instant;

use heimdall_recording::{Content, InputFile, TypedFacts, open};
use num_complex::Complex32;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MIB: usize = 256;

fn main() -> Result<(), Box<dyn Error>> {
    // A sum of two dice, as noise in the lower half of 8 bits: compresses to about two thirds.
    let mut state = 1_u64;
    let mut die = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % 24
    };
    let samples: Vec<u8> = (0..MIB << 20).map(|_| (104 + die() + die()) as u8).collect();
    println!("{MIB} MiB of cu8     size, MiB     open, s     read all, s     200 reads anywhere, s");
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("x_433.92M_250k.cu8", SimpleFileOptions::default().compression_method(method))?;
        writer.write_all(&samples)?;
        let archive = Rc::new(writer.finish()?.into_inner());
        let begun = Instant::now();
        let file = InputFile { name: "set.zip".into(), source: archive.clone() };
        let contents = open(&[file], &TypedFacts::default())?;
        let open_s = begun.elapsed().as_secs_f64();
        let Some(Content::Recording(recording)) = contents.first() else { return Err("no recording".into()) };
        let stored = recording.samples(archive.as_ref());
        let mut block = vec![Complex32::ZERO; 1 << 16];
        let begun = Instant::now();
        let mut at = 0;
        while at < recording.sample_count {
            at += stored.read(at, &mut block)?.samples as u64;
        }
        let read_s = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        for number in 0..200_u64 {
            stored.read(number * 7_919_317 % recording.sample_count, &mut block[..1024])?;
        }
        let anywhere_s = begun.elapsed().as_secs_f64();
        let size_mib = archive.len() >> 20;
        println!("{:18}     {size_mib:9}     {open_s:7.2}     {read_s:11.2}     {anywhere_s:21.2}", method.to_string());
    }
    Ok(())
}
