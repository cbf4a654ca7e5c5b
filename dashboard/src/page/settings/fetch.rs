//! Something that is asked of the API: waited for, failed, or there.

use crate::app::App;
use crate::model::failure::Failure;
use crate::ui::html::{Html, html};
use crate::ui::{bone, problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;
type Ask<T> = Arc<dyn Fn() -> Answer<T> + Send + Sync>;

/// How far it is.
#[derive(Clone)]
pub(super) enum State<T> {
    Waiting,
    Failed(Failure),
    There(T),
}

/// See the module.
pub(super) struct Fetch<T: Send + Sync + 'static> {
    app: App,
    pub(super) state: RwSignal<State<T>>,
    ask: StoredValue<Ask<T>>,
}

impl<T: Send + Sync + 'static> Copy for Fetch<T> {}
impl<T: Send + Sync + 'static> Clone for Fetch<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Clone + Send + Sync + 'static> Fetch<T> {
    /// Asks at once.
    pub(super) fn start<F>(app: App, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let ask: Ask<T> = Arc::new(move || Box::pin(ask()) as Answer<T>);
        let fetch = Self {
            app,
            state: RwSignal::new(State::Waiting),
            ask: StoredValue::new(ask),
        };
        fetch.again();
        fetch
    }

    /// Asks again; what is there stays until there is an answer.
    pub(super) fn again(self) {
        if !self
            .state
            .with_untracked(|state| matches!(state, State::There(_)))
        {
            self.state.set(State::Waiting);
        }
        let answer = self.ask.get_value()();
        spawn_local(async move {
            let state = match answer.await {
                Ok(there) => State::There(there),
                Err(failure) => {
                    self.app.heard(&failure);
                    State::Failed(failure)
                }
            };
            let _ = self.state.try_set(state);
        });
    }

    /// Changes what is there.
    pub(super) fn change(self, change: impl FnOnce(T) -> T) {
        self.state.update(|state| {
            if let State::There(there) = state {
                *state = State::There(change(there.clone()));
            }
        });
    }

    /// Bones, the failure, or what `there` makes of it.
    pub(super) fn view(
        self,
        name: &'static str,
        there: impl Fn(T) -> Html + Send + 'static,
    ) -> Html {
        Html::new(move || match self.state.get() {
            State::Waiting => waiting(name),
            State::Failed(failure) => failed(&failure, move || self.again()),
            State::There(answer) => there(answer),
        })
    }
}

/// Shapes of what is to come.
pub(super) fn waiting(name: &'static str) -> Html {
    let row = |_| {
        html! { <div class="skeleton-row">{bone("w-30")}{bone("w-15")}{bone("w-10")}{bone("w-15")}</div> }
    };
    html! {
        <div class="card" role="status" aria-label=name data-testid="loading">{(0..4).map(row).collect_view()}</div>
    }
}

pub(super) fn failed(failure: &Failure, retry: impl Fn() + 'static) -> Html {
    html! { <div class="card settings-failed">{problem(failure, retry)}</div> }
}
