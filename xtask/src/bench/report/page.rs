//! What a report is made of: sections of sentences, tables and plots. Markdown and HTML show the
//! same page; what a plot draws stands in a table beside it, so Markdown leaves plots out.

use super::units;
use crate::bench::stats::Estimate;
use crate::bench::targets::Standing;

/// A whole report.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) title: String,
    /// The verdict, in a word or two.
    pub(crate) word: String,
    pub(crate) tone: Tone,
    /// The archive's folder name.
    pub(crate) archive: String,
    pub(crate) lead: Vec<String>,
    pub(crate) sections: Vec<Section>,
}

#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// A part of the section before it.
    pub(crate) nested: bool,
    /// HTML shows it only when asked to.
    pub(crate) folded: bool,
    pub(crate) blocks: Vec<Block>,
}

#[derive(Debug)]
pub(crate) enum Block {
    /// A sentence or more; what stands between backquotes is code.
    Text(String),
    Table(Table),
    Plot(Plot),
    /// Text in columns of its own.
    Verbatim(String),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) tone: Tone,
    /// An id or a command, to be shown as code.
    pub(crate) code: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Open,
}

#[derive(Clone, Debug)]
pub(crate) enum Plot {
    Ratios(Vec<RatioRow>),
    Launches(Vec<LaunchRow>),
    Chart(Chart),
}

/// A ratio of times with its spread: below 1 is faster.
#[derive(Clone, Debug)]
pub(crate) struct RatioRow {
    /// Rows of one group stand under its name.
    pub(crate) group: String,
    pub(crate) label: String,
    pub(crate) ratio: Estimate,
}

/// What the launches of one benchmark gave, in nanoseconds, and their median.
#[derive(Clone, Debug)]
pub(crate) struct LaunchRow {
    pub(crate) label: String,
    pub(crate) values: Vec<f64>,
    pub(crate) estimate: Estimate,
}

/// Lines over one axis.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// What is drawn, for the caption and for those who do not see it.
    pub(crate) name: String,
    /// Whether the vertical axis is logarithmic.
    pub(crate) log: bool,
    /// How a value of the vertical axis is written.
    pub(crate) unit: fn(f64) -> String,
    /// Places on the horizontal axis, from 0 to 1, and what stands below them.
    pub(crate) ticks: Vec<(f64, String)>,
    pub(crate) series: Vec<Series>,
}

#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// Horizontal place, from 0 to 1, and value.
    pub(crate) points: Vec<(f64, f64)>,
}

/// How a target stands, in colour.
pub(crate) fn of_standing(standing: Standing) -> Tone {
    match standing {
        Standing::Met => Tone::Good,
        Standing::Missed => Tone::Bad,
        Standing::Undecidable => Tone::Open,
        Standing::NotMeasured => Tone::Plain,
    }
}

impl Page {
    /// The first title of the page.
    pub(crate) fn heading(&self) -> String {
        if self.word.is_empty() {
            return self.title.clone();
        }
        format!("{}: {}", self.title, self.word)
    }
}

impl Tone {
    /// A colour only where the whole spread of a ratio of times lies on one side.
    pub(crate) fn of(ratio: &Estimate) -> Self {
        if ratio.high < 1.0 {
            Self::Good
        } else if ratio.low >= 1.0 {
            Self::Bad
        } else {
            Self::Open
        }
    }

    /// What that colour says of a ratio of times, in words.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "faster",
            Self::Bad => "slower",
            Self::Open => "no difference shown",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
        }
    }
}

impl Cell {
    pub(crate) fn code(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain, code: true }
    }

    pub(crate) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, code: false }
    }

    /// A value, or a dash where there is none.
    pub(crate) fn or_dash(value: Option<impl Into<String>>) -> Self {
        value.map_or_else(|| "-".into(), |value| Self::toned(value, Tone::Plain))
    }

    /// The median of a ratio, coloured where its spread allows it.
    pub(crate) fn ratio(ratio: Option<&Estimate>) -> Self {
        ratio.map_or_else(
            || "-".into(),
            |ratio| Self::toned(units::ratio(ratio.median), Tone::of(ratio)),
        )
    }
}

impl Table {
    /// Whether a column is one of figures, which stand right, so that their digits line up. Two
    /// columns are facts: prose.
    pub(crate) fn is_figure(&self, column: usize) -> bool {
        let is_figure = |cell: &Cell| {
            let digits = cell.text.trim_start_matches(['+', '-', '~']);
            !cell.code && (digits.is_empty() || digits.starts_with(|c: char| c.is_ascii_digit()))
        };
        let mut cells = self.rows.iter().filter_map(|row| row.get(column));
        let any = self.rows.iter().filter_map(|row| row.get(column)).any(|cell| {
            cell.text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-')
        });
        self.head.len() > 2 && any && cells.all(is_figure)
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

impl Section {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), nested: false, folded: false, blocks: Vec::new() }
    }

    pub(crate) fn text(mut self, sentence: impl Into<String>) -> Self {
        self.blocks.push(Block::Text(sentence.into()));
        self
    }

    /// A table without rows is left out.
    pub(crate) fn table<T: Into<String>>(
        mut self,
        head: impl IntoIterator<Item = T>,
        rows: Vec<Vec<Cell>>,
    ) -> Self {
        if !rows.is_empty() {
            let head = head.into_iter().map(Into::into).collect();
            self.blocks.push(Block::Table(Table { head, rows }));
        }
        self
    }

    /// A plot without data is left out.
    pub(crate) fn plot(mut self, plot: Plot) -> Self {
        let empty = match &plot {
            Plot::Ratios(rows) => rows.is_empty(),
            Plot::Launches(rows) => rows.is_empty(),
            Plot::Chart(chart) => chart.series.iter().all(|series| series.points.is_empty()),
        };
        if !empty {
            self.blocks.push(Block::Plot(plot));
        }
        self
    }

    pub(crate) fn verbatim(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Verbatim(text.into()));
        self
    }

    pub(crate) fn nested(mut self) -> Self {
        self.nested = true;
        self
    }

    pub(crate) fn folded(mut self) -> Self {
        self.folded = true;
        self
    }

    /// One sentence where there is nothing else: what would give the section something to show.
    pub(crate) fn or_else(self, sentence: impl Into<String>) -> Self {
        if self.is_empty() { self.text(sentence) } else { self }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}
