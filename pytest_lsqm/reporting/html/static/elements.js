// Elements are built and text goes in as text: nothing that came from a run is ever read as markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false)
      element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== ''));
  return element;
}

function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function shape(status) {
  return draw('svg', {class: `shape ${status}`, 'aria-hidden': 'true'}, draw('use', {href: `#s-${status}`}));
}

function badge(status) {
  return make('span', {class: `badge ${status}`}, shape(status), status);
}

// Colours of a terminal are left out; what would steer one, or turn the direction of writing round, is shown as such.
function clean(text) {
  return String(text)
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replace(/\r\n/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

function words(text) {
  return clean(text).replaceAll('_', ' ');
}

function plural(count, thing) {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function lines(text) {
  return plural(text.replace(/\n$/, '').split('\n').length, 'line');
}

// An attribute's value as JSON; a document inside a string is shown as one.
function readable(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value !== 'string') return text;
    return /^\s*[{[]/.test(value) ? JSON.stringify(JSON.parse(value), null, 2) : value;
  } catch {
    // The record may have its beginning alone.
    return text.startsWith('"') && text.endsWith('…') ? text.replace(/\\n/g, '\n').replace(/\\"/g, '"') : text;
  }
}

function seconds(value) {
  return value < 120 ? `${value.toFixed(1)} s` : `${(value / 60).toFixed(1)} min`;
}

// Only to the web: a `javascript:` address, or one of another program, stays text.
function link(url, text = url) {
  return /^https?:\/\//i.test(url) ? make('a', {href: url, rel: 'noreferrer noopener'}, clean(text)) : clean(text);
}

// To a file of the store, by its path beside this page.
function fileLink(path, text) {
  return make(
    'a',
    {
      href: path
        .split('/')
        .map(encodeURIComponent)
        .join('/')
        .replace(/^(?![./])/, './'),
    },
    clean(text),
  );
}

function card(title, attributes, ...children) {
  const id = `t-${title.toLowerCase().replace(/\W+/g, '-')}`;
  return make(
    'section',
    {...attributes, class: `card ${attributes.class ?? ''}`, 'aria-labelledby': id},
    make('h2', {id}, title),
    children,
  );
}

function table(caption, head, rows) {
  const cell = (content, heading) => {
    const [value, kind] =
      Array.isArray(content) && content.length === 2 && content[1] === 'number' ? content : [content, ''];
    return heading
      ? make('th', {scope: heading, class: kind || null}, value)
      : make('td', {class: kind || null}, value);
  };
  return make(
    'div',
    {class: 'scroll', role: 'group', 'aria-label': caption, tabindex: '0'},
    make(
      'table',
      {class: 'plain'},
      make('caption', {class: 'hidden'}, caption),
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          head.map(name => cell(name, 'col')),
        ),
      ),
      make(
        'tbody',
        {},
        rows.map(row =>
          make(
            'tr',
            {},
            row.map((content, column) => cell(content, column ? '' : 'row')),
          ),
        ),
      ),
    ),
  );
}

function pairs(entries) {
  return make(
    'dl',
    {class: 'pairs'},
    entries
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))),
  );
}

// A text that is filled in when it is first opened: thousands of lines cost nothing until then.
function unfolding(title, note, content, open = false) {
  const body = make('div', {class: 'body'});
  const fold = make(
    'details',
    {class: 'fold', open},
    make('summary', {}, make('span', {}, title), make('span', {class: 'muted small'}, note)),
    body,
  );
  const unfold = () => {
    if (!body.firstChild) body.append(content());
  };
  if (open) unfold();
  fold.addEventListener('toggle', unfold);
  fold.unfold = unfold;
  return fold;
}
