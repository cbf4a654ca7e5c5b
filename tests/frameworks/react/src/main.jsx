import { StrictMode, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { sentiero } from './sentiero.js';

const listen = (heard) => {
  addEventListener('popstate', heard);
  return () => removeEventListener('popstate', heard);
};

function go(path) {
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
}

function Link({ to, children }) {
  return <a href={to} onClick={(event) => { event.preventDefault(); go(to); }}>{children}</a>;
}

function Home() {
  return <><h1>Camping with React</h1><p><Link to="/order">Order</Link></p></>;
}

function Order() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const send = (event) => {
    event.preventDefault();
    window.received = { name, password };
    // example: use
    go('/done');
  };
  return (
    <form onSubmit={send}>
      <h1>Your order</h1>
      <p><label>Name <input value={name} onChange={(event) => setName(event.target.value)} /></label></p>
      <p><label>Password <input type="password" value={password} onChange={(event) => setPassword(event.target.value)} /></label></p>
      <p><button>Send</button></p>
    </form>
  );
}

const PAGES = { '/': Home, '/order': Order, '/done': () => <h1>Thank you</h1> };

function Shop() {
  const Page = PAGES[useSyncExternalStore(listen, () => location.pathname)] ?? Home;
  return <Page />;
}

createRoot(document.querySelector('#root')).render(<StrictMode><Shop /></StrictMode>);
