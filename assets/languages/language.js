// The page in another language than English: shows each text by its translation in the table of that language, now and
// whenever the page changes a text. The program itself speaks English alone; the element `html` says what is wanted.
//
// A table maps English to the other language. `{}` stands for anything, which is translated by itself; where a sentence or
// a list is not in the table, its parts may be. What is in no table stays English.

const ATTRIBUTES = ['title', 'placeholder', 'aria-label', 'alt'];
const WATCHED = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES };
/// Letters of a sentence that cannot be mistaken for a part of a list.
const LONG = 30;
const count = text => text.split(/,\s/).length;
const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/// Of a table, a function from English to its language.
function translator(table) {
  const patterns = Object.keys(table)
    .filter(key => key.includes('{}'))
    // The one that says most by itself first.
    .sort((one, other) => other.length - one.length)
    .map(key => {
      const pattern = new RegExp(`^${key.split('{}').map(escaped).join('(.+?)').replaceAll(' ', '\\s')}$`, 's');
      return { key, pattern, into: table[key] };
    });
  const known = new Map(Object.entries(table));
  function translated(text) {
    // The page ties numbers to their units by spaces that do not break.
    let found = known.get(text) ?? known.get(text.replace(/\s/g, ' '));
    if (found === undefined) {
      found = sought(text);
      // Numbers change all the time; there is no end to them.
      if (known.size < 5000) known.set(text, found);
    }
    return found;
  }
  const match = (text, fits) => {
    for (const { pattern, into } of patterns.filter(fits)) {
      const found = pattern.exec(text);
      if (found) {
        const taken = found.slice(1).map(translated);
        return into.replace(/\{\}/g, () => taken.shift());
      }
    }
    return undefined;
  };
  function sought(text) {
    const commas = count(text);
    // First what takes no comma into anything, then what begins with a word for a list or is long, else the parts.
    const clear = ({ key }) => key.length > LONG || /^[^{]+: \{\}\.?$/.test(key);
    const whole = match(text, ({ key }) => count(key) === commas) ?? match(text, clear);
    if (whole !== undefined) return whole;
    const sentences = text.match(/.+?[.:!?](?=\s|$)\s*|.+$/gs) ?? [];
    if (sentences.length > 1) return sentences.map(around).join('');
    const pieces = text.split(/,\s/);
    if (pieces.length > 1) return pieces.map(translated).join(', ');
    return match(text, () => true) ?? text;
  }
  const around = text => {
    const [, before, inner, after] = /^(\s*)(.*?)(\s*)$/s.exec(text);
    return inner ? before + translated(inner) + after : text;
  };
  return around;
}

/// What was English in each place that is shown otherwise: by node and attribute.
const english = new WeakMap();
let speak = null;
// For what is found by its words.
globalThis.heimdallSays = text => (speak ? speak(text) : text);

function shown(node, name, text, put) {
  if (!text) return;
  const places = english.get(node) ?? new Map();
  const old = places.get(name);
  // What stands there is what was put there: only the language may have changed.
  const source = old && old.now === text ? old.source : text;
  const now = speak ? speak(source) : source;
  if (now === source) places.delete(name);
  else places.set(name, { source, now });
  english.set(node, places);
  if (now !== text) put(now);
}

function look(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    if (!/^(SCRIPT|STYLE|TEXTAREA)$/.test(node.parentNode?.nodeName)) {
      shown(node, '', node.data, now => { node.data = now; });
    }
  } else if (node.nodeType === Node.ELEMENT_NODE) {
    for (const name of ATTRIBUTES) {
      shown(node, name, node.getAttribute(name), now => node.setAttribute(name, now));
    }
    node.childNodes.forEach(look);
  }
}

const observer = new MutationObserver(changes => {
  for (const { type, target, addedNodes } of changes) {
    if (type === 'childList') addedNodes.forEach(look);
    else look(target);
  }
});

async function follow() {
  const { lang } = document.documentElement;
  let next = null;
  if (lang !== 'en') {
    const answer = await fetch(new URL(`${lang}.json`, import.meta.url));
    if (answer.ok) next = translator(await answer.json());
  }
  // Another one may have been asked for meanwhile.
  if (document.documentElement.lang !== lang) return;
  speak = next;
  look(document.documentElement);
  observer.disconnect();
  if (speak) observer.observe(document.documentElement, WATCHED);
}

new MutationObserver(follow).observe(document.documentElement, { attributeFilter: ['lang'] });
follow();
