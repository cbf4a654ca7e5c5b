//! Markup that forgets its type.
//!
//! Leptos gives every element its own type, and with it code to compare and
//! patch each attribute and child: a third of our module, for pages that are
//! small enough to be built anew where they change. [`html!`] is Leptos's
//! `view!` behind one type, [`Html`], which is built once and, when what it
//! depends on changes, replaced. Attributes and texts that change by
//! themselves are closures, and lists are keyed, so nothing that somebody
//! holds (focus, scroll position, the player's frame) is ever replaced.

use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::no_attrs;
use leptos::tachys::renderer::{CastFrom as _, Rndr, types};
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};

/// `view!` behind one type.
macro_rules! html {
    ($($markup:tt)*) => {
        $crate::ui::html::Html::new(leptos::view! { $($markup)* })
    };
}
pub(crate) use html;

/// A piece of the page.
pub(crate) struct Html(Box<dyn FnOnce() -> Box<dyn Mountable> + Send>);

impl Html {
    /// Forgets the type of `view`.
    pub(crate) fn new<V: Render + Send + 'static>(view: V) -> Self {
        Self(Box::new(move || Box::new(view.build())))
    }

    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self::new(())
    }
}

/// A piece in the document, and the place where it ends.
pub(crate) struct Built {
    content: Box<dyn Mountable>,
    end: types::Placeholder,
}

impl Render for Html {
    type State = Built;

    fn build(self) -> Built {
        Built {
            content: (self.0)(),
            end: Rndr::create_placeholder(),
        }
    }

    fn rebuild(self, state: &mut Built) {
        let mut content = (self.0)();
        state.content.unmount();
        if let Some(parent) = Rndr::get_parent(&state.end).and_then(types::Element::cast_from) {
            content.mount(&parent, Some(&state.end));
        }
        state.content = content;
    }
}

impl Mountable for Built {
    fn unmount(&mut self) {
        self.content.unmount();
        self.end.unmount();
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        self.content.mount(parent, marker);
        self.end.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.content.insert_before_this(child) || self.end.insert_before_this(child)
    }

    fn elements(&self) -> Vec<types::Element> {
        self.content.elements()
    }
}

no_attrs!(Html);

// There is no server that renders and no page that is hydrated.
impl RenderHtml for Html {
    type AsyncOutput = Self;
    type Owned = Self;
    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Built {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
