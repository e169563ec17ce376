// The way from the address to what is shown, and the keys.

const report = document.getElementById('report');
const detail = document.getElementById('detail');
const list = {address: '#architectures', scroll: 0, from: null};
let own = '';
let waiting = 0;

const architectures = new ArchitectureTable(state => {
  // The address follows a little later: browsers refuse one change per key.
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    own = writeAddress(state);
    if (own !== location.hash) location.replace(own);
  }, 200);
});

function showDetail(hash) {
  const read = readDetail(hash);
  if (!read) {
    // It may stand in a part of the page that has not been read yet.
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', follow, {once: true});
    else showReport({place: 'architectures'});
    return;
  }
  // What is still to be written would lead away from here.
  clearTimeout(waiting);
  list.address = writeAddress(architectures.state);
  if (detail.hidden) list.scroll = scrollY;
  list.from = hash;
  const hashes = architectures.hashes();
  const number = hashes.indexOf(hash);
  detail.replaceChildren(
    ...detailView(read, {
      back: list.address,
      before: hashes[number - 1],
      after: number < 0 ? hashes[0] : hashes[number + 1],
      number: number + 1,
      count: hashes.length,
    }).filter(Boolean),
  );
  report.hidden = true;
  detail.hidden = false;
  scrollTo(0, 0);
  document.getElementById('detail-title').focus({preventScroll: true});
}

function showReport(state) {
  const back = !detail.hidden;
  detail.hidden = true;
  detail.replaceChildren();
  report.hidden = false;
  const {place} = state;
  if (place === undefined) {
    list.address = writeAddress(state);
    architectures.show(state);
  }
  if (back && location.hash === list.address) {
    scrollTo(0, list.scroll);
    document.querySelector(`#r-${list.from} th a`)?.focus({preventScroll: true});
  } else if (location.hash !== own) {
    const target = document.getElementById(place === undefined ? 'architectures' : place || 'main');
    if (place !== '') target?.scrollIntoView();
    if (place === undefined) target.focus({preventScroll: true});
  }
  own = '';
}

function follow() {
  const state = readAddress();
  if (state.arch) showDetail(state.arch);
  else showReport(state);
}

addEventListener('hashchange', follow);

// Who goes elsewhere is not called back by an address that is still to be written.
addEventListener('click', event => event.target.closest('a') && clearTimeout(waiting));

addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const step = {Escape: '.back', ArrowLeft: '[rel=prev]', ArrowRight: '[rel=next]'}[event.key];
  if (event.key === '/' && detail.hidden) {
    event.preventDefault();
    document.getElementById('f-text').focus();
  } else if (step && !detail.hidden && !event.target.closest('pre, .scroll')) {
    detail.querySelector(step)?.click();
  }
});

addEventListener('beforeprint', () => {
  for (const fold of document.querySelectorAll('details')) {
    fold.unfold?.();
    fold.open = true;
  }
});

passRateChart(JSON.parse(document.getElementById('lsqm-run').textContent).history);
follow();
addEventListener('load', () => setTimeout(() => (document.documentElement.dataset.all = 'yes')));
document.documentElement.dataset.ready = 'yes';
performance.mark('lsqm-ready');
