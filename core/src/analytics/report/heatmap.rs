//! Heatmaps: where on one page visitors clicked, raged, moved and looked, on one device class.
//!
//! A click belongs to the element that it hit, and is placed in it by shares of its width and
//! height, so that a layout that differs from visit to visit does not smear it. A click
//! without a named element is placed on the page instead: its column by the window's width,
//! its row in px from the top of the page, so that how far anybody scrolled does not move it
//! (reference §5.3 and §11.4, 30). What cannot be placed at all is counted.
//!
//! Moves are seconds that the pointer was in a cell; attention is for how long each row of
//! the page was in the window of somebody active.

use super::keys::{Pairs, index};
use super::spread::permille;
use super::tally::{Tallied, Tally};
use super::{Behind, Device, Example, Examples, Limit, Who};
use crate::analytics::route::{Routes, is_page};
use crate::analytics::session::{BAND, COLUMNS, Click, ClickKind, Names, Session, Topic, Visit};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// An element is divided into so many columns and rows.
pub const RASTER: u32 = 20;

/// Cells of clicks on the page are so high, px. They are as wide as those of moves, a
/// [`COLUMNS`]th of the window.
pub const CLICK_BAND: u32 = 25;

/// What is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// All clicks.
    #[default]
    Click,
    /// Clicks of incidents of rage.
    Rage,
    /// Clicks that nothing followed.
    Dead,
    /// Where the pointer was.
    Move,
    /// What was in the window.
    Attention,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Click,
        Self::Rage,
        Self::Dead,
        Self::Move,
        Self::Attention,
    ];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Click => "click",
            Self::Rage => "rage",
            Self::Dead => "dead",
            Self::Move => "move",
            Self::Attention => "attention",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn takes(self, click: ClickKind) -> bool {
        match self {
            Self::Click => true,
            Self::Rage => matches!(click, ClickKind::RageFirst | ClickKind::Rage),
            Self::Dead => matches!(click, ClickKind::Dead | ClickKind::DeadWithError),
            Self::Move | Self::Attention => false,
        }
    }
}

/// What of which page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The page, see [`is_page`].
    pub page: String,
    /// What is drawn.
    pub kind: Kind,
    /// On which devices.
    pub on: Device,
    /// So many elements.
    pub top: Limit,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    asked: Asked,
    sessions: u64,
    /// Sessions that saw the page, by device class.
    devices: BTreeMap<Device, u64>,
    /// By the width of windows, px.
    widths: BTreeMap<u32, Width>,
    /// How deep anybody saw, px.
    height: u32,
    targets: Tally,
    /// Cells of elements: by target, row times [`RASTER`] plus column.
    points: Pairs<u64>,
    /// Cells of the page: by row and column.
    cells: Pairs<u64>,
    /// What cannot be placed.
    lost: u64,
    /// Which texts of the sheet are addresses of the page.
    #[serde(skip)]
    is_asked: Vec<bool>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Width {
    visits: u64,
    examples: Examples,
}

/// A page as it was used on one device class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// Sessions that saw the page, by device class; classes without any are left out.
    pub devices: Vec<(Device, u64)>,
    /// The most frequent width of the window, px; 0 if none was told.
    pub width: u32,
    /// A visit with that width, to draw over.
    pub representative: Option<Example>,
    /// How high the page is taken to be: as deep as anybody saw, px.
    pub height: u32,
    /// All clicks; seconds of moves; ms of attention.
    pub total: u64,
    /// Of them, in elements.
    pub anchored: u64,
    /// Of them, placed on the page.
    pub placed: u64,
    /// Of them, those that cannot be placed: the window's width was not told.
    pub lost: u64,
    /// Elements, the most clicked first, as far as they were asked for.
    pub targets: Vec<Element>,
    /// How many other elements there are.
    pub others: u64,
    /// Clicks on them.
    pub others_clicks: u64,
    /// Cells of the page, by row and column.
    pub cells: Vec<Cell>,
    /// How high a row of cells is, px.
    pub band: u32,
}

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// As the recorder's click capture names it.
    pub target: String,
    /// Clicks on it.
    pub clicks: u64,
    /// Of all clicks, thousandths.
    pub share: Option<u32>,
    /// Sessions that clicked it.
    pub sessions: u64,
    /// Where: cells of a [`RASTER`] over the element.
    pub points: Vec<Cell>,
    /// Sessions that clicked it.
    pub behind: Behind,
}

/// How much there was in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// From the top.
    pub row: u32,
    /// From the left; 0 of attention, which has rows only.
    pub column: u32,
    /// Clicks, seconds or ms.
    pub n: u64,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, asked: Asked) -> Self {
        Self {
            routes,
            asked,
            ..Self::default()
        }
    }

    fn is_here(&self, visit: &Visit) -> bool {
        let here = self.is_asked.get(index(visit.url));
        here.copied().unwrap_or_default()
    }

    fn click(&mut self, who: &Who<'_>, visit: &Visit, click: &Click) {
        let targets = &mut self.targets;
        let place = click
            .target
            .and_then(|name| targets.add(name, who, click.at, visit.tab));
        let Some(place) = place else {
            return self.page_click(visit, click);
        };
        // The far edge belongs to the last cell.
        let cell = |share: u32| share.min(9_999) * RASTER / 10_000;
        let (x, y) = click.share;
        *self.points.at(place, cell(y) * RASTER + cell(x)) += 1;
    }

    /// A click without a named element.
    fn page_click(&mut self, visit: &Visit, click: &Click) {
        let (x, y) = click.place;
        let column = u64::from(x) * u64::from(COLUMNS);
        match column.checked_div(visit.viewport.0.into()) {
            Some(column) => {
                let column = u32::try_from(column).unwrap_or(COLUMNS).min(COLUMNS - 1);
                *self.cells.at(y / CLICK_BAND, column) += 1;
            }
            None => self.lost += 1,
        }
    }

    fn visit(&mut self, who: &Who<'_>, visit: &Visit) {
        self.height = self.height.max(visit.deepest);
        if visit.viewport.0 > 0 {
            let width = self.widths.entry(visit.viewport.0).or_default();
            width.visits += 1;
            width.examples.add(who, visit.at, visit.tab);
        }
    }

    /// Moves and attention.
    fn looked(&mut self, session: &Session) {
        for seen in &session.attention {
            let visit = session.visits.get(index(seen.visit));
            if !visit.is_some_and(|visit| self.is_here(visit)) {
                continue;
            }
            if self.asked.kind == Kind::Move {
                for (row, column, seconds) in &seen.moves {
                    *self.cells.at(*row, *column) += u64::from(*seconds);
                }
            } else {
                for (row, ms) in &seen.seen {
                    *self.cells.at(*row, 0) += u64::from(*ms);
                }
            }
        }
    }

    fn element(&self, target: Tallied, total: u64) -> Element {
        let points = self.points.of(target.place).map(|(cell, n)| Cell {
            row: cell / RASTER,
            column: cell % RASTER,
            n: *n,
        });
        Element {
            target: target.text,
            clicks: target.times,
            share: permille(target.times, total),
            sessions: target.sessions,
            points: points.collect(),
            behind: Behind::of_page(&self.asked.page, &target.examples),
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        match self.asked.kind {
            Kind::Click | Kind::Rage | Kind::Dead => &[Topic::Pages, Topic::Clicks],
            Kind::Move | Kind::Attention => &[Topic::Pages, Topic::Attention],
        }
    }

    fn names(&mut self, [pages, _, clicks, ..]: &[&Names; 7]) {
        let asked = |address| {
            is_page(
                &self.asked.page,
                &super::pages::page_of(&self.routes, address),
            )
        };
        self.is_asked.clear();
        self.is_asked.extend(pages.all().map(asked));
        self.targets.names(clicks);
    }

    fn looks_on(&self, session: &Session) -> bool {
        session.visits.iter().any(|visit| self.is_here(visit))
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        if !self.looks_on(session) {
            return;
        }
        let device = Device::of(who.device);
        *self.devices.entry(device).or_default() += 1;
        if device != self.asked.on {
            return;
        }
        self.sessions += 1;
        for visit in &session.visits {
            if self.is_here(visit) {
                self.visit(who, visit);
            }
        }
        for click in &session.clicks {
            if let Some(visit) = session.visits.get(index(click.visit))
                && self.asked.kind.takes(click.kind)
                && self.is_here(visit)
            {
                self.click(who, visit, click);
            }
        }
        if matches!(self.asked.kind, Kind::Move | Kind::Attention) {
            self.looked(session);
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.height = self.height.max(other.height);
        self.lost += other.lost;
        for (device, sessions) in other.devices {
            *self.devices.entry(device).or_default() += sessions;
        }
        for (width, visits) in other.widths {
            let own = self.widths.entry(width).or_default();
            own.visits += visits.visits;
            own.examples.merge(visits.examples);
        }
        let places = self.targets.merge(other.targets);
        let add = |own: &mut u64, other| *own += other;
        let point = |target, cell| Some((places.of(target)?, cell));
        self.points.merge(other.points, point, add);
        self.cells
            .merge(other.cells, |row, column| Some((row, column)), add);
    }

    fn answer(&self) -> Answer {
        let cells = self.cells.all();
        let cells = cells.map(|(row, column, n)| Cell { row, column, n: *n });
        let cells: Vec<Cell> = cells.filter(|cell| cell.n > 0).collect();
        let placed = cells.iter().map(|cell| cell.n).sum();
        let anchored = self.targets.times();
        let total = anchored + placed + self.lost;
        let (targets, (others, others_clicks)) = self.targets.most(self.asked.top);
        let widths = self.widths.iter();
        let frequent = widths.max_by_key(|(width, visits)| (visits.visits, **width));
        let is_click = self.topics().contains(&Topic::Clicks);
        Answer {
            asked: self.asked.clone(),
            devices: self.devices.iter().map(|(d, n)| (*d, *n)).collect(),
            width: frequent.map_or(0, |(width, _)| *width),
            representative: frequent
                .and_then(|(_, visits)| visits.examples.list().first().copied()),
            height: self.height,
            total,
            anchored,
            placed,
            lost: self.lost,
            targets: targets
                .into_iter()
                .map(|target| self.element(target, total))
                .collect(),
            others,
            others_clicks,
            cells,
            band: if is_click { CLICK_BAND } else { BAND },
        }
    }
}

#[cfg(test)]
mod tests;
