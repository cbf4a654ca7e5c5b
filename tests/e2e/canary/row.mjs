// What a row of the tables of paths is made of.

/** What holds for a secret in each mode. */
export const rule = (inputs, text, none) => ({ inputs, text, none });
/** Form data. */
export const FORM = rule('hidden', 'hidden', 'shown');
/** Ordinary text. */
export const TEXT = rule('shown', 'hidden', 'shown');
/** Passwords, forbidden elements, what looks like a secret, what nobody asked for. */
export const NEVER = rule('hidden', 'hidden', 'hidden');
/** Telephone numbers: hidden where a site asks for it, and none does in mode `none`, see tag.mjs. */
export const PHONE = rule('hidden', 'hidden', 'shown');
/** What an author shows on purpose. */
export const ALWAYS = rule('shown', 'shown', 'shown');

export const path = (name, expect, how, shape = 'word') => ({ name, shape, expect, ...how });

/** Markup in an open shadow root, and in a frame. */
export const SHADOW = (inside) => `<x-host><template shadowrootmode="open">${inside}</template></x-host>`;
export const FRAME = (inside) => `<iframe srcdoc='${inside}'></iframe>`;
