// Keeps the page for when there is no network. The build puts VERSION and FILES before this: a checksum of all files of
// the page, and their addresses.
//
// With a network its host is asked first, always: what is shown is what is published, and one version of it. Files are
// fetched once in the background after the page has come.
const PREFIX = 'heimdall-page-';
const CACHE = PREFIX + VERSION;
const own = new Set(FILES.map(file => new URL(file, location).href));

addEventListener('install', event => {
  const requests = FILES.map(file => new Request(file, { cache: 'no-cache' }));
  event.waitUntil(caches.open(CACHE).then(cache => cache.addAll(requests)));
});

addEventListener('activate', event => {
  const old = name => name.startsWith(PREFIX) && name !== CACHE;
  event.waitUntil(caches.keys().then(names => Promise.all(names.filter(old).map(name => caches.delete(name)))));
});

addEventListener('fetch', event => {
  const { method, url } = event.request;
  const plain = url.split(/[?#]/)[0];
  if (method !== 'GET' || !own.has(plain)) return;
  const kept = async reason => {
    const response = await (await caches.open(CACHE)).match(plain);
    if (!response) throw reason;
    return response;
  };
  event.respondWith(fetch(event.request).catch(kept));
});
