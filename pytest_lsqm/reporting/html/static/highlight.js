// Colours for HCL, Python and JSON. A reader's aid and no parser: what it does not know stays as it is.
// No pattern can match one text in two ways, so that no file, however it is made, keeps it busy.

const LANGUAGES = {
  hcl: [
    ['comment', /#[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/],
    [
      'string',
      /<<-?(?<mark>[A-Za-z_]\w*)\n[^]*?(?:\n[ \t]*\k<mark>\b|$)|"(?:\\.|[^"\\\n$]|\$(?!\{)|\$\{[^}\n]*\})*"?/,
    ],
    [
      'keyword',
      /\b(?:resource|data|variable|output|module|provider|terraform|locals|for|in|if|else|moved|import|dynamic|content)\b(?!\s*[=.])/,
    ],
    ['value', /\b(?:true|false|null|\d+(?:\.\d+)?)\b/],
    ['name', /\b[A-Za-z_][\w-]*(?=\s*(?:=(?![=])|\())/],
    ['skip', /[A-Za-z_][\w-]*/],
  ],
  python: [
    ['comment', /#[^\n]*/],
    ['string', /[rRbBfFuU]{0,2}(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)/],
    [
      'keyword',
      /\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)\b/,
    ],
    ['value', /\b(?:True|False|None|\d[\d_]*(?:\.\d+)?)\b/],
    ['name', /@[\w.]+|\b[A-Za-z_]\w*(?=\()/],
    ['skip', /[A-Za-z_]\w*/],
  ],
  json: [
    ['name', /"(?:\\.|[^"\\\n])*"(?=\s*:)/],
    ['string', /"(?:\\.|[^"\\\n])*"?/],
    ['value', /\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?/],
  ],
};

const ENDINGS = {tf: 'hcl', tfvars: 'hcl', hcl: 'hcl', py: 'python', json: 'json', tpl: 'json'};

const LONGEST = 100000;

function highlight(text, path) {
  const shown = clean(text);
  const rules = LANGUAGES[ENDINGS[path.split('.').pop()]];
  const fragment = document.createDocumentFragment();
  if (!rules || shown.length > LONGEST) {
    fragment.append(shown);
    return fragment;
  }
  const every = new RegExp(rules.map(([kind, pattern]) => `(?<${kind}>${pattern.source})`).join('|'), 'g');
  let from = 0;
  for (const found of shown.matchAll(every)) {
    const [kind] = rules.find(([name]) => found.groups[name] !== undefined);
    if (kind === 'skip' || !found[0]) continue;
    fragment.append(shown.slice(from, found.index), make('span', {class: `h-${kind}`}, found[0]));
    from = found.index + found[0].length;
  }
  fragment.append(shown.slice(from));
  return fragment;
}

function code(text, path) {
  // Read in one go by a screen reader, scrolled by keys.
  return make(
    'pre',
    {class: 'code', tabindex: '0', role: 'group', 'aria-label': path},
    make('code', {}, highlight(text, path)),
  );
}
