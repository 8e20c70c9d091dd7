//! Which media type a file has, by its extension.

use std::path::Path;

/// What is sent where nothing is known (RFC 9110 section 8.3: a recipient must not be told more
/// than that).
pub(crate) const DEFAULT: &str = "application/octet-stream";

/// The longest extension of the table.
const MAX_EXTENSION_BYTES: usize = 11;

/// The value of Content-Type for a file of this name. Text is UTF-8. Allocates nothing.
pub(crate) fn of(path: &Path) -> &'static str {
    path.extension()
        .and_then(|extension| by_extension(extension.as_encoded_bytes()))
        .unwrap_or(DEFAULT)
}

/// The media type of an extension, without its full stop and without regard to ASCII case.
fn by_extension(extension: &[u8]) -> Option<&'static str> {
    let mut lower = [0; MAX_EXTENSION_BYTES];
    let lower = lower.get_mut(..extension.len())?;
    lower.copy_from_slice(extension);
    lower.make_ascii_lowercase();
    let at = TABLE.binary_search_by(|(name, _)| name.as_bytes().cmp(lower)).ok()?;
    TABLE.get(at).map(|&(_, media_type)| media_type)
}

/// Sorted by extension. The names are IANA's; a few that have never been registered are those that
/// browsers know. JSON and XML say themselves how they are encoded (RFC 8259 section 8.1, RFC 7303
/// section 3), text does not.
const TABLE: &[(&str, &str)] = &[
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("apk", "application/vnd.android.package-archive"),
    ("apng", "image/apng"),
    ("atom", "application/atom+xml"),
    ("avi", "video/vnd.avi"),
    ("avif", "image/avif"),
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("bz2", "application/x-bzip2"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("conf", "text/plain; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("eot", "application/vnd.ms-fontobject"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("geojson", "application/geo+json"),
    ("gif", "image/gif"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar; charset=utf-8"),
    ("jar", "application/java-archive"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("jxl", "image/jxl"),
    ("log", "text/plain; charset=utf-8"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4s", "video/iso.segment"),
    ("m4v", "video/mp4"),
    ("map", "application/json"),
    ("markdown", "text/markdown; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("mid", "audio/midi"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mkv", "video/matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpd", "application/dash+xml"),
    ("mpeg", "video/mpeg"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("rar", "application/vnd.rar"),
    ("rss", "application/rss+xml"),
    ("rtf", "application/rtf"),
    ("sh", "application/x-sh"),
    ("sql", "application/sql"),
    ("svg", "image/svg+xml"),
    ("tar", "application/x-tar"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("toml", "application/toml"),
    ("ts", "video/mp2t"),
    ("tsv", "text/tab-separated-values; charset=utf-8"),
    ("ttc", "font/collection"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/vnd.wave"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("xz", "application/x-xz"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_without_doubles() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_line_is_found_and_well_formed() {
        let mut longest = 0;
        for (extension, media_type) in TABLE {
            assert_eq!(by_extension(extension.as_bytes()), Some(*media_type));
            assert_eq!(by_extension(extension.to_uppercase().as_bytes()), Some(*media_type));
            assert!(extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            let (kind, subtype) = media_type.split_once('/').unwrap();
            assert!(
                ["application", "audio", "font", "image", "model", "text", "video"].contains(&kind)
            );
            assert_eq!(kind == "text", subtype.ends_with("; charset=utf-8"), "{media_type}");
            longest = longest.max(extension.len());
        }
        assert_eq!(longest, MAX_EXTENSION_BYTES);
    }

    #[test]
    fn names() {
        for (name, media_type) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a/b/app.min.JS", "text/javascript; charset=utf-8"),
            ("photo.JPEG", "image/jpeg"),
            ("font.woff2", "font/woff2"),
            ("archive.tar.gz", "application/gzip"),
            ("README", DEFAULT),
            (".html", DEFAULT),
            ("a.", DEFAULT),
            ("a.unknown", DEFAULT),
            ("a.an-extension-that-is-far-too-long-for-it", DEFAULT),
            ("a.html/b", DEFAULT),
            ("é.é", DEFAULT),
            ("", DEFAULT),
        ] {
            assert_eq!(of(Path::new(name)), media_type, "{name}");
        }
    }
}
