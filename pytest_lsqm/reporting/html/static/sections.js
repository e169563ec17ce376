// The parts of an architecture's view, each from its part of the record; null where the record has none.

function command(text) {
  const said = make('span', {role: 'status', class: 'muted small'});
  const button = make('button', {type: 'button'}, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = 'copied';
    } catch {
      getSelection().selectAllChildren(shown);
      said.textContent = 'selected: copy it with the keyboard';
    }
  });
  const shown = make('code', {}, clean(text));
  return make('div', {class: 'command'}, shown, button, said);
}

function stagesSection({stages, duration_seconds: whole}) {
  if (!(stages ?? []).length) return null;
  const total = Math.max(
    whole,
    stages.reduce((sum, stage) => sum + stage.seconds, 0),
  );
  let start = 0;
  return card(
    'Stages',
    {},
    table(
      'Stages with their times',
      ['stage', 'when', 'outcome', ['seconds', 'number']],
      stages.map(stage => {
        const bar = draw(
          'svg',
          {class: 'span', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
          draw('rect', {class: 'rest', width: 100, height: 6}),
          draw('rect', {
            class: `o-${stage.outcome}`,
            x: (100 * start) / total,
            width: Math.max((100 * stage.seconds) / total, 0.7),
            height: 6,
          }),
        );
        start += stage.seconds;
        return [clean(stage.name), bar, stage.outcome, [stage.seconds.toFixed(1), 'number']];
      }),
    ),
  );
}

function testsSection({pytest_results: results, terraform_tests: own}) {
  const tests = results?.tests ?? [];
  const rows = list =>
    list.map(test => [
      [
        make('code', {}, clean(test.name)),
        test.message
          ? unfolding(
              'message',
              '',
              () => make('pre', {class: 'log', tabindex: '0'}, clean(test.message)),
              list.length < 4,
            )
          : null,
      ],
      make('span', {class: `outcome o-${test.outcome}`}, test.outcome),
      [(test.seconds ?? 0).toFixed(2), 'number'],
    ]);
  if (!tests.length && !own) return null;
  return card(
    'Tests',
    {class: 'wide'},
    tests.length
      ? [
          make(
            'p',
            {class: 'muted'},
            `${results.passed} of ${results.total} passed${results.skipped ? `, ${results.skipped} skipped` : ''}`,
          ),
          table('Tests of the app', ['test', 'outcome', ['seconds', 'number']], rows(tests)),
        ]
      : null,
    own
      ? [
          make('h3', {}, `terraform test: ${own.passed} of ${own.total} passed`),
          own.problem ? make('p', {}, clean(own.problem)) : null,
          (own.tests ?? []).length
            ? table('Tests that the configuration brings', ['run', 'outcome', ['seconds', 'number']], rows(own.tests))
            : null,
        ]
      : null,
  );
}

function operationsSection({operations}) {
  const phases = Object.entries(operations ?? {}).filter(([, seen]) => Object.keys(seen).length);
  if (!phases.length) return null;
  const rows = phases.flatMap(([phase, seen]) =>
    Object.entries(seen)
      .sort()
      .map(([name, outcomes]) => [
        make('code', {}, clean(name)),
        phase,
        Object.entries(outcomes).map(([outcome, count]) =>
          make(
            'span',
            {class: `answer ${/^[23]/.test(outcome) ? 'fine' : /^4/.test(outcome) ? 'refused' : 'broken'}`},
            clean(outcome),
            make('span', {class: 'times'}, ` ×${count}`),
          ),
        ),
      ]),
  );
  return card(
    'Operations',
    {class: 'wide'},
    make('p', {class: 'muted'}, 'What was asked of the emulator in each phase, with how it answered.'),
    unfolding(
      plural(rows.length, 'operation'),
      '',
      () => table('Operations by phase', ['operation', 'phase', 'answers'], rows),
      rows.length <= 25,
    ),
  );
}

function driftSection({drift}) {
  if (!(drift ?? []).length) return null;
  const value = text =>
    text === undefined ? make('span', {class: 'muted'}, 'absent') : make('code', {}, clean(readable(text)));
  return card(
    'Drift',
    {class: 'wide drift'},
    make(
      'p',
      {class: 'muted'},
      'What a second plan would change right after the apply: taken by the emulator, and not kept.',
    ),
    table(
      'Drift',
      ['resource', 'attribute', 'in the state', 'planned'],
      drift.flatMap(each =>
        (each.changes?.length ? each.changes : [{attribute: each.actions.join(', ')}]).map(change => [
          make('code', {}, clean(each.address)),
          make('code', {}, clean(change.attribute)),
          value(change.before),
          value(change.after),
        ]),
      ),
    ),
  );
}

function leftoversSection({cleaning}) {
  if (!(cleaning?.leftovers ?? []).length) return null;
  return card(
    'Left in the account',
    {class: 'wide'},
    make('p', {class: 'muted'}, 'What was still there when all was destroyed.'),
    table(
      'Leftovers',
      ['service', 'kind', 'id', 'region', 'removed'],
      cleaning.leftovers.map(each => [
        clean(each.service),
        clean(each.kind),
        make('code', {}, clean(each.id)),
        clean(each.region),
        each.removed ? 'yes' : clean(each.answer ?? 'no'),
      ]),
    ),
  );
}

function sourcesSection(detail) {
  const {sources, architecture, links} = detail;
  return card(
    'Terraform',
    {class: 'wide'},
    detail.missing ? make('p', {}, clean(detail.missing)) : null,
    sources.map((file, place) =>
      unfolding(make('code', {}, clean(file.path)), lines(file.text), () => code(file.text, file.path), place === 0),
    ),
    detail.more_sources ? make('p', {class: 'muted'}, `and ${detail.more_sources} more files`) : null,
    architecture
      ? make(
          'p',
          {class: 'muted small'},
          fileLink(links.terraform, 'all files'),
          ` · ${plural(architecture.resource_count, 'resource')}`,
          architecture.license ? ` · ${clean(architecture.license)}` : '',
          ' · ',
          link(architecture.source_url),
        )
      : null,
  );
}

function appSection({app, app_problem: problem, links}) {
  if (!app) return problem ? card('App', {class: 'wide'}, make('p', {}, clean(problem))) : null;
  return card(
    'App',
    {class: 'wide'},
    make(
      'p',
      {class: 'muted'},
      `Its own pytest app, ${app.model_used === 'hand-written' ? '' : 'by '}${clean(app.model_used)}`,
      app.gate ? `; the gate ${app.gate.passed ? 'passed it' : 'refused it'} on ${clean(app.gate.emulator)}` : '',
      '.',
    ),
    Object.entries(app.files)
      .filter(([, text]) => text.trim())
      .map(([name, text]) => unfolding(make('code', {}, clean(name)), lines(text), () => code(text, name))),
    make('p', {class: 'muted small'}, fileLink(links.app, 'all files')),
  );
}

function modificationsSection({modifications}) {
  if (!(modifications ?? []).length) return null;
  return card(
    'Added so that it can run',
    {class: 'wide'},
    make('p', {class: 'muted'}, 'Override files; the configuration itself is as it was.'),
    unfolding(plural(modifications.length, 'addition'), '', () =>
      table(
        'Additions',
        ['subject', 'arguments', 'reason', 'file'],
        modifications.map(each => [
          make('code', {}, clean(each.subject)),
          clean((each.arguments ?? []).join(', ')),
          clean(each.reason),
          make('code', {}, clean(each.file)),
        ]),
      ),
    ),
  );
}

function logsSection({result, links}) {
  const logs = [
    ['terraform apply', result.terraform_apply?.logs],
    [
      'terraform output',
      Object.keys(result.terraform_apply?.outputs ?? {}).length
        ? JSON.stringify(result.terraform_apply.outputs, null, 2)
        : '',
    ],
    ['pytest', result.pytest_results?.output],
    ['terraform destroy', result.terraform_destroy?.logs],
    ['emulator log', result.container_logs],
  ].filter(([, text]) => text);
  return card(
    'Logs',
    {class: 'wide'},
    logs.length ? null : make('p', {}, 'The record has none.'),
    logs.map(([name, text]) =>
      unfolding(name, lines(clean(text)), () =>
        make('pre', {class: 'log', tabindex: '0', role: 'group', 'aria-label': name}, clean(text)),
      ),
    ),
    make('p', {class: 'muted small'}, fileLink(links.record, 'the whole record'), ' (JSON)'),
  );
}
