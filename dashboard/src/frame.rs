//! The isolated frame that shows a recording; the other end is `js/player.ts`.
//!
//! Recordings are untrusted, so the frame has an opaque origin: a `data:` page
//! of one script, which inherits this page's content security policy. A
//! `sandbox` attribute cannot do this, because the Replayer's own nested frame
//! would inherit it and be out of its reach (docs/adr/0009). The two talk
//! through one port, handed over once to the window that we made and that knows
//! the nonce, and every message is checked ([`crate::model::frame::Message`]).

use crate::model::frame::{Command, Message};
use crate::platform;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlElement, HtmlIFrameElement, MessageChannel, MessageEvent, MessagePort};

/// What comes from the frame.
pub(crate) enum News {
    /// It listens.
    Ready,
    /// It says something.
    Said(Message),
}

/// The frame; gone when dropped.
pub(crate) struct Frame {
    element: HtmlIFrameElement,
    port: MessagePort,
    on_hello: Closure<dyn FnMut(MessageEvent)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Frame {
    /// Puts the frame into `parent`. `tell` hears what comes from it.
    pub(crate) fn mount(
        parent: &HtmlElement,
        player: &str,
        tell: impl Fn(News) + 'static,
    ) -> Result<Self, JsValue> {
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let document = platform::document().ok_or(JsValue::NULL)?;
        let nonce = platform::nonce();
        let element: HtmlIFrameElement = document.create_element("iframe")?.dyn_into()?;
        element.set_attribute("title", "Recorded page")?;
        element.set_attribute("data-testid", "player-frame")?;
        element.set_attribute("referrerpolicy", "no-referrer")?;
        element.set_attribute("tabindex", "-1")?;
        element.set_src(&data_url(player, &nonce));

        let channel = MessageChannel::new()?;
        let tell = Rc::new(tell);
        let heard = Rc::clone(&tell);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = event
                .data()
                .as_string()
                .and_then(|text| Message::read(&text))
            {
                heard(News::Said(message));
            }
        });
        channel
            .port1()
            .set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let given = Cell::new(Some(channel.port2()));
        let source = element.clone();
        let on_hello = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(target) = source.content_window() else {
                return;
            };
            let from_us = event
                .source()
                .is_some_and(|from| JsValue::from(from) == JsValue::from(target.clone()));
            let hello = event.data().as_string();
            if !from_us || hello.as_deref() != Some(&format!("sentiero-frame:{nonce}")) {
                return;
            }
            let Some(port) = given.take() else { return };
            let answer = JsValue::from_str(&format!("sentiero-port:{nonce}"));
            // The frame's origin is opaque, so no target origin can name it.
            if target
                .post_message_with_transfer(&answer, "*", &js_sys::Array::of1(&port))
                .is_ok()
            {
                tell(News::Ready);
            }
        });
        window.add_event_listener_with_callback("message", on_hello.as_ref().unchecked_ref())?;
        parent.append_child(&element)?;
        Ok(Self {
            element,
            port: channel.port1(),
            on_hello,
            _on_message: on_message,
        })
    }

    /// Commands the frame; `events` go with it, moved and not copied.
    pub(crate) fn send(&self, command: &Command, events: Option<&js_sys::Uint8Array>) {
        let message = js_sys::Array::of1(&JsValue::from_str(&command.text()));
        let moved = js_sys::Array::new();
        if let Some(events) = events {
            moved.push(&events.buffer());
            message.push(events);
        }
        let _ = self.port.post_message_with_transferable(&message, &moved);
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.port.close();
        if let Some(window) = web_sys::window() {
            let hello = self.on_hello.as_ref().unchecked_ref();
            let _ = window.remove_event_listener_with_callback("message", hello);
        }
        self.element.remove();
    }
}

/// A page of one script.
fn data_url(player: &str, nonce: &str) -> String {
    let player = player.replace('&', "&amp;").replace('"', "&quot;");
    let page = format!(
        "<!doctype html><meta charset=utf-8><title>Recorded page</title><body><script src=\"{player}\" data-nonce=\"{nonce}\"></script>"
    );
    format!("data:text/html,{}", percent(&page))
}

/// Percent-encodes all but letters and digits.
fn percent(text: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_one_script_and_nothing_gets_out_of_its_quotes() {
        let url = data_url("https://a.example/a/player.js?x=\"><b>&y", "n");
        assert!(url.starts_with("data:text/html,%3C%21doctype"));
        assert!(url.contains("%26quot%3B%3E%3Cb%3E%26amp%3By%22"));
        assert!(
            url.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b":/,%".contains(&byte))
        );
    }
}
