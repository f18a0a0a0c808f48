//! The weight of the page's first view: every file the browser fetches before the worker.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;

use super::Options;
use crate::paths;

/// What the first view may weigh, compressed.
const LIMIT_BYTES: usize = 450_000;

/// The files whose text names further files that the browser fetches with them.
const FOLLOWED: [&str; 3] = ["html", "css", "js"];

/// Named inside the app's module only, and fetched for the first view.
const FETCHED_BY_APP: &str = "countries-110m.json";

/// The worker and its module come after first paint.
const WORKER: &str = "worker";

/// Prints the table; an error when the sum is over the limit.
pub fn run(_: &Options) -> Result<()> {
    let dist = paths::dist();
    let files = paths::files_below(&dist)?;
    let mut first_view = first_view(&files, |name| {
        let path = dist.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    })?;

    first_view.extend(files.iter().filter(|name| name.ends_with(FETCHED_BY_APP)).cloned());

    println!("{:<48} {:>10} {:>10}", "file of the first view", "raw, B", "brotli, B");
    let (mut raw_total, mut brotli_total) = (0, 0);
    for name in first_view {
        let bytes = fs::read(dist.join(&name)).with_context(|| format!("cannot read {name}"))?;
        let compressed = brotli_len(&bytes)?;
        println!("{name:<48} {:>10} {compressed:>10}", bytes.len());
        raw_total += bytes.len();
        brotli_total += compressed;
    }
    println!("{:<48} {raw_total:>10} {brotli_total:>10}  of {LIMIT_BYTES} allowed", "total");
    if brotli_total > LIMIT_BYTES {
        bail!("the first view is {} B over its limit", brotli_total - LIMIT_BYTES);
    }
    Ok(())
}

/// index.html and, from it, each file that a followed file names. A file is taken to be named
/// when its own name occurs: the paths differ with the folder of the file that refers to it.
fn first_view(files: &BTreeSet<String>, read: impl Fn(&str) -> Result<String>) -> Result<BTreeSet<String>> {
    let mut view = BTreeSet::new();
    let mut unread = vec!["index.html".to_owned()];
    while let Some(name) = unread.pop() {
        if !view.insert(name.clone()) || !FOLLOWED.contains(&extension(&name)) {
            continue;
        }
        let text = read(&name)?;
        let named = |file: &&String| {
            let own_name = file.rsplit('/').next().unwrap_or(file);
            !own_name.contains(WORKER) && own_name != "index.html" && names(&text, own_name)
        };
        unread.extend(files.iter().filter(named).cloned());
    }
    Ok(view)
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether the text holds the file name as a whole, not as the end of a longer one.
fn names(text: &str, file: &str) -> bool {
    text.match_indices(file).any(|(at, _)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || "-_.".contains(c)))
    })
}

fn brotli_len(bytes: &[u8]) -> Result<usize> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
    let mut input = bytes;
    let mut output = Vec::new();
    brotli::BrotliCompress(&mut input, &mut output, &params).context("cannot compress")?;
    Ok(output.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_view_follows_html_css_and_js_but_not_the_worker() {
        let dist = [
            ("index.html", "<link href=\"/app-1.css\"><script>import '/app-1.js'; '/app-1_bg.wasm'</script>"),
            ("app-1.css", "url(img/logo.png)"),
            ("app-1.js", "import './snippets/x/glue.js'; new Worker('worker.js')"),
            ("app-1_bg.wasm", ""),
            ("img/logo.png", ""),
            ("snippets/x/glue.js", ""),
            ("worker.js", ""),
            ("worker_bg.wasm", ""),
            ("sample.wav", ""),
            ("my-app-1.js", ""),
        ];
        let files = dist.iter().map(|(name, _)| (*name).to_owned()).collect();
        let text = |name: &str| {
            dist.iter().find(|(file, _)| *file == name).map(|(_, text)| (*text).to_owned()).context("no such file")
        };
        let view = first_view(&files, text).unwrap();
        let expected = ["app-1.css", "app-1.js", "app-1_bg.wasm", "img/logo.png", "index.html", "snippets/x/glue.js"];
        assert_eq!(view.into_iter().collect::<Vec<_>>(), expected);
    }
}
