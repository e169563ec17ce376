// Why an architecture did not pass, with its proof, and what came of it when it was tried again.

const WHY = {
  emulator_gap: 'The emulator does not have this operation, or not in this edition.',
  emulator_defect: 'The emulator answered wrongly.',
  architecture: 'Terraform refuses the configuration before anything is asked of the emulator.',
  tooling: 'A version of Terraform, a provider or an SDK does not fit.',
  environment: 'This machine, its engine or its network, not the emulator.',
  app: 'The tests themselves.',
  timeout: 'The time ran out.',
  unknown: 'Nothing proves whose fault it is.',
};

function causeSection({cause, status, error_message: message}) {
  if (status === 'PASSED' && !cause) return null;
  if (!cause)
    return card('Why', {class: 'why'}, make('p', {class: 'said'}, clean(message ?? 'The record does not say.')));
  return card(
    'Why',
    {class: 'why'},
    make('p', {class: 'kind'}, make('strong', {}, words(cause.kind)), ` ${WHY[cause.kind] ?? ''}`),
    pairs([
      ['Operation', cause.operation && make('code', {}, clean(cause.operation))],
      ['Resource', cause.resource && make('code', {}, clean(cause.resource))],
      ['Stage', cause.stage && clean(cause.stage)],
    ]),
    message ? make('p', {class: 'said'}, clean(message)) : null,
    cause.error && cause.error !== message
      ? unfolding('The whole error', lines(cause.error), () =>
          make('pre', {class: 'log', tabindex: '0'}, clean(cause.error)),
        )
      : null,
    (cause.proof ?? []).length
      ? [
          make('h3', {}, 'Proof'),
          make(
            'ul',
            {class: 'proof'},
            cause.proof.map(line => make('li', {}, make('code', {}, clean(line)))),
          ),
        ]
      : null,
  );
}

function triesSection({attempts, flaky}) {
  if ((attempts ?? []).length < 2) return null;
  return card(
    'Tries',
    {class: 'wide'},
    flaky
      ? make('p', {class: 'muted'}, 'It failed, and passed on a fresh emulator: flaky, and no regression.')
      : null,
    table(
      'Tries, the later ones each on a fresh emulator',
      ['try', 'status', 'what was said', ['seconds', 'number']],
      attempts.map((each, place) => [
        String(place + 1),
        badge(each.status),
        clean(each.error_message ?? ''),
        [each.duration_seconds.toFixed(1), 'number'],
      ]),
    ),
  );
}
