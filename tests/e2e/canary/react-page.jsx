// A page rendered by React: one component for each kind of row in `REACT`, see paths.mjs.
// `window.plants` are `{id, kind, secret}`; `window.react[id](text)` renders one anew.
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createPortal, flushSync } from 'react-dom';

window.react = {};

/** State that `window.react` can set from outside. */
function useOutside(id, start) {
  const [state, set] = useState(start);
  window.react[id] = (next) => flushSync(() => set(next));
  return [state, set];
}

const KINDS = {
  Controlled({ id, secret }) {
    const [value, set] = useOutside(id, secret);
    return <input value={value} onChange={(event) => set(event.target.value)} />;
  },
  Uncontrolled: ({ secret }) => <input defaultValue={secret} />,
  Textarea({ id, secret }) {
    const [value, set] = useOutside(id, secret);
    return <textarea value={value} onChange={(event) => set(event.target.value)} />;
  },
  Select: ({ secret }) => <select defaultValue={secret}><option>a</option><option value={secret}>{secret}</option></select>,
  Password({ id, secret }) {
    const [value, set] = useOutside(id, secret);
    const [shown, show] = useState(false);
    return <><input type={shown ? 'text' : 'password'} value={value} onChange={(event) => set(event.target.value)} /><button onClick={() => show(!shown)}>show</button></>;
  },
  /** What is typed is said again in a masked place, and in a hidden field. */
  Echo({ id, secret }) {
    const [value, set] = useOutside(id, secret);
    return <><input type="password" value={value} onChange={(event) => set(event.target.value)} /><p data-rr-mask>{value}</p></>;
  },
  Text({ id, secret }) {
    const [value] = useOutside(id, secret);
    return <p>Dear {value}!</p>;
  },
  MaskedText({ id, secret }) {
    const [value] = useOutside(id, secret);
    return <div data-rr-mask><p>Dear {value}!</p></div>;
  },
  /** Made anew at every change, because of its key. */
  MaskedAnew({ id, secret }) {
    const [value] = useOutside(id, secret);
    return <div data-rr-mask><p key={value} title={value}>Dear <b>{value}</b>!</p></div>;
  },
  /** A list in which the masked row changes its place. */
  MaskedRow({ id, secret }) {
    const [value] = useOutside(id, secret);
    const rows = [<li key="a">a</li>, <li key="m" data-rr-mask>{value}</li>, <li key="b">b</li>];
    return <ul>{value ? rows.reverse() : rows}</ul>;
  },
  /** The mask comes with the text. */
  MaskedWhenThere({ id, secret }) {
    const [value] = useOutside(id, secret);
    return <p {...(value ? { 'data-rr-mask': '' } : {})}>{value || 'nobody'}</p>;
  },
  Portal: ({ id, secret }) => createPortal(<div id={`portal-${id}`}><input defaultValue={secret} /></div>, document.body),
  Markup: ({ secret }) => <div dangerouslySetInnerHTML={{ __html: `<i>${secret}</i>` }} />,
  Editable: () => <div contentEditable suppressContentEditableWarning>x</div>,
};

function Page() {
  return window.plants.map(({ id, kind, secret }) => {
    const Kind = KINDS[kind];
    return <div key={id} id={id}><Kind id={id} secret={secret} /></div>;
  });
}

createRoot(document.getElementById('app')).render(<Page />);
