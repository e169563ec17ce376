// One architecture, built from the record that is embedded in the page when it is first looked at.

function readDetail(hash) {
  const block = document.getElementById(`d-${hash}`);
  return block?.classList.contains('lsqm-detail') ? JSON.parse(block.textContent) : null;
}

function detailView(detail, place) {
  const {result, architecture} = detail;
  const facts = result.emulator;
  const versions = Object.entries(result.versions ?? {}).sort();
  return [
    make(
      'nav',
      {class: 'trail', 'aria-label': 'Architectures'},
      make('a', {href: place.back, class: 'back'}, '← Architectures'),
      make(
        'span',
        {class: 'steps'},
        place.before ? make('a', {href: `#arch=${place.before}`, rel: 'prev'}, '‹ previous') : null,
        place.number ? make('span', {class: 'muted'}, `${place.number} of ${place.count}`) : null,
        place.after ? make('a', {href: `#arch=${place.after}`, rel: 'next'}, 'next ›') : null,
      ),
    ),
    make(
      'header',
      {class: 'detail-head'},
      make(
        'h1',
        {id: 'detail-title', tabindex: '-1'},
        clean(result.name ?? result.arch_hash),
        ' ',
        badge(result.status),
      ),
      architecture?.description ? make('p', {class: 'lead'}, clean(architecture.description)) : null,
      make(
        'p',
        {class: 'tags'},
        (result.services ?? []).map(service =>
          make('a', {class: 'tag', href: `#service=${encodeURIComponent(service)}`}, clean(service)),
        ),
        make('code', {class: 'muted'}, result.arch_hash),
        result.flaky ? make('span', {class: 'tag'}, 'flaky') : null,
        result.reused ? make('span', {class: 'tag'}, 'reused') : null,
      ),
    ),
    detail.shortened.length
      ? make(
          'p',
          {class: 'note'},
          `${detail.shortened.length} long ${detail.shortened.length === 1 ? 'text is' : 'texts are'} shortened here; `,
          fileLink(detail.links.record, 'the record'),
          ' has them whole.',
        )
      : null,
    make(
      'div',
      {class: 'grid'},
      causeSection(result),
      triesSection(result),
      make(
        'div',
        {class: 'stack'},
        card(
          'Run it again',
          {},
          make('p', {class: 'muted'}, 'This architecture alone, on this emulator:'),
          command(detail.rerun),
          make('p', {class: 'muted'}, 'A folder that shows it with nothing of this project installed:'),
          command(detail.repro),
        ),
        stagesSection(result),
      ),
      card(
        'Circumstances',
        {},
        pairs([
          ['Emulator', facts && `${clean(facts.name)} ${clean(facts.version)}`],
          ['Its Python', facts?.python && clean(facts.python)],
          [
            'Began',
            make('time', {datetime: result.started_at}, result.started_at.slice(0, 19).replace('T', ' '), ' UTC'),
          ],
          ['Reused from run', result.reused && make('code', {}, result.reused.run_id)],
          ['Tried before, and not judged', (result.set_aside ?? []).map(clean).join('; ')],
          ['Took', seconds(result.duration_seconds)],
          ['Resources made', result.terraform_apply?.resources_created],
          ...versions.map(([name, version]) => [clean(name), clean(version)]),
        ]),
      ),
      testsSection(result),
      operationsSection(result),
      driftSection(result),
      leftoversSection(result),
      sourcesSection(detail),
      appSection(detail),
      modificationsSection(result),
      logsSection(detail),
    ),
  ];
}
