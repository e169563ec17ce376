// The pass rate over the runs, drawn by uPlot; the table below it says the same to those who do not see it.

function passRateChart(points) {
  const place = document.getElementById('chart');
  if (!points.some(point => point.pass_rate !== null)) return;
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const numbers = points.map((_, number) => number);
  let chart = null;
  const redraw = () => {
    const width = Math.floor(place.clientWidth);
    if (!width) return;
    chart?.destroy();
    const last = points.length - 1;
    const every = Math.ceil(points.length / Math.max(Math.floor((width - 60) / 48), 1));
    const axis = {
      stroke: colour('--muted'),
      grid: {stroke: colour('--line'), width: 1},
      ticks: {show: false},
      font: '12px system-ui, sans-serif',
    };
    chart = new uPlot(
      {
        width,
        height: 190,
        legend: {show: false},
        padding: [12, 18, 0, 0],
        cursor: {y: false, points: {size: 9}},
        scales: {x: {time: false, range: [-0.3, Math.max(last, 1) + 0.3]}, y: {range: [0, 1]}},
        axes: [
          {
            ...axis,
            grid: {show: false},
            splits: () => numbers,
            values: (_, splits) => splits.map(number => ((last - number) % every ? '' : points[number].version)),
            space: 50,
            gap: 4,
            size: 26,
          },
          {
            ...axis,
            size: 48,
            splits: () => [0, 0.25, 0.5, 0.75, 1],
            values: (_, splits) => splits.map(rate => `${Math.round(100 * rate)} %`),
          },
        ],
        series: [
          {},
          {
            stroke: colour('--accent'),
            width: 2,
            fill: colour('--accent-soft'),
            spanGaps: true,
            points: {show: true, size: 7, fill: colour('--card'), stroke: colour('--accent'), width: 2},
          },
        ],
        hooks: {setCursor: [self => tell(self.cursor.idx)]},
      },
      [numbers, points.map(point => point.pass_rate)],
      place,
    );
    place.append(tip);
  };
  const tip = make('p', {class: 'tip muted small', 'aria-hidden': 'true'});
  const tell = index => {
    const point = points[index ?? points.length - 1];
    tip.textContent = `${point.started_at.slice(0, 16).replace('T', ' ')} · ${clean(point.version)} · ${point.passed} of ${point.judged} passed`;
  };
  tell(null);
  redraw();
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', redraw);
  new ResizeObserver(() => {
    if (chart && Math.floor(place.clientWidth) !== chart.width) redraw();
  }).observe(place);
}
