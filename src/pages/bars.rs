//! Plots of the figures: rows of bars, drawn by a template, without a script. What a plot shows stands in a table beside it, too.

use askama::Template;

/// Where the bars begin, and how far they reach, in the drawing's own units.
const LEFT: f64 = 200.0;
const WIDTH: f64 = 440.0;
/// How high a row is, and where the first one stands.
const ROW: f64 = 26.0;
const TOP: f64 = 18.0;
/// How high a bar is; of a row with several each its part.
const BAR: f64 = 16.0;
/// A bar of something is seen, however little it is.
const LEAST: f64 = 2.0;

/// A plot.
#[derive(Template)]
#[template(path = "bars.svg")]
pub struct Bars {
    label: String,
    rows: Vec<DrawnRow>,
    height: f64,
}

/// A row before it is drawn.
pub struct Row {
    pub name: String,
    pub bars: Vec<Bar>,
    /// What is written at its end.
    pub told: String,
}

/// A bar of a row.
pub struct Bar {
    /// The class of the style.
    pub class: &'static str,
    pub value: u64,
    /// What it is, for whoever points at it.
    pub title: String,
}

struct DrawnRow {
    name: String,
    y: f64,
    bars: Vec<DrawnBar>,
    told: String,
    told_x: f64,
}

struct DrawnBar {
    class: &'static str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    title: String,
}

impl Bars {
    /// Bars of a row under one another, all on one scale.
    pub fn beside(label: &str, rows: Vec<Row>) -> Self {
        let most = rows.iter().flat_map(|row| &row.bars).map(|bar| bar.value).max().unwrap_or(0);
        Self::draw(label, rows, |bars| {
            let height = BAR / number(bars.len().max(1) as u64);
            let mut y = 0.0;
            let place = |bar: &Bar| {
                let at = (0.0, y, scaled(bar.value, most), height);
                y += height;
                at
            };
            bars.iter().map(place).collect()
        })
    }

    /// Bars of a row behind one another, as parts of its whole.
    pub fn parts(label: &str, rows: Vec<Row>) -> Self {
        Self::draw(label, rows, |bars| {
            let whole = bars.iter().map(|bar| bar.value).sum();
            let mut x = 0.0;
            let place = |bar: &Bar| {
                let width = if whole == 0 { 0.0 } else { WIDTH * number(bar.value) / number(whole) };
                let at = (x, 0.0, width, BAR);
                x += width;
                at
            };
            bars.iter().map(place).collect()
        })
    }

    fn draw(label: &str, rows: Vec<Row>, place: impl Fn(&[Bar]) -> Vec<(f64, f64, f64, f64)>) -> Self {
        let drawn = rows.into_iter().zip(0_u32..).map(|(row, at)| {
            let y = TOP + ROW * f64::from(at);
            let places = place(&row.bars);
            let end = places.iter().map(|(x, _, width, _)| x + width).fold(0.0, f64::max);
            let bar = |(bar, (x, below, width, height)): (Bar, (f64, f64, f64, f64))| DrawnBar {
                class: bar.class,
                x: LEFT + x,
                y: y - BAR / 2.0 + below,
                width,
                height,
                title: bar.title,
            };
            let bars = row.bars.into_iter().zip(places).filter(|(bar, _)| bar.value > 0).map(bar).collect();
            DrawnRow { name: row.name, y, bars, told: row.told, told_x: LEFT + end + 6.0 }
        });
        let rows: Vec<DrawnRow> = drawn.collect();
        let height = rows.last().map_or(TOP, |row| row.y) + ROW / 2.0;
        Self { label: label.to_owned(), rows, height }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

fn scaled(value: u64, most: u64) -> f64 {
    if value == 0 { 0.0 } else { (WIDTH * number(value) / number(most.max(1))).max(LEAST) }
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[u64]) -> Row {
        let bar = |value: &u64| Bar { class: "one", value: *value, title: format!("<{value}>") };
        Row { name: "a & b".to_owned(), bars: values.iter().map(bar).collect(), told: "told".to_owned() }
    }

    #[test]
    fn a_bar_is_as_long_as_its_count_and_nothing_has_none() {
        let plot = Bars::beside("label", vec![row(&[100, 50]), row(&[0]), row(&[1])]);
        let widths: Vec<Vec<f64>> =
            plot.rows.iter().map(|row| row.bars.iter().map(|bar| bar.width).collect()).collect();
        assert_eq!(widths, [vec![WIDTH, WIDTH / 2.0], vec![], vec![WIDTH / 100.0]]);
        let svg = plot.to_string();
        assert!(svg.contains("&#60;100&#62;") && svg.contains("a &#38; b") && !svg.contains("<100>"), "{svg}");
    }

    #[test]
    fn parts_fill_the_whole_and_stand_behind_one_another() {
        let plot = Bars::parts("label", vec![row(&[3, 0, 1]), row(&[0, 0])]);
        let bars = &plot.rows[0].bars;
        assert!((bars.iter().map(|bar| bar.width).sum::<f64>() - WIDTH).abs() < 0.001);
        assert_eq!((bars[0].x, bars[1].x), (LEFT, LEFT + WIDTH * 0.75));
        assert!(plot.rows[1].bars.is_empty());
    }
}
