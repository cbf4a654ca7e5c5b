//! Pictures: strokes on a grid of 24, drawn in the colour of the text.

use crate::model::activity::Kind;
use crate::ui::html::{Html, html};
use leptos::prelude::*;

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Back,
    Check,
    Close,
    Copy,
    Custom,
    Cursor,
    Desktop,
    Download,
    Expand,
    Eye,
    EyeOff,
    Bolt,
    Bookmark,
    Calendar,
    Filter,
    Gear,
    Forward5,
    Back5,
    Offline,
    Pen,
    Plus,
    Star,
    Ban,
    More,
    Help,
    Idle,
    Info,
    Key,
    Link,
    Mobile,
    Moon,
    Page,
    Pause,
    Play,
    Refresh,
    Replay,
    Scroll,
    Search,
    Share,
    SignOut,
    Skip,
    Sun,
    System,
    Tablet,
    Trash,
    Warning,
    Window,
    Up,
    Down,
}

impl Icon {
    /// The picture of a kind of event.
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Page => Self::Page,
            Kind::Click => Self::Cursor,
            Kind::Input => Self::Key,
            Kind::Scroll => Self::Scroll,
            Kind::Error => Self::Warning,
            Kind::Rage => Self::Bolt,
            Kind::Dead => Self::Ban,
            Kind::Custom => Self::Custom,
            Kind::View => Self::Window,
            Kind::Idle => Self::Idle,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Back => "M15 5l-7 7 7 7",
            Self::Up => "M5 15l7-7 7 7",
            Self::Down => "M5 9l7 7 7-7",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Copy => "M9 9h10v11H9zM6 15H5V4h10v2",
            Self::Custom => {
                "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.500 9.700l5.900-.8z"
            }
            Self::Cursor => "M5 4l6 15.500 2.200-6.300L19.500 11z",
            Self::Desktop => "M3.500 5h17v11h-17zM9 20h6M12 16v4",
            Self::Download => "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14",
            Self::Expand => "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
            Self::Eye => {
                "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 9.200a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600z"
            }
            Self::EyeOff => {
                "M4 4l16 16M9.900 5.800A9 9 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a16 16 0 0 1-2.900 3.600M6.200 7.400A15.500 15.500 0 0 0 2.500 12S6 18.500 12 18.500a9 9 0 0 0 4-.9M10 10.100a2.800 2.800 0 0 0 3.900 3.900"
            }
            Self::Bolt => "M13 3L5 13.500h6L10.500 21 19 10.500h-6.500z",
            Self::Bookmark => "M6.500 4h11v16l-5.500-4-5.500 4z",
            Self::Calendar => "M4 5.500h16v14.500H4zM4 10h16M8.500 3v4.500M15.500 3v4.500",
            Self::Gear => {
                "M12 8.800a3.200 3.200 0 1 1 0 6.400 3.200 3.200 0 0 1 0-6.400zM10.500 3h3l.5 2.500 2 1.100 2.400-.9 1.500 2.600-1.900 1.700v2l1.900 1.700-1.500 2.600-2.400-.9-2 1.100-.5 2.500h-3l-.5-2.500-2-1.100-2.400.9-1.500-2.600L6 13v-2L4.100 9.300l1.500-2.600 2.400.9 2-1.100z"
            }
            Self::Filter => "M4 6h16M7 12h10M10 18h4",
            Self::Offline => {
                "M3 4l18 16M8.500 16a5 5 0 0 1 7 0M5 12.300a10 10 0 0 1 4.500-2.600M14.500 9.700a10 10 0 0 1 4.500 2.600M12 19.500v.1"
            }
            Self::Pen => "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Star => {
                "M12 3.500l2.600 5.400 5.900.800-4.300 4.100 1 5.900-5.200-2.800-5.200 2.800 1-5.900L3.500 9.700l5.900-.8z"
            }
            Self::Ban => "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM6.500 6.500l11 11",
            Self::More => "M5 11.500h1v1h-1zM11.500 11.500h1v1h-1zM18 11.500h1v1h-1z",
            Self::Forward5 => "M6 6l6 6-6 6M13 6l6 6-6 6",
            Self::Back5 => "M18 6l-6 6 6 6M11 6l-6 6 6 6",
            Self::Help => {
                "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM9.500 9.300a2.600 2.600 0 1 1 3.900 2.400c-.9.500-1.400 1-1.400 2M12 16.800v.1"
            }
            Self::Idle => "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.500l3 1.800",
            Self::Info => "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 11v5.500M12 7.500v.1",
            Self::Key => {
                "M3 7h18v10H3zM7 14h10M7 10.500h.1M10.500 10.500h.1M14 10.500h.1M17 10.500h.1"
            }
            Self::Link => {
                "M10 14a4 4 0 0 0 5.700 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1"
            }
            Self::Mobile => "M7.500 3h9v18h-9zM11 18h2",
            Self::Moon => "M20 14.500A8.300 8.300 0 0 1 9.500 4a8.300 8.300 0 1 0 10.500 10.500z",
            Self::Page => "M6 3.500h8l4 4v13H6zM14 3.500v4h4",
            Self::Pause => "M7 5h3.500v14H7zM13.500 5H17v14h-3.500z",
            Self::Play => "M7 4.500l12.500 7.500L7 19.500z",
            Self::Refresh => {
                "M19.500 12a7.500 7.500 0 1 1-2.200-5.300L20 9.300M20 4.500v4.800h-4.800"
            }
            Self::Replay => "M4.500 12a7.500 7.500 0 1 0 2.200-5.300L4 9.300M4 4.500v4.800h4.800",
            Self::Scroll => "M12 4v16M8 8l4-4 4 4M8 16l4 4 4-4",
            Self::Share => "M12 15V4M8 7.500l4-3.500 4 3.500M6 11H5v9h14v-9h-1",
            Self::Search => {
                "M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500L20 20"
            }
            Self::SignOut => "M14 4H5v16h9M10 12h10.500M17 8.500l3.500 3.500-3.500 3.500",
            Self::Skip => "M5 5.500l8 6.500-8 6.500zM18 5.500v13",
            Self::Sun => {
                "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"
            }
            Self::System => "M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM12 3.500v17",
            Self::Tablet => "M5 3.500h14v17H5zM11 17.500h2",
            Self::Trash => "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.500 11v5.500M13.500 11v5.500",
            Self::Warning => "M12 4l9 15.500H3zM12 10v4.500M12 17v.1",
            Self::Window => "M3.500 5h17v14h-17zM3.500 9h17",
        }
    }
}

/// Draws it; invisible to screen readers, so what holds it must have a name.
pub(crate) fn icon(picture: Icon) -> Html {
    // Those two are shapes, as on every player.
    let class = if matches!(picture, Icon::Play | Icon::Pause) {
        "icon solid"
    } else {
        "icon"
    };
    html! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true">
            <path d=picture.path()></path>
        </svg>
    }
}

/// The mark of the product: a trail to a flag, as on the favicon.
pub(crate) fn mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8"></rect>
            <path class="mark-trail" d="M8 27c0-5 12-4 12-9S9 14 9 9"></path>
            <path class="mark-flag" d="M17.5 5.2v8l7-4z"></path>
        </svg>
    }
}
