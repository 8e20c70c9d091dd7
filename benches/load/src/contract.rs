//! What every server under test has in common: its arguments, how it says that it is ready, and
//! what it answers. The peers' workspace includes this file, so it needs serde and nothing else.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// The paths.
pub const PLAINTEXT_PATH: &str = "/plaintext";
/// `GET` answers a [`Message`]; `POST` takes an [`Order`] and answers a [`Receipt`].
pub const JSON_PATH: &str = "/json";
/// Ten kibibytes of text.
pub const LONG_PATH: &str = "/10k";

/// The media types, in full, so that nobody sends fewer octets.
pub const TEXT: &str = "text/plain; charset=utf-8";
/// As above.
pub const JSON: &str = "application/json";

/// The answer to [`PLAINTEXT_PATH`].
pub const PLAINTEXT: &str = "Hello, World!";
/// How long an order's content may be; the one that is sent has half of it.
pub const MAX_ORDER_BYTES: usize = 2048;

/// The answer to [`LONG_PATH`].
pub static LONG: LazyLock<String> = LazyLock::new(|| {
    let line = "The quick brown fox jumps over the lazy dog, again and again and so on.";
    let mut text = String::with_capacity(10 << 10);
    while text.len() < 10 << 10 {
        let left = (10 << 10) - text.len() - 1;
        text.push_str(line.get(..left.min(line.len())).unwrap_or_default());
        text.push('\n');
    }
    text
});

/// The answer to `GET` [`JSON_PATH`], serialised anew each time.
#[derive(Debug, Serialize)]
pub struct Message {
    /// What there is to say.
    pub message: &'static str,
}

/// The message that is sent.
pub const MESSAGE: Message = Message { message: PLAINTEXT };

/// What is posted. Owned, since most frameworks' extractors want that.
#[derive(Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are an example's")]
pub struct Order {
    pub id: u64,
    pub customer: String,
    pub express: bool,
    pub items: Vec<Item>,
    pub note: String,
}

/// A line of an order.
#[derive(Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are an example's")]
pub struct Item {
    pub name: String,
    pub quantity: u64,
    pub cents: u64,
}

/// The answer to an order.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the fields are an example's")]
pub struct Receipt {
    pub id: u64,
    pub items: usize,
    pub cents: u64,
}

impl Order {
    /// The order that is posted.
    pub fn example() -> Self {
        let item = |index: u64| Item {
            name: format!("a thing of the kind {index}"),
            quantity: index + 1,
            cents: 1999 + 100 * index,
        };
        let mut order = Self {
            id: 42,
            customer: "Ada Lovelace".into(),
            express: true,
            items: (0..10).map(item).collect(),
            note: String::new(),
        };
        // One kibibyte in all, whatever the fields take.
        let length = serde_json::to_string(&order).map_or(0, |text| text.len());
        order.note = "Please ring twice. ".chars().cycle().take(1024 - length).collect();
        order
    }

    /// What the server answers.
    pub fn receipt(&self) -> Receipt {
        let cents = self.items.iter().map(|item| item.quantity * item.cents).sum();
        Receipt { id: self.id, items: self.items.len(), cents }
    }
}

/// What a server is told on its command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Of the loopback; 0 lets the system choose.
    pub port: u16,
    /// Threads that serve.
    pub workers: usize,
    /// What is for this server alone.
    pub rest: Vec<String>,
}

impl Arguments {
    /// Those of this process; a wrong one ends it.
    pub fn of_process() -> Self {
        Self::parse(std::env::args().skip(1)).unwrap_or_else(|error| {
            eprintln!("error: {error}");
            std::process::exit(2)
        })
    }

    /// Reads `--port N`, `--workers N`, and leaves the rest.
    ///
    /// # Errors
    ///
    /// What is no number, or no number above zero for the workers.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { port: 0, workers: 1, rest: Vec::new() };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut number = || {
                let value = words.next().unwrap_or_default();
                value.parse::<u16>().map_err(|error| format!("{word} {value:?}: {error}"))
            };
            match word.as_str() {
                "--port" => arguments.port = number()?,
                "--workers" => arguments.workers = usize::from(number()?.max(1)),
                _ => arguments.rest.push(word),
            }
        }
        Ok(arguments)
    }

    /// Whether this word stands in the rest.
    pub fn has(&self, word: &str) -> bool {
        self.rest.iter().any(|given| given == word)
    }

    /// The word after this one, in the rest.
    pub fn value(&self, word: &str) -> Option<&str> {
        let at = self.rest.iter().position(|given| given == word)?;
        self.rest.get(at + 1).map(String::as_str)
    }

    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// A listener there, for servers that take one.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn listener(&self) -> std::io::Result<TcpListener> {
        TcpListener::bind(self.address())
    }
}

/// Says that the server is ready, and where.
///
/// # Errors
///
/// Nobody listens on standard output any more.
pub fn announce(address: SocketAddr) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "listening {address}")?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_have_the_sizes_that_their_names_say() {
        assert_eq!(PLAINTEXT.len(), 13);
        assert_eq!(LONG.len(), 10 << 10);
        assert_eq!(serde_json::to_string(&Order::example()).unwrap().len(), 1024);
        assert_eq!(serde_json::to_string(&MESSAGE).unwrap(), r#"{"message":"Hello, World!"}"#);
        let receipt = serde_json::to_string(&Order::example().receipt()).unwrap();
        assert_eq!(receipt, r#"{"id":42,"items":10,"cents":142945}"#);
    }

    #[test]
    fn arguments() {
        let parse = |text: &str| Arguments::parse(text.split_whitespace().map(str::to_owned));
        let arguments = parse("--port 80 --reply json --workers 2 --flush").unwrap();
        assert_eq!((arguments.port, arguments.workers), (80, 2));
        assert_eq!((arguments.value("--reply"), arguments.has("--flush")), (Some("json"), true));
        assert_eq!(parse("").unwrap().workers, 1);
        assert!(parse("--port x").is_err() && parse("--port").is_err());
    }
}
