// The table of architectures: its rows are in the document already, and are only hidden and put in order here.

const RANKS = ['FAILED', 'TIMEOUT', 'PARTIAL', 'ERROR', 'PASSED'];

class ArchitectureTable {
  constructor(changed) {
    this.table = document.getElementById('table');
    this.body = this.table.tBodies[0];
    this.form = document.querySelector('.filters');
    this.rows = [...this.body.rows];
    this.state = {};
    this.changed = changed;
    this.form.addEventListener('input', () => this.take());
    this.form.addEventListener('submit', event => {
      event.preventDefault();
      this.links()[0]?.focus();
    });
    this.form.addEventListener('reset', event => {
      event.preventDefault();
      this.tell({sort: this.state.sort});
    });
    for (const head of this.heads())
      head.querySelector('button').addEventListener('click', () => this.sortBy(head.dataset.key));
    this.body.addEventListener('keydown', event => this.move(event));
    this.body.addEventListener('click', event => this.open(event));
  }

  heads() {
    return [...this.table.tHead.querySelectorAll('[data-key]')];
  }

  take() {
    this.tell({
      ...Object.fromEntries(FILTERS.map(key => [key, this.form.elements[key].value])),
      sort: this.state.sort,
    });
  }

  tell(state) {
    this.show(state);
    this.changed(state);
  }

  sortBy(key) {
    const [now, down] = [this.state.sort ?? '', `-${key}`];
    this.tell({...this.state, sort: now === key ? down : now === down ? '' : key});
  }

  show(state) {
    const before = this.state;
    this.state = state;
    document.documentElement.dataset.all = 'yes';
    for (const key of FILTERS) {
      const field = this.form.elements[key];
      if (field.value !== (state[key] ?? '')) field.value = state[key] ?? '';
    }
    if ((state.sort ?? '') !== (before.sort ?? '')) this.sort(state.sort ?? '');
    const matches = this.filter(state);
    let shown = 0;
    for (const row of this.rows) {
      row.hidden = !matches(row);
      shown += !row.hidden;
    }
    const all = this.rows.length;
    document.getElementById('shown').textContent = shown === all ? String(all) : `${shown} of ${all}`;
    document.getElementById('nothing').hidden = shown > 0 || !all;
  }

  filter(state) {
    const asked = (state.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    return row => {
      const has = row.dataset;
      if (
        state.status === 'not-passed'
          ? has.status === 'PASSED'
          : state.status === 'regressed'
            ? !has.regressed
            : state.status && has.status !== state.status
      )
        return false;
      if (state.service && !has.services.split(' ').includes(state.service)) return false;
      if (state.cause && has.cause !== state.cause) return false;
      if (!asked.length) return true;
      row.words ??= `${row.textContent} ${has.hash}`.toLowerCase();
      return asked.every(word => row.words.includes(word));
    };
  }

  sort(wanted) {
    const key = wanted.replace(/^-/, '');
    const sign = wanted.startsWith('-') ? -1 : 1;
    const value = row => {
      if (key === 'status') return RANKS.indexOf(row.dataset.status);
      return key === 'tests' || key === 'seconds' ? Number(row.dataset[key]) : row.dataset[key];
    };
    for (const head of this.heads()) {
      if (head.dataset.key === key && key) head.setAttribute('aria-sort', sign < 0 ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    const ordered = this.rows.map((row, place) => ({row, place, value: key ? value(row) : place}));
    const compare =
      typeof ordered[0]?.value === 'number' ? (a, b) => a - b : new Intl.Collator('en', {numeric: true}).compare;
    // What has no value (no cause) stays last, whichever way it is sorted.
    ordered.sort(
      (a, b) => (a.value === '') - (b.value === '') || sign * compare(a.value, b.value) || a.place - b.place,
    );
    this.body.append(...ordered.map(each => each.row));
  }

  visible() {
    return [...this.body.rows].filter(row => !row.hidden);
  }

  links() {
    return this.visible().map(row => row.querySelector('th a'));
  }

  hashes() {
    return this.visible().map(row => row.dataset.hash);
  }

  move(event) {
    const step = {ArrowDown: 1, ArrowUp: -1, j: 1, k: -1, Home: -Infinity, End: Infinity}[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    const links = this.links();
    const here = links.indexOf(document.activeElement);
    if (here < 0) return;
    event.preventDefault();
    const next = links[Math.min(Math.max(here + step, 0), links.length - 1)];
    next.focus({preventScroll: true});
    next.scrollIntoView({block: 'nearest'});
  }

  open(event) {
    // The whole row is a target, but a selection of text is none, and a link knows its own way.
    if (event.target.closest('a') || String(getSelection())) return;
    event.target.closest('tr')?.querySelector('th a').click();
  }
}
